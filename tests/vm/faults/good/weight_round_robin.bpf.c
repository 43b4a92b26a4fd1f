/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * weight_round_robin: everybody in turn, heavier tasks for longer.
 *
 * Idea. The order never depends on weight, so the wait is the sum of the slices before; only the
 * length of a turn does. Deficits are not needed, because a slice is granted whole.
 */
#include <schedtui.h>

/* Slice of a task of default weight, in microseconds. */
const volatile u64 slice_us = 3000;

#define WAITING 0ULL
#define LONGEST_NS (20ULL * NSEC_PER_MSEC)

static __always_inline u64 slice_of(const struct task_struct *p)
{
	u64 slice = slice_us * NSEC_PER_USEC * p->scx.weight / SCX_WEIGHT_DEFAULT;

	return MAX(MIN(slice, LONGEST_NS), SLICE_FLOOR_NS);
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, WAITING, slice_within_round(slice_of(p), WAITING), enq_flags);
	kick_idle_cpu(p);
}

void SCHEDTUI_OP(dispatch, s32 cpu __unused, struct task_struct *prev __unused)
{
	queue_take(WAITING);
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	learn_machine();
	return scx_bpf_create_dsq(WAITING, -1);
}

SCHEDTUI_OPS(weight_round_robin, .enqueue = OP(enqueue), .dispatch = OP(dispatch),
	     .init = OP(init));
