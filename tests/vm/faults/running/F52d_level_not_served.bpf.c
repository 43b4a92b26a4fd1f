/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F52d - tasks are spread over four queues, and dispatch serves three of them
 * stops: rules SRC046
 */
/* attached: runnable task stall */
#include "schedtui.h"

#define LEVELS 4U
#define SLICE (5ULL * NSEC_PER_MSEC)

/* Every task passes through enqueue. */
s32 SCHEDTUI_OP(select_cpu, struct task_struct *p __unused, s32 prev_cpu, u64 wake_flags __unused)
{
	return prev_cpu;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, (u32)(p->nvcsw % LEVELS), SLICE, enq_flags);
}

void SCHEDTUI_OP(dispatch, s32 cpu __unused, struct task_struct *prev __unused)
{
	for (u32 level = 0; level < LEVELS - 1; level++)
		if (queue_take(level))
			return;
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	s32 error = 0;

	for (u32 level = 0; level < LEVELS && !error; level++)
		error = scx_bpf_create_dsq(level, -1);
	return error;
}

SCHEDTUI_OPS(level_not_served, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue),
	     .dispatch = OP(dispatch), .init = OP(init));
