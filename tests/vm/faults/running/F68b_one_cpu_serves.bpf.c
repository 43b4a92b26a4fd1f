/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F68b - only CPU 0 takes tasks out of the queue
 * stops: battery TRL006, TRL021, TRL032
 */
/* attached: stays */
#include "schedtui.h"

#define WAITING 0ULL
#define SLICE (5ULL * NSEC_PER_MSEC)

/* Every task passes through enqueue. */
s32 SCHEDTUI_OP(select_cpu, struct task_struct *p __unused, s32 prev_cpu, u64 wake_flags __unused)
{
	return prev_cpu;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	if (is_pinned(p))
		queue_insert(p, SCX_DSQ_LOCAL, SLICE, enq_flags);
	else
		queue_insert(p, WAITING, SLICE, enq_flags);
}

void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev __unused)
{
	if (!cpu)
		queue_take(WAITING);
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	return scx_bpf_create_dsq(WAITING, -1);
}

SCHEDTUI_OPS(one_cpu_serves, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue),
	     .dispatch = OP(dispatch), .init = OP(init));
