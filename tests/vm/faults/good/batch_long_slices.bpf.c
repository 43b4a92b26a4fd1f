/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * batch_long_slices: few switches for compute jobs, as long as not too many wait.
 *
 * Idea. Half a slice of 40 ms is a warm cache well used. The more tasks wait, the shorter the
 * slice, so that a round never takes longer than the header's bound.
 */
#include <schedtui.h>

const volatile u64 slice_us = 40000;

#define WAITING 0ULL

s32 SCHEDTUI_OP(select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return select_idle_cpu(p, prev_cpu, wake_flags, slice_us * NSEC_PER_USEC);
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	if (insert_urgent(p, NSEC_PER_MSEC, enq_flags))
		return;
	queue_insert(p, WAITING, slice_us * NSEC_PER_USEC, enq_flags);
	kick_idle_cpu(p);
}

void SCHEDTUI_OP(dispatch, s32 cpu __unused, struct task_struct *prev __unused)
{
	queue_take(WAITING);
}

/* The length of a turn is decided when it begins: by then it is known who waits. */
void SCHEDTUI_OP(running, struct task_struct *p)
{
	p->scx.slice = slice_within_round(p->scx.slice, WAITING);
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	learn_machine();
	return scx_bpf_create_dsq(WAITING, -1);
}

SCHEDTUI_OPS(batch_long_slices, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue),
	     .dispatch = OP(dispatch), .running = OP(running), .init = OP(init));
