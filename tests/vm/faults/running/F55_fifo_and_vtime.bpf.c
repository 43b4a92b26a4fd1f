/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F55 - one queue is used first in first out and by virtual time at once
 * stops: rules SRC049
 */
/* attached: runtime error: DSQ ID */
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
	if (enq_flags & SCX_FLAG(enq_flags, SCX_ENQ_WAKEUP))
		queue_insert(p, WAITING, SLICE, enq_flags);
	else
		queue_insert_ordered(p, WAITING, SLICE, p->scx.dsq_vtime, enq_flags);
}

void SCHEDTUI_OP(dispatch, s32 cpu __unused, struct task_struct *prev __unused)
{
	queue_take(WAITING);
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	return scx_bpf_create_dsq(WAITING, -1);
}

SCHEDTUI_OPS(fifo_and_vtime, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue),
	     .dispatch = OP(dispatch), .init = OP(init));
