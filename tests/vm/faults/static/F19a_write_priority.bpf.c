/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F19a - writes the priority of a task
 * stops: rules SRC060
 * object: accepts
 * kernel: KRN007
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	p->prio = 100;
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
