/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * global_fifo: one line for all CPUs, first come first served.
 *
 * Idea. The kernel's own global queue is served by every CPU without any code of ours. With equal
 * slices nobody waits longer than everybody else's slice.
 */
#include <schedtui.h>

const volatile u64 slice_us = 5000;

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, slice_us * NSEC_PER_USEC, enq_flags);
}

SCHEDTUI_OPS(global_fifo, .enqueue = OP(enqueue));
