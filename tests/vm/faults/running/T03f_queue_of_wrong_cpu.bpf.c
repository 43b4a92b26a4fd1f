/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T03f - each CPU serves its own queue, and tasks are handed to the next CPU without
 *   regard to affinity
 * stops: battery TRL006, TRL010
 */
/* attached: runnable task stall */
#include "schedtui.h"

#define SLICE (5ULL * NSEC_PER_MSEC)

#define CPUS_MAX 64U

/* Every task passes through enqueue. */
s32 SCHEDTUI_OP(select_cpu, struct task_struct *p __unused, s32 prev_cpu, u64 wake_flags __unused)
{
	return prev_cpu;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, (u32)(scx_bpf_task_cpu(p) + 1) % nr_cpus, SLICE, enq_flags);
}

void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev __unused)
{
	queue_take(cpu);
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	s32 error = 0;

	learn_machine();
	for (u32 cpu = 0; cpu < CPUS_MAX && cpu < nr_cpus && !error; cpu++)
		error = scx_bpf_create_dsq(cpu, -1);
	return error;
}

SCHEDTUI_OPS(queue_of_wrong_cpu, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue),
	     .dispatch = OP(dispatch), .init = OP(init));
