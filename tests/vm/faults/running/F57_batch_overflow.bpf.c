/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F57 - dispatch inserts twice where the batch has room for one
 * stops: rules SRC023
 */
/* attached: runtime error: dispatch buffer overflow */
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

void SCHEDTUI_OP(dispatch, s32 cpu __unused, struct task_struct *prev)
{
	queue_take(WAITING);
	if (prev) {
		queue_insert(prev, SCX_DSQ_LOCAL, SLICE, 0);
		queue_insert(prev, SCX_DSQ_LOCAL, SLICE, 0);
	}
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	return scx_bpf_create_dsq(WAITING, -1);
}

SCHEDTUI_OPS(batch_overflow, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue),
	     .dispatch = OP(dispatch), .init = OP(init), .dispatch_max_batch = 1);
