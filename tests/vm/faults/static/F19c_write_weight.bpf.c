/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F19c - gives a task another weight
 * stops: rules SRC060
 * object: accepts
 * kernel: KRN007
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	p->scx.weight = 10000;
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
