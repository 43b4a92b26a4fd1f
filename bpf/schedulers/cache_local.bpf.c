/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * cache_local: tasks stay where their data is; others help out only who has waited for long.
 *
 * Idea. A task that comes back to the cache it left finds its data there; elsewhere it pays for
 * all of it again. Where CPUs fall into groups with a cache of their own, each group is therefore
 * given a queue, and a task waits in that of the group in which it last ran (processor affinity:
 * Squillante and Lazowska, IEEE Transactions on Parallel and Distributed Systems 4, 1993). A CPU
 * that runs out of work does not simply take from others: it steals from the groups beside it,
 * a few at a time, and only where the next task has waited for longer than the way to a cold cache
 * would cost. The kernel's own balancing asks the same question of its sched_migration_cost; that
 * stealing is enough to keep all CPUs busy is shown by Blumofe and Leiserson (Journal of the
 * ACM 46, 1999).
 *
 * Since when the next task of a queue waits is not known. Known is when the queue was last empty
 * or last served; the next task waits at least since then. So patience may last longer than it
 * should, never shorter. From a group that nobody serves at all, because real-time tasks have its
 * CPUs, others take without patience. Every CPU looks at one other group before its own in turn, and
 * takes from it when somebody there has waited for too long: that keeps waits alike.
 *
 * Limits. What cores share a cache must be said; they must have consecutive numbers. Without that
 * the CPUs of a memory node are one group. An uneven load is evened out by waiting, so a burst
 * in one group is slower than with one queue for all. Nice values and weights of cgroups are
 * ignored. A waking task does not interrupt a turn.
 */
#include "schedtui.h"

/* Cores with consecutive numbers that share a cache; 0: the CPUs of a memory node do. */
const volatile u64 cores_per_cache = 0;
/* Number of the first CPU that is the second thread of a core; 0: they are not apart. */
const volatile u64 second_threads_at = 0;
/* How long a task waits at home before a CPU of another group may take it, in microseconds. */
const volatile u64 patience_us = 1000;
/* Longest turn of a task while others wait, in microseconds. */
const volatile u64 slice_us = 8000;

#define GROUPS_MAX 64U
/* How many CPUs of its group a waking task looks at in search of an idle one. */
#define IDLE_SAMPLES 16U
/* How many groups a CPU without work looks at in search of somebody to take over. */
#define STEAL_SAMPLES 4U
/* Whoever has waited for so long is taken by any CPU, before its own work. */
#define TOO_LONG_NS (100ULL * NSEC_PER_MSEC)
/* A group of which no CPU has done anything for so long is not at work. */
#define AWAY_NS (20ULL * NSEC_PER_MSEC)

/* CPUs that share a cache, and their queue, on a cache line of its own. */
struct group {
	u64 waiting_since; /* when its queue was last empty or served */
	u64 seen;	   /* when one of its CPUs last did anything */
	u64 look_at;	   /* number of the group to look at next */
	u64 unused[5];
};

static struct group groups[GROUPS_MAX];
static u32 nr_groups = 1;

/* Number of the core of a CPU; second threads are numbered like the first, only later. */
static __always_inline u32 core_of(s32 cpu)
{
	return second_threads_at ? (u32)cpu % second_threads_at : (u32)cpu;
}

static __always_inline u32 group_of(s32 cpu)
{
	u64 cores = cores_per_cache;

	return (cores ? core_of(cpu) / cores : node_of(cpu)) % GROUPS_MAX;
}

static __always_inline u64 slice_ns(void)
{
	return slice_us * NSEC_PER_USEC;
}

static __always_inline bool is_empty(u32 group)
{
	return scx_bpf_dsq_nr_queued(group) <= 0;
}

/* ---- how long somebody waits ------------------------------------------------------------------ */

/* For how long the next task of a group has waited at least; 0 when nobody waits. */
static __always_inline u64 waited_in(u32 group)
{
	u64 since = READ_ONCE(groups[group % GROUPS_MAX].waiting_since), now = now_ns();

	return is_empty(group) || before(now, since) ? 0 : now - since;
}

static __always_inline bool is_overdue(u32 group)
{
	return waited_in(group) > patience_us * NSEC_PER_USEC;
}

static __always_inline bool is_away(u32 group)
{
	u64 seen = READ_ONCE(groups[group % GROUPS_MAX].seen);

	return before(seen + AWAY_NS, now_ns());
}

/* A CPU of the group does something. */
static __always_inline void see(s32 cpu)
{
	WRITE_ONCE(groups[group_of(cpu)].seen, now_ns());
}

/* With as many CPUs for each group, everybody in its queue gets a turn within ROUND_NS. */
static __always_inline u64 turn_in(u32 group)
{
	s32 waiting = scx_bpf_dsq_nr_queued(group);
	u64 cpus = MAX(online_cpus / nr_groups, 1U);

	if (waiting <= 0)
		return slice_ns();
	return time_within(ROUND_NS * cpus / (u32)waiting, SLICE_FLOOR_NS, slice_ns());
}

/* ---- queues ----------------------------------------------------------------------------------- */

static __always_inline bool take_from_group(u32 group)
{
	if (!queue_take(group))
		return false;
	WRITE_ONCE(groups[group % GROUPS_MAX].waiting_since, now_ns());
	return true;
}

