/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * named_classes: three named programs go before the rest for up to a fifth of a second.
 *
 * Idea. A person lists the programs that matter. Their names only move the place in the order, by
 * a bounded head start; no name decides whether a task is queued.
 */
#include <schedtui.h>

const volatile u64 slice_us = 5000;
const volatile u64 head_start_ms = 200;
const volatile struct name_weight favourites[4] = {};

#define WAITING 0ULL

static __always_inline bool is_favourite(struct task_struct *p)
{
	const u64 *comm = (const u64 *)&p->comm[0];

	for (u32 i = 0; i < ARRAY_SIZE(favourites); i++) {
		const volatile u64 *name = (const volatile u64 *)favourites[i].name;

		if (name[0] && comm[0] == name[0] && comm[1] == name[1])
			return true;
	}
	return false;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 key = now_ns();

	if (!is_favourite(p))
		key += head_start_ms * NSEC_PER_MSEC;
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

SCHEDTUI_OPS(named_classes, .enqueue = OP(enqueue), .dispatch = OP(dispatch), .init = OP(init));
