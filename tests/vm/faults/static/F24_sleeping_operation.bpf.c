/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F24 - declares that an operation may sleep that the kernel calls with a lock held
 * stops: rules SRC038
 * object: accepts
 * kernel: KRN017
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

void SCHEDTUI_SLEEPABLE_OP(tick, struct task_struct *p)
{
	p->scx.slice = 0;
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue), .tick = OP(tick));
