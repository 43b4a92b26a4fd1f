/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * cgroup_weight: control groups share the CPUs by their cpu.weight, and tasks the part of their
 * group by theirs.
 *
 * Idea. Most sched_ext schedulers know tasks only: a group of a hundred workers gets a hundred
 * times what a group of one gets, and cpu.weight does nothing. Here the part of the machine that
 * a task should have is the product of its part of its group, of the group's part among its
 * active siblings, and so on up to the root. That is generalised processor sharing in a tree
 * (Bennett and Zhang, "Hierarchical packet fair queueing algorithms", SIGCOMM '96). Their queue
 * at every node is replaced by one queue for all: each task has a virtual clock that runs the
 * faster the smaller its part is, and the clock furthest behind goes next. A clock of part 1/n
 * runs n times as fast as the task, so all clocks go on equally when everybody has its part.
 *
 * To know the parts, every group holds the sum of weights of what is active directly below it:
 * tasks that want to run, and groups with such tasks. A group is added to the group above when
 * its first task wakes up, and taken away when its last one sleeps.
 *
 * Limits. cpu.max is not enforced, nor is cpu.idle. A group that cannot use its part leaves it
 * to all others. A task of a very small part gets a turn within about longest_wait_ms all the
 * same, which may be more than its part. A waking task does not interrupt a turn. It needs some
 * look-ups per turn, more in deep trees. Below eight levels parts are no longer divided.
 */
#include "schedtui.h"

/* Longest uninterrupted run of a task while others wait, in microseconds. */
const volatile u64 slice_us = 5000;
/* How long about a task of a small part may wait for one turn, in milliseconds. */
const volatile u64 longest_wait_ms = 400;

#define WAITING 0ULL
#define CPUS_MAX 1024U
#define GROUPS_MAX 8192
#define DEPTH_MAX 8U

/* The whole machine; parts are so many of it. */
#define WHOLE (1ULL << 20)

/*
 * When everybody has its part, the time line moves as fast as all CPUs together work; it moves
 * by at least one part in this many of that.
 */
#define TIMELINE_FLOOR 2U

struct group {
	u64 above;   /* id of the group above; 0 for the root */
	u64 weight;  /* cpu.weight */
	u64 counted; /* the weight by which it is counted in the group above */
	s64 active;  /* sum of the weights of active tasks and groups directly below */
	s64 members; /* number of them */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, GROUPS_MAX);
	__type(key, u64);
	__type(value, struct group);
} groups SEC(".maps");

/* Where a task is counted while it wants to run. */
struct membership {
	u64 group; /* id; 0: nowhere */
	u64 weight;
	u64 has_begun;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct membership);
} memberships SEC(".maps");

/* Virtual time of the common time line. A lost update of a race is made good by the next. */
static u64 timeline;

/* When the task on each CPU began to run, each on a cache line of its own. */
struct beginning {
	u64 since;
	u64 unused[7];
};

static struct beginning begun[CPUS_MAX];

static __always_inline struct beginning *begun_on(s32 cpu)
{
	return &begun[(u32)cpu % CPUS_MAX];
}

static __always_inline u64 slice_ns(void)
{
	return slice_us * NSEC_PER_USEC;
}

static __always_inline struct group *group_by(u64 id)
{
	return bpf_map_lookup_elem(&groups, &id);
}

static __always_inline struct membership *membership_of(struct task_struct *p)
{
	return bpf_task_storage_get(&memberships, p, NULL, 0);
}

static __always_inline u64 group_id_of(struct task_struct *p)
{
	struct cgroup *cgrp = scx_bpf_task_cgroup(p);
	u64 id = cgrp->kn->id;

	bpf_cgroup_release(cgrp);
	return id;
}

/* ---- who is active ---------------------------------------------------------------------------- */

