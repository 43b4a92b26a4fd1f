/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F64a - tasks are dropped once four seconds have passed
 * stops: rules SRC031
 */
/* attached: runnable task stall */
#include "schedtui.h"

#define SLICE (5ULL * NSEC_PER_MSEC)

static u64 started;

/* Every task passes through enqueue. */
s32 SCHEDTUI_OP(select_cpu, struct task_struct *p __unused, s32 prev_cpu, u64 wake_flags __unused)
{
	return prev_cpu;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	if (now_ns() - started > 4 * NSEC_PER_SEC)
		return;
	queue_insert(p, SCX_DSQ_GLOBAL, SLICE, enq_flags);
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	started = now_ns();
	return 0;
}

SCHEDTUI_OPS(time_bomb, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue), .init = OP(init));
