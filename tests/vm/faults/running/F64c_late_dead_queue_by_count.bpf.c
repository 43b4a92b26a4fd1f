/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F64c - after a number of enqueues tasks go into a queue that nobody serves
 * stops: rules SRC046
 */
/* attached: runnable task stall */
#include "schedtui.h"

#define WAITING 0ULL
#define DEAD 1ULL
#define SLICE (5ULL * NSEC_PER_MSEC)

static u64 queued;

/* Every task passes through enqueue. */
s32 SCHEDTUI_OP(select_cpu, struct task_struct *p __unused, s32 prev_cpu, u64 wake_flags __unused)
{
	return prev_cpu;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, ++queued > 300 ? DEAD : WAITING, SLICE, enq_flags);
}

void SCHEDTUI_OP(dispatch, s32 cpu __unused, struct task_struct *prev __unused)
{
	queue_take(WAITING);
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	s32 error = scx_bpf_create_dsq(WAITING, -1);

	return error ? error : scx_bpf_create_dsq(DEAD, -1);
}

SCHEDTUI_OPS(late_dead_queue_by_count, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue),
	     .dispatch = OP(dispatch), .init = OP(init));
