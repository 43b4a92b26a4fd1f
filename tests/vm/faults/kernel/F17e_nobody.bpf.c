/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F17e - inserts nobody
 * stops: kernel KRN002, KRN018
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(NULL, SCX_DSQ_GLOBAL, NSEC_PER_MSEC, 0);
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
