/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F51 - a pinned task is sent to a CPU where it may not run
 * stops: battery TRL006, TRL007
 */
/* attached: runtime error: target CPU */
#include "schedtui.h"

#define SLICE (5ULL * NSEC_PER_MSEC)

/* Every task passes through enqueue. */
s32 SCHEDTUI_OP(select_cpu, struct task_struct *p __unused, s32 prev_cpu, u64 wake_flags __unused)
{
	return prev_cpu;
}

/* The next CPU is right for most tasks, and wrong for each that may use only one. */
void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 next = ((u32)scx_bpf_task_cpu(p) + 1) % nr_cpus;

	queue_insert(p, SCX_DSQ_LOCAL_ON | next, SLICE, enq_flags);
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	learn_machine();
	return 0;
}

SCHEDTUI_OPS(local_on_elsewhere, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue),
	     .init = OP(init));
