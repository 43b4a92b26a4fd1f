/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * warm_cpu: a task returns to the CPU it ran on when that one is idle, else to any idle one.
 *
 * Idea. Searching the best idle CPU costs more than it brings for short tasks. The previous CPU is
 * asked first and directly; only then any idle one that the task may use.
 */
#include <schedtui.h>

const volatile u64 slice_us = 5000;

#define WAITING 0ULL

s32 SCHEDTUI_OP(select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags __unused)
{
	s32 cpu = prev_cpu;
	bool allowed = bpf_cpumask_test_cpu(prev_cpu, p->cpus_ptr);

	if (!allowed || !scx_bpf_test_and_clear_cpu_idle(prev_cpu))
		cpu = scx_bpf_pick_idle_cpu(p->cpus_ptr, 0);
	if (cpu < 0)
		return prev_cpu;
	queue_insert(p, SCX_DSQ_LOCAL, slice_us * NSEC_PER_USEC, 0);
	return cpu;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, WAITING, slice_us * NSEC_PER_USEC, enq_flags);
	kick_idle_cpu(p);
}

void SCHEDTUI_OP(dispatch, s32 cpu __unused, struct task_struct *prev __unused)
{
	queue_take(WAITING);
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	return scx_bpf_create_dsq(WAITING, -1);
}

SCHEDTUI_OPS(warm_cpu, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue),
	     .dispatch = OP(dispatch), .init = OP(init));
