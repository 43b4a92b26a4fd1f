/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * tick_preemption: long slices that end early when somebody else waits.
 *
 * Idea. A slice is long, so a lone task is never disturbed. At each tick the running task looks
 * whether anybody waits; after its fair turn it gives the rest of its slice back.
 */
#include <schedtui.h>

const volatile u64 slice_us = 50000;
/* What a task may use while others wait, in microseconds. */
const volatile u64 turn_us = 5000;

#define WAITING 0ULL

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, WAITING, slice_us * NSEC_PER_USEC, enq_flags);
	kick_idle_cpu(p);
}

void SCHEDTUI_OP(dispatch, s32 cpu __unused, struct task_struct *prev __unused)
{
	queue_take(WAITING);
}

void SCHEDTUI_OP(tick, struct task_struct *p)
{
	u64 slice = slice_us * NSEC_PER_USEC;
	u64 used = slice - MIN(p->scx.slice, slice);

	if (used >= turn_us * NSEC_PER_USEC && scx_bpf_dsq_nr_queued(WAITING) > 0)
		p->scx.slice = 0;
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	return scx_bpf_create_dsq(WAITING, -1);
}

SCHEDTUI_OPS(tick_preemption, .enqueue = OP(enqueue), .dispatch = OP(dispatch), .tick = OP(tick),
	     .init = OP(init));
