/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T03a - tasks of low weight run only when nobody else wants to
 * stops: battery TRL006, TRL016, TRL018, TRL019
 */
/* attached: stays */
/* battery: full */
#include "schedtui.h"

#define WAITING 0ULL
#define LIGHT 1ULL
#define SLICE (5ULL * NSEC_PER_MSEC)

/* Every task passes through enqueue. */
s32 SCHEDTUI_OP(select_cpu, struct task_struct *p __unused, s32 prev_cpu, u64 wake_flags __unused)
{
	return prev_cpu;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, p->scx.weight < 50 ? LIGHT : WAITING, SLICE, enq_flags);
}

void SCHEDTUI_OP(dispatch, s32 cpu __unused, struct task_struct *prev __unused)
{
	if (!queue_take(WAITING))
		queue_take(LIGHT);
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	s32 error = scx_bpf_create_dsq(WAITING, -1);

	return error ? error : scx_bpf_create_dsq(LIGHT, -1);
}

SCHEDTUI_OPS(starve_nice, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue),
	     .dispatch = OP(dispatch), .init = OP(init));
