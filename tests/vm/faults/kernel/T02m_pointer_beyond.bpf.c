/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T02m - walks from one member of a task to what lies behind the task
 * stops: kernel KRN001, KRN003, KRN020
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	const u64 *words = (const u64 *)p;

	enq_flags ^= words[100000] & 0x1000;
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
