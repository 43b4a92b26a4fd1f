/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F64d - slices double every half second until they last for hours
 * stops: battery TRL006, TRL010, TRL016
 */
/* attached: runnable task stall */
#include "schedtui.h"

#define WAITING 0ULL
#define SLICE (5ULL * NSEC_PER_MSEC)

static u64 started;

/* Every task passes through enqueue. */
s32 SCHEDTUI_OP(select_cpu, struct task_struct *p __unused, s32 prev_cpu, u64 wake_flags __unused)
{
	return prev_cpu;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 halves = (now_ns() - started) / (500 * NSEC_PER_MSEC);

	queue_insert(p, WAITING, SLICE << MIN(halves, 20ULL), enq_flags);
}

void SCHEDTUI_OP(dispatch, s32 cpu __unused, struct task_struct *prev __unused)
{
	queue_take(WAITING);
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	started = now_ns();
	return scx_bpf_create_dsq(WAITING, -1);
}

SCHEDTUI_OPS(slices_grow, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue),
	     .dispatch = OP(dispatch), .init = OP(init));