/* Count a weight in a group, and the group above it too when it was not active before. */
static __always_inline void count_in(u64 id, u64 weight)
{
	for (u32 i = 0; i < DEPTH_MAX; i++) {
		struct group *group = group_by(id);

		if (!group)
			return;
		add_shared(&group->active, weight);
		if (add_shared(&group->members, 1))
			return;
		weight = group->weight;
		group->counted = weight;
		id = group->above;
	}
}

/* The same backwards. */
static __always_inline void count_out(u64 id, u64 weight)
{
	for (u32 i = 0; i < DEPTH_MAX; i++) {
		struct group *group = group_by(id);

		if (!group)
			return;
		add_shared(&group->active, -(s64)weight);
		if (add_shared(&group->members, -1) != 1)
			return;
		weight = group->counted;
		id = group->above;
	}
}

/* Part of a whole that a weight has; sums may be a little behind, never is it more than all. */
static __always_inline u64 part_of(u64 whole, u64 weight, const struct group *group)
{
	s64 active = READ_ONCE(group->active);

	return whole * weight / MAX(active > 0 ? (u64)active : 0, MAX(weight, 1ULL));
}

/* The part of the machine that a task should have, of WHOLE; at least 1. */
static __always_inline u64 part_of_task(const struct membership *member)
{
	u64 id = member->group, weight = MAX(member->weight, 1ULL), part = WHOLE;

	for (u32 i = 0; i < DEPTH_MAX; i++) {
		struct group *group = group_by(id);

		if (!group)
			break;
		part = part_of(part, weight, group);
		weight = MAX(group->weight, 1ULL);
		id = group->above;
	}
	return MAX(part, 1ULL);
}

/* Convert run time to virtual time. A task that is counted nowhere counts as the whole machine. */
static __always_inline u64 charge(u64 ran, const struct membership *member)
{
	return member ? ran * WHOLE / part_of_task(member) : ran;
}

/* ---- clocks ----------------------------------------------------------------------------------- */

/* Virtual time that passes in a time, when everybody has its part. */
static __always_inline u64 passing(u64 time)
{
	return time * online_cpus;
}

/*
 * The virtual time by which a task is queued: its own clock, but
 *  - when it wakes up, not further behind the time line than one turn, or a long sleep would buy a
 *    long monopoly. One that wants to go on keeps what it is behind by: a turn of a small part may
 *    have carried the time line further than that;
 *  - not further ahead than passes in longest_wait_ms, or a task of a small part would wait until
 *    the kernel's watchdog ends us.
 */
static __always_inline u64 key_of(struct task_struct *p, bool waking)
{
	u64 behind = waking ? slice_ns() : longest_wait_ms * NSEC_PER_MSEC;
	u64 earliest = timeline - passing(behind);
	u64 latest = timeline + passing(longest_wait_ms * NSEC_PER_MSEC);

	p->scx.dsq_vtime = time_within(p->scx.dsq_vtime, earliest, latest);
	return p->scx.dsq_vtime;
}

/* ---- operations ------------------------------------------------------------------------------- */

s32 SCHEDTUI_OP(select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return select_idle_cpu(p, prev_cpu, wake_flags, slice_ns());
}

/*
 * A task wants to run: it takes its place among the active of its group. A new one has paid for
 * its first turn, so that forking buys no CPU time.
 */
void SCHEDTUI_OP(runnable, struct task_struct *p, u64 enq_flags __unused)
{
	struct membership *member = membership_of(p);

	if (!member || member->group)
		return;
	member->group = group_id_of(p);
	member->weight = p->scx.weight;
	count_in(member->group, member->weight);
	if (member->has_begun)
		return;
	member->has_begun = true;
	p->scx.dsq_vtime = timeline + charge(slice_ns(), member);
}

