/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * per_cpu_queues: a queue for each CPU, and a look at the neighbours before idling.
 *
 * Idea. A task waits where its cache is warm, and no lock is shared by all. A CPU without work of
 * its own looks through the other queues, starting behind itself, so that no queue is forgotten
 * and no two idle CPUs begin at the same place.
 */
#include <schedtui.h>

const volatile u64 slice_us = 5000;

#define QUEUES_MAX 64U

static __always_inline u64 queue_of(s32 cpu)
{
	return (u32)cpu % QUEUES_MAX;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 queue = queue_of(scx_bpf_task_cpu(p));

	queue_insert(p, queue, slice_within_round(slice_us * NSEC_PER_USEC, queue), enq_flags);
	kick_idle_cpu(p);
}

void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev __unused)
{
	if (queue_take(queue_of(cpu)))
		return;
	for (u32 i = 1; i < QUEUES_MAX && i < nr_cpus; i++)
		if (queue_take(((u32)cpu + i) % MIN(nr_cpus, QUEUES_MAX)))
			return;
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	learn_machine();
	for (u32 i = 0; i < QUEUES_MAX && i < nr_cpus; i++) {
		s32 error = scx_bpf_create_dsq(i, -1);

		if (error)
			return error;
	}
	return 0;
}

SCHEDTUI_OPS(per_cpu_queues, .enqueue = OP(enqueue), .dispatch = OP(dispatch), .init = OP(init));
