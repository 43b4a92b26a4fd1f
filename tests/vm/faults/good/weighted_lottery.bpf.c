/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * weighted_lottery: heavier tasks hold more tickets (Waldspurger and Weihl, OSDI '94).
 *
 * Idea. Instead of drawing among all waiting tasks, each draws its own place when it asks: a random
 * part of a span that is shorter for heavier tasks. Shares hold in the mean, nobody can plan
 * against it, and no place is later than four spans.
 */
#include <schedtui.h>

const volatile u64 slice_us = 4000;
const volatile u64 span_ms = 50;

#define WAITING 0ULL

static __always_inline u64 drawn_span(const struct task_struct *p)
{
	u64 longest = span_ms * NSEC_PER_MSEC;
	u64 span = longest * SCX_WEIGHT_DEFAULT / MAX(p->scx.weight, 1U);

	return MIN(span, 4 * longest) / 1024 * (bpf_get_prandom_u32() % 1024);
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert_ordered(p, WAITING, slice_us * NSEC_PER_USEC, now_ns() + drawn_span(p),
			     enq_flags);
	kick_idle_cpu(p);
}

void SCHEDTUI_OP(dispatch, s32 cpu __unused, struct task_struct *prev __unused)
{
	queue_take(WAITING);
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	return scx_bpf_create_dsq(WAITING, -1);
}

SCHEDTUI_OPS(weighted_lottery, .enqueue = OP(enqueue), .dispatch = OP(dispatch), .init = OP(init));