void SCHEDTUI_OP(quiescent, struct task_struct *p, u64 deq_flags __unused)
{
	struct membership *member = membership_of(p);

	if (!member || !member->group)
		return;
	count_out(member->group, member->weight);
	member->group = 0;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 key = key_of(p, enq_flags & SCX_FLAG(enq_flags, SCX_ENQ_WAKEUP));

	if (insert_urgent(p, slice_ns(), enq_flags))
		return;
	queue_insert_ordered(p, WAITING + node_of(scx_bpf_task_cpu(p)), slice_ns(), key, enq_flags);
	kick_idle_cpu(p);
}

void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev __unused)
{
	take_from_nodes(WAITING, cpu);
}

void SCHEDTUI_OP(running, struct task_struct *p)
{
	s32 cpu = scx_bpf_task_cpu(p);
	u64 key = key_of(p, false);

	p->scx.slice = slice_within_round(p->scx.slice, WAITING + node_of(cpu));
	if (before(timeline, key))
		timeline = key;
	begun_on(cpu)->since = now_ns();
}

/*
 * Charge the task. The time line moves as well, so that nobody waits behind endless wake-ups.
 * A task that was alone for longer than a second has taken nothing from anybody.
 */
void SCHEDTUI_OP(stopping, struct task_struct *p, bool goes_on __unused)
{
	u64 since = begun_on(scx_bpf_task_cpu(p))->since, now = now_ns();
	u64 ran = before(since, now) ? MIN(now - since, NSEC_PER_SEC) : 0;

	p->scx.dsq_vtime += charge(ran, membership_of(p));
	timeline += ran / TIMELINE_FLOOR;
}

/* Without memory for its membership a task is served all the same, as if it were alone. */
s32 SCHEDTUI_OP(init_task, struct task_struct *p, struct scx_init_task_args *args __unused)
{
	bpf_task_storage_get(&memberships, p, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	return 0;
}

void SCHEDTUI_OP(enable, struct task_struct *p)
{
	p->scx.dsq_vtime = timeline;
}

static __always_inline u64 id_above(struct cgroup *cgrp)
{
	struct cgroup *above = bpf_cgroup_ancestor(cgrp, cgrp->level - 1);
	u64 id;

	if (!above)
		return 0;
	id = above->kn->id;
	bpf_cgroup_release(above);
	return id;
}

/* A group that finds no room in the table counts as part of nothing; it is never refused. */
s32 SCHEDTUI_SLEEPABLE_OP(cgroup_init, struct cgroup *cgrp, struct scx_cgroup_init_args *args)
{
	struct group fresh = { .above = id_above(cgrp), .weight = args->weight };
	u64 id = cgrp->kn->id;

	bpf_map_update_elem(&groups, &id, &fresh, BPF_ANY);
	return 0;
}

void SCHEDTUI_SLEEPABLE_OP(cgroup_exit, struct cgroup *cgrp)
{
	u64 id = cgrp->kn->id;

	bpf_map_delete_elem(&groups, &id);
}

/* An active group counts by its new weight at once. */
void SCHEDTUI_OP(cgroup_set_weight, struct cgroup *cgrp, u32 weight)
{
	struct group *group = group_by(cgrp->kn->id), *above;

	if (!group)
		return;
	group->weight = weight;
	above = group_by(group->above);
	if (!above || READ_ONCE(group->members) <= 0)
		return;
	add_shared(&above->active, (s64)weight - (s64)group->counted);
	group->counted = weight;
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	learn_machine();
	timeline = NSEC_PER_SEC * 1000;
	return create_node_queues(WAITING);
}

SCHEDTUI_OPS(cgroup_weight, .select_cpu = OP(select_cpu), .runnable = OP(runnable),
	     .quiescent = OP(quiescent), .enqueue = OP(enqueue), .dispatch = OP(dispatch),
	     .running = OP(running), .stopping = OP(stopping), .init_task = OP(init_task),
	     .enable = OP(enable), .cgroup_init = OP(cgroup_init), .cgroup_exit = OP(cgroup_exit),
	     .cgroup_set_weight = OP(cgroup_set_weight), .init = OP(init));
