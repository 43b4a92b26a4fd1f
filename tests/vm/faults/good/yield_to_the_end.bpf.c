/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * yield_to_the_end: a task that yields goes behind everybody who waits now.
 *
 * Idea. Programs that spin with sched_yield mean it: they wait for another task. Their slice ends
 * and their next place in the order is one round later, but never more than that.
 */
#include <schedtui.h>

const volatile u64 slice_us = 4000;
const volatile u64 yield_ms = 4;

#define WAITING 0ULL

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 now = now_ns();
	u64 latest = now + yield_ms * NSEC_PER_MSEC;
	u64 key = before(now, p->scx.dsq_vtime) ? p->scx.dsq_vtime : now;

	queue_insert_ordered(p, WAITING, slice_us * NSEC_PER_USEC, MIN(key, latest), enq_flags);
	kick_idle_cpu(p);
}

void SCHEDTUI_OP(dispatch, s32 cpu __unused, struct task_struct *prev __unused)
{
	queue_take(WAITING);
}

bool SCHEDTUI_OP(yield, struct task_struct *from, struct task_struct *to)
{
	if (to)
		return false;
	from->scx.dsq_vtime = now_ns() + yield_ms * NSEC_PER_MSEC;
	from->scx.slice = 0;
	return true;
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	return scx_bpf_create_dsq(WAITING, -1);
}

SCHEDTUI_OPS(yield_to_the_end, .enqueue = OP(enqueue), .dispatch = OP(dispatch), .yield = OP(yield),
	     .init = OP(init));
