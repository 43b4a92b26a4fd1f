/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T03b - tasks of any cgroup but the root run only when nobody else wants to
 * stops: battery TRL006, TRL016, TRL018, TRL019
 */
/* attached: stays */
/* battery: full */
#include "schedtui.h"

#define WAITING 0ULL
#define GROUPED 1ULL
#define SLICE (5ULL * NSEC_PER_MSEC)

/* Every task passes through enqueue. */
s32 SCHEDTUI_OP(select_cpu, struct task_struct *p __unused, s32 prev_cpu, u64 wake_flags __unused)
{
	return prev_cpu;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 queue = p->cgroups->dfl_cgrp->kn->id > 1 ? GROUPED : WAITING;

	queue_insert(p, queue, SLICE, enq_flags);
}

void SCHEDTUI_OP(dispatch, s32 cpu __unused, struct task_struct *prev __unused)
{
	if (!queue_take(WAITING))
		queue_take(GROUPED);
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	s32 error = scx_bpf_create_dsq(WAITING, -1);

	return error ? error : scx_bpf_create_dsq(GROUPED, -1);
}

SCHEDTUI_OPS(starve_cgroup, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue),
	     .dispatch = OP(dispatch), .init = OP(init));