/* Wake an idle CPU anywhere: it looks at who has waited for too long. */
static __always_inline void ask_for_help(void)
{
	const struct cpumask *online = scx_bpf_get_online_cpumask();
	s32 cpu = scx_bpf_pick_idle_cpu(online, 0);

	scx_bpf_put_cpumask(online);
	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_FLAG(kick_flags, SCX_KICK_IDLE));
}

/* May others take over the next task of a group? */
static __always_inline bool needs_help(u32 group)
{
	return is_overdue(group) || (is_away(group) && !is_empty(group));
}

/* Take over somebody who has waited at home for long enough, looking at a few other groups. */
static __always_inline void steal(u32 own)
{
	u32 first = nr_groups <= STEAL_SAMPLES ? 0 : bpf_get_prandom_u32();

	for (u32 i = 0; i < STEAL_SAMPLES && i < nr_groups; i++) {
		u32 other = (first + i) % nr_groups % GROUPS_MAX;

		if (other != own && needs_help(other) && take_from_group(other))
			return;
	}
}

/* Each time another one: has somebody there waited for far too long? */
static __always_inline bool rescue_from_next(u32 own)
{
	struct group *group = &groups[own % GROUPS_MAX];
	u32 other = ++group->look_at % nr_groups % GROUPS_MAX;

	return other != own && waited_in(other) > TOO_LONG_NS && take_from_group(other);
}

/* ---- CPUs ------------------------------------------------------------------------------------- */

/* If a CPU is idle and allowed, the task goes straight to it. */
static __always_inline bool goes_to(struct task_struct *p, u32 cpu)
{
	if (cpu >= nr_cpus || !bpf_cpumask_test_cpu(cpu, p->cpus_ptr) ||
	    !scx_bpf_test_and_clear_cpu_idle(cpu))
		return false;
	queue_insert(p, SCX_DSQ_LOCAL, slice_ns(), 0);
	return true;
}

/*
 * Choose a CPU of the group of `home`: the one that the task left, an idle core among a few, or
 * the second thread of one. When none is idle the task will wait at home.
 */
static __always_inline s32 cpu_at_home(struct task_struct *p, s32 home)
{
	u32 cores = MAX(cores_per_cache, 1ULL), first = core_of(home) / cores * cores;
	u32 offset = cores <= IDLE_SAMPLES ? 0 : bpf_get_prandom_u32();

	if (goes_to(p, home))
		return home;
	for (u32 i = 0; i < IDLE_SAMPLES && i < cores; i++) {
		u32 core = first + (offset + i) % cores;

		if (goes_to(p, core))
			return core;
		if (second_threads_at && goes_to(p, core + second_threads_at))
			return core + second_threads_at;
	}
	return home;
}

/* With caches known, only an idle CPU at home is taken at once; a new task may go anywhere. */
s32 SCHEDTUI_OP(select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool is_new = wake_flags & SCX_FLAG(wake_flags, SCX_WAKE_FORK);

	if (!cores_per_cache || is_new || is_away(group_of(prev_cpu)))
		return select_idle_cpu(p, prev_cpu, wake_flags, slice_ns());
	return cpu_at_home(p, prev_cpu);
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 home = group_of(scx_bpf_task_cpu(p));
	bool first = is_empty(home);

	if (insert_urgent(p, slice_ns(), enq_flags))
		return;
	if (first)
		WRITE_ONCE(groups[home].waiting_since, now_ns());
	queue_insert(p, home, slice_ns(), enq_flags);
	if (!cores_per_cache || is_away(home))
		kick_idle_cpu(p);
	else if (!first)
		ask_for_help();
}

void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev __unused)
{
	u32 own = group_of(cpu);

	if (rescue_from_next(own) || take_from_group(own))
		return;
	steal(own);
}

void SCHEDTUI_OP(running, struct task_struct *p)
{
	s32 cpu = scx_bpf_task_cpu(p);

	see(cpu);
	p->scx.slice = MIN(p->scx.slice, turn_in(group_of(cpu)));
}

/* Somebody waits at home for longer than it should: there may be an idle CPU elsewhere. */
void SCHEDTUI_OP(tick, struct task_struct *p)
{
	s32 cpu = scx_bpf_task_cpu(p);

	see(cpu);
	if (is_overdue(group_of(cpu)))
		ask_for_help();
}

static __always_inline u32 count_groups(void)
{
	u32 cores = second_threads_at ? MIN(second_threads_at, (u64)nr_cpus) : nr_cpus;

	return cores_per_cache ? (cores + cores_per_cache - 1) / cores_per_cache : nr_nodes;
}

/* Queue numbers of groups are their own numbers. */
s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	learn_machine();
	nr_groups = MIN(count_groups(), GROUPS_MAX);
	for (u32 group = 0; group < GROUPS_MAX && group < nr_groups; group++) {
		s32 error = scx_bpf_create_dsq(group, -1);

		if (error)
			return error;
	}
	return 0;
}

SCHEDTUI_OPS(cache_local, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue),
	     .dispatch = OP(dispatch), .running = OP(running), .tick = OP(tick), .init = OP(init));
