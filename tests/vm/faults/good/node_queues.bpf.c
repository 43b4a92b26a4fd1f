/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * node_queues: a queue for each memory node, and the others' before idling.
 *
 * Idea. Tasks stay near the memory and the last-level cache they used, without a queue per CPU.
 * A node that runs empty takes from the others, so no task waits while a CPU idles.
 */
#include <schedtui.h>

const volatile u64 slice_us = 8000;

#define WAITING 0ULL

s32 SCHEDTUI_OP(select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return select_idle_cpu(p, prev_cpu, wake_flags, slice_us * NSEC_PER_USEC);
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 queue = WAITING + node_of(scx_bpf_task_cpu(p));

	if (insert_urgent(p, slice_us * NSEC_PER_USEC, enq_flags))
		return;
	queue_insert(p, queue, slice_within_round(slice_us * NSEC_PER_USEC, queue), enq_flags);
	kick_idle_cpu(p);
}

void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev __unused)
{
	take_from_nodes(WAITING, cpu);
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	learn_machine();
	return create_node_queues(WAITING);
}

SCHEDTUI_OPS(node_queues, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue),
	     .dispatch = OP(dispatch), .init = OP(init));
