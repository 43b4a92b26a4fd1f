/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * weighted_vtime: weighted fair queueing in its simplest form.
 *
 * Idea. Each task's clock runs while it runs, slower for heavier tasks; the clock furthest behind
 * goes next. A sleeper may fall behind by one slice only, so it cannot save up CPU time.
 */
#include <schedtui.h>

const volatile u64 slice_us = 4000;

#define WAITING 0ULL

static u64 vtime_now;

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 slice = slice_us * NSEC_PER_USEC;
	u64 vtime = p->scx.dsq_vtime;

	if (before(vtime, vtime_now - slice))
		vtime = vtime_now - slice;
	queue_insert_ordered(p, WAITING, slice, vtime, enq_flags);
	kick_idle_cpu(p);
}

void SCHEDTUI_OP(dispatch, s32 cpu __unused, struct task_struct *prev __unused)
{
	queue_take(WAITING);
}

void SCHEDTUI_OP(running, struct task_struct *p)
{
	if (before(vtime_now, p->scx.dsq_vtime))
		vtime_now = p->scx.dsq_vtime;
}

void SCHEDTUI_OP(stopping, struct task_struct *p, bool runnable __unused)
{
	u64 slice = slice_us * NSEC_PER_USEC;
	u64 used = slice - MIN(p->scx.slice, slice);

	p->scx.dsq_vtime += used * SCX_WEIGHT_DEFAULT / MAX(p->scx.weight, 1U);
}

void SCHEDTUI_OP(enable, struct task_struct *p)
{
	p->scx.dsq_vtime = vtime_now;
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	return scx_bpf_create_dsq(WAITING, -1);
}

SCHEDTUI_OPS(weighted_vtime, .enqueue = OP(enqueue), .dispatch = OP(dispatch),
	     .running = OP(running), .stopping = OP(stopping), .enable = OP(enable),
	     .init = OP(init));
