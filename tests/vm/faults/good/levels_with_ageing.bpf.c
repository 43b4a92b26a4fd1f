/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * levels_with_ageing: three levels of nice values, each worth a head start in time.
 *
 * Idea. Strict levels starve the lowest. Here a level is a head start: a task of the next level
 * goes first only until the other has waited that much longer, so every wait is bounded.
 */
#include <schedtui.h>

const volatile u64 slice_us = 5000;
/* Head start of each level over the next, in milliseconds. */
const volatile u64 level_ms = 100;

#define WAITING 0ULL

static __always_inline u64 level_of(const struct task_struct *p)
{
	if (p->scx.weight > 2 * SCX_WEIGHT_DEFAULT)
		return 0;
	return p->scx.weight >= SCX_WEIGHT_DEFAULT / 2 ? 1 : 2;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 key = now_ns() + level_of(p) * level_ms * NSEC_PER_MSEC;

	queue_insert_ordered(p, WAITING, slice_us * NSEC_PER_USEC, key, enq_flags);
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

SCHEDTUI_OPS(levels_with_ageing, .enqueue = OP(enqueue), .dispatch = OP(dispatch),
	     .init = OP(init));
