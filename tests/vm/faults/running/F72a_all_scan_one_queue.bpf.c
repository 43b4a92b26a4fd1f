/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F72a - every CPU looks through the one queue again and again, whoever its tasks are bound to
 * stops: battery TRL006, TRL016, TRL018, TRL021
 */
/* The kernel walks past all tasks that may not run on a CPU, with the queue locked. */
/* attached: stays */
/* battery: full */
#include "schedtui.h"

#define WAITING 0ULL
#define SLICE (100ULL * NSEC_PER_USEC)

/* Every task passes through enqueue. */
s32 SCHEDTUI_OP(select_cpu, struct task_struct *p __unused, s32 prev_cpu, u64 wake_flags __unused)
{
	return prev_cpu;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, WAITING, SLICE, enq_flags);
	for (u32 cpu = 0; cpu < 8 && cpu < nr_cpus; cpu++)
		scx_bpf_kick_cpu(cpu, 0);
}

void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev __unused)
{
	if (!queue_take(WAITING))
		scx_bpf_kick_cpu(cpu, 0);
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	learn_machine();
	return scx_bpf_create_dsq(WAITING, -1);
}

SCHEDTUI_OPS(all_scan_one_queue, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue),
	     .dispatch = OP(dispatch), .init = OP(init));
