/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F74 - a task that is about to run is put back by a slice of nothing
 * stops: battery TRL006, TRL010
 */
/* attached: runnable task stall */
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
	queue_insert(p, WAITING, SLICE, enq_flags);
}

void SCHEDTUI_OP(dispatch, s32 cpu __unused, struct task_struct *prev __unused)
{
	queue_take(WAITING);
}

void SCHEDTUI_OP(running, struct task_struct *p)
{
	p->scx.slice = 0;
	scx_bpf_kick_cpu(scx_bpf_task_cpu(p), SCX_FLAG(kick_flags, SCX_KICK_PREEMPT));
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	return scx_bpf_create_dsq(WAITING, -1);
}

SCHEDTUI_OPS(requeue_for_ever, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue),
	     .dispatch = OP(dispatch), .running = OP(running), .init = OP(init));
