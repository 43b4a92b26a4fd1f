/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T20h - gives a function of the header another meaning
 * stops: rules SRC011
 */
#include <schedtui.h>

#define queue_insert(p, queue, slice, flags) ((void)(p), (void)(flags))

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
