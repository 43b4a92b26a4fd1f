/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F52c - the queue is destroyed while it is in use
 * stops: rules SRC009
 */
/* attached: runtime error: dsq */
#include "schedtui.h"

#define WAITING 0ULL
#define SLICE (5ULL * NSEC_PER_MSEC)

extern void scx_bpf_destroy_dsq(u64 dsq_id) __ksym;

static u32 queued;

/* Every task passes through enqueue. */
s32 SCHEDTUI_OP(select_cpu, struct task_struct *p __unused, s32 prev_cpu, u64 wake_flags __unused)
{
	return prev_cpu;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	if (++queued == 100)
		scx_bpf_destroy_dsq(WAITING);
	queue_insert(p, WAITING, SLICE, enq_flags);
}

void SCHEDTUI_OP(dispatch, s32 cpu __unused, struct task_struct *prev __unused)
{
	queue_take(WAITING);
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	return scx_bpf_create_dsq(WAITING, -1);
}

SCHEDTUI_OPS(queue_destroyed, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue),
	     .dispatch = OP(dispatch), .init = OP(init));
