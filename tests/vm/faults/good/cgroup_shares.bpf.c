/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * cgroup_shares: each cgroup has a clock; the group furthest behind goes next.
 *
 * Idea. Fairness between groups instead of tasks: what a group's tasks run advances the group's
 * clock by its weight, and a task is queued by the clock of its group. The clocks live in a hash
 * by cgroup id. A group that was idle starts at most one slice behind the others.
 */
#include <schedtui.h>

const volatile u64 slice_us = 4000;

#define WAITING 0ULL
#define GROUPS 1024

struct group {
	u64 vtime;
	u64 weight;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, GROUPS);
	__type(key, u64);
	__type(value, struct group);
} groups SEC(".maps");

static u64 vtime_now;

static __always_inline struct group *group_of(struct task_struct *p)
{
	u64 id = p->cgroups->dfl_cgrp->kn->id;

	return bpf_map_lookup_elem(&groups, &id);
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 slice = slice_us * NSEC_PER_USEC;
	struct group *group = group_of(p);
	u64 vtime = group ? group->vtime : vtime_now;

	if (before(vtime, vtime_now - slice))
		vtime = vtime_now - slice;
	/* Far ahead is far enough: the wait of a light group stays bounded. */
	if (before(vtime_now + 16 * slice, vtime))
		vtime = vtime_now + 16 * slice;
	queue_insert_ordered(p, WAITING, slice, vtime, enq_flags);
	kick_idle_cpu(p);
}

void SCHEDTUI_OP(dispatch, s32 cpu __unused, struct task_struct *prev __unused)
{
	queue_take(WAITING);
}

void SCHEDTUI_OP(stopping, struct task_struct *p, bool runnable __unused)
{
	u64 slice = slice_us * NSEC_PER_USEC;
	struct group *group = group_of(p);
	u64 used = slice - MIN(p->scx.slice, slice);

	/* The clock goes on whoever runs, or who was charged would wait behind strangers for ever. */
	vtime_now += used / MAX(nr_cpus, 1U);
	if (!group)
		return;
	group->vtime = MAX(group->vtime, vtime_now - slice);
	group->vtime += used * SCX_WEIGHT_DEFAULT / MAX(group->weight, 1ULL);
}

s32 SCHEDTUI_SLEEPABLE_OP(cgroup_init, struct cgroup *cgrp, struct scx_cgroup_init_args *args)
{
	struct group fresh = { .vtime = vtime_now, .weight = args->weight };
	u64 id = cgrp->kn->id;

	/* A group without an entry counts as average; it is never refused. */
	bpf_map_update_elem(&groups, &id, &fresh, BPF_ANY);
	return 0;
}

void SCHEDTUI_SLEEPABLE_OP(cgroup_exit, struct cgroup *cgrp)
{
	u64 id = cgrp->kn->id;

	bpf_map_delete_elem(&groups, &id);
}

void SCHEDTUI_OP(cgroup_set_weight, struct cgroup *cgrp, u32 weight)
{
	u64 id = cgrp->kn->id;
	struct group *group = bpf_map_lookup_elem(&groups, &id);

	if (group)
		group->weight = weight;
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	learn_machine();
	vtime_now = NSEC_PER_SEC;
	return scx_bpf_create_dsq(WAITING, -1);
}

SCHEDTUI_OPS(cgroup_shares, .enqueue = OP(enqueue), .dispatch = OP(dispatch),
	     .stopping = OP(stopping), .cgroup_init = OP(cgroup_init),
	     .cgroup_exit = OP(cgroup_exit), .cgroup_set_weight = OP(cgroup_set_weight),
	     .init = OP(init));
