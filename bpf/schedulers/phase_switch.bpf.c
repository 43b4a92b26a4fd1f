/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * phase_switch: each CPU watches what it is used for, and changes between two ways to schedule.
 *
 * Idea. The same machine compiles for a minute and then waits for its user; a service computes
 * and then talks. What is good for one phase is bad for the other: long turns without interruption
 * cost the least where everybody computes, short turns and quick wake-ups matter where somebody
 * waits for an answer. Programs go through such phases, and what was seen in the last while mostly
 * holds for the next (Sherwood, Sair and Calder, "Phase tracking and prediction", ISCA '03).
 *
 * At the end of each window a CPU looks at two figures of it: how often a task woke up and soon
 * slept again, and what part of the time went to tasks that used up their turns. Long turns keep
 * tasks from waking up, so each wake-up also counts those that its wait took away: one for each
 * time that the task could have slept and run in it.
 *  - lively: brief wake-ups are many. Turns are short; a task that wakes up has a head start in the
 *    queue and interrupts one that has run for a moment.
 *  - batch: brief wake-ups are few and most time is computing. Turns are long, and all are served
 *    in order of arrival.
 * To change back needs less than half, or half, of what it took to change: between the two a CPU
 * stays as it is, so that it does not flutter (as in Schmitt's trigger, 1938).
 *
 * Places in the queue are times, in both modes: the time at which a task asks, less the head
 * start. So nobody waits behind those who come later than that, and the change of mode moves
 * nobody who waits already.
 *
 * Limits. A change is seen one or two windows late; phases shorter than that are not followed.
 * One periodic task among many computing ones can keep a CPU lively, and
 * one that moves about among many CPUs none. Nice values and weights of
 * cgroups are ignored.
 */
#include "schedtui.h"

/* Brief wake-ups per second on one CPU from which on it is lively. */
const volatile u64 lively_wakes = 20;
/* Turn of a task on a lively CPU, in microseconds. */
const volatile u64 lively_slice_us = 2000;
/* Turn of a task on a CPU in batch mode, in microseconds. */
const volatile u64 batch_slice_us = 20000;
/* How long a CPU watches before it decides, in milliseconds. */
const volatile u64 window_ms = 100;

#define WAITING 0ULL
#define CPUS_MAX 1024U

/* A woken task on a lively CPU goes before those that asked this much earlier. */
#define HEAD_START_NS (20ULL * NSEC_PER_MSEC)
/* Who sleeps again after less than this had a brief wake-up. */
#define BRIEF_NS (2ULL * NSEC_PER_MSEC)
/* Nobody is interrupted sooner than this after its turn began. */
#define RESPITE_NS (500ULL * NSEC_PER_USEC)
/* How many CPUs a wake-up looks at in search of one that gives way. */
#define PREEMPT_SAMPLES 8U

/* No wait took away more wake-ups than this. */
#define TAKEN_AWAY_MAX 16ULL

enum mode { LIVELY, BATCH };

/* When a task went to sleep, and when it woke up and began to run after that. */
struct rest {
	u64 slept_at;
	u64 woken_at;
	u64 began_at;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct rest);
} rests SEC(".maps");

/* What a CPU has seen in this window, and how it schedules. */
struct watch {
	u64 began;	 /* of the window */
	u64 brief_wakes; /* tasks that ran briefly and went to sleep */
	u64 computed_ns; /* time of turns that were used up */
	u64 mode;
	u64 since;   /* when its task began to run; 0: it must not be interrupted */
	u64 counted; /* up to when its task is counted */
	u64 unused[2];
};

static struct watch watches[CPUS_MAX];

static __always_inline struct watch *watch_on(s32 cpu)
{
	return &watches[(u32)cpu % CPUS_MAX];
}

static __always_inline struct rest *rest_of(struct task_struct *p)
{
	return bpf_task_storage_get(&rests, p, NULL, 0);
}

/* ---- what a CPU is used for ------------------------------------------------------------------- */

/* The mode that fits the window; the present one when neither clearly does. */
static __always_inline enum mode mode_after(const struct watch *watch, u64 length)
{
	u64 wakes_per_s = watch->brief_wakes * NSEC_PER_SEC / MAX(length, 1ULL);

	if (wakes_per_s >= lively_wakes || watch->computed_ns < length / 4)
		return LIVELY;
	if (wakes_per_s < lively_wakes / 2 && watch->computed_ns > length / 2)
		return BATCH;
	return watch->mode;
}

static __always_inline void end_window(struct watch *watch, u64 now)
{
	u64 length = now - watch->began;

	if (before(now, watch->began + window_ms * NSEC_PER_MSEC))
		return;
	WRITE_ONCE(watch->mode, mode_after(watch, length));
	watch->began = now;
	watch->brief_wakes = 0;
	watch->computed_ns = 0;
}

/* The time since the last look at the task on a CPU counts as computing. */
static __always_inline void count_computing(struct watch *watch, u64 now)
{
	if (before(watch->counted, now))
		watch->computed_ns += now - watch->counted;
	watch->counted = now;
}

/* One wake-up, and those for which there would have been time while the task waited. */
static __always_inline u64 wakes_wanted(const struct rest *rest, u64 now)
{
	u64 waited = rest->began_at - rest->woken_at;
	u64 period = rest->woken_at - rest->slept_at + now - rest->began_at;

	return 1 + MIN(waited / MAX(period, 1ULL), TAKEN_AWAY_MAX);
}

/* Has the task been seen to sleep, wake up and begin to run, one after the other? */
static __always_inline bool is_whole(const struct rest *rest)
{
	return rest->slept_at && before(rest->slept_at, rest->woken_at) &&
	       before(rest->woken_at, rest->began_at);
}

/* The task goes to sleep: that was a brief wake-up, or the end of a computation. */
static __always_inline void count_sleep(struct watch *watch, struct rest *rest, u64 now)
{
	if (!rest)
		return;
	if (!before(now, rest->began_at + BRIEF_NS))
		count_computing(watch, now);
	else if (is_whole(rest))
		watch->brief_wakes += wakes_wanted(rest, now);
	rest->slept_at = now;
}

/* ---- what follows from it --------------------------------------------------------------------- */

static __always_inline bool is_lively(s32 cpu)
{
	return READ_ONCE(watch_on(cpu)->mode) == LIVELY;
}

static __always_inline u64 slice_on(s32 cpu)
{
	return (is_lively(cpu) ? lively_slice_us : batch_slice_us) * NSEC_PER_USEC;
}

static __always_inline u64 place_of(bool waking, s32 cpu)
{
	return now_ns() - (waking && is_lively(cpu) ? HEAD_START_NS : 0);
}

/* Is the CPU lively, and has its task run for long enough to be interrupted? */
static __always_inline bool gives_way(s32 cpu)
{
	u64 since = READ_ONCE(watch_on(cpu)->since);

	return since && is_lively(cpu) && before(since + RESPITE_NS, now_ns());
}

/*
 * Find, among a few CPUs that the waking task may use, one that gives way; first the one that the
 * task left. On a small machine that is all of them, on a large one a sample.
 */
static __always_inline s32 yielding_cpu(struct task_struct *p)
{
	u32 first = nr_cpus <= PREEMPT_SAMPLES ? 0 : bpf_get_prandom_u32();
	s32 home = scx_bpf_task_cpu(p);

	if (gives_way(home) || is_pinned(p))
		return gives_way(home) ? home : -1;
	for (u32 i = 0; i < PREEMPT_SAMPLES && i < nr_cpus; i++) {
		s32 cpu = (first + i) % nr_cpus;

		if (gives_way(cpu) && bpf_cpumask_test_cpu(cpu, p->cpus_ptr))
			return cpu;
	}
	return -1;
}

/* The CPU gives way once: its next task is not known yet. */
static __always_inline void preempt_for(struct task_struct *p)
{
	s32 cpu = yielding_cpu(p);

	if (cpu < 0)
		return;
	WRITE_ONCE(watch_on(cpu)->since, 0);
	scx_bpf_kick_cpu(cpu, SCX_FLAG(kick_flags, SCX_KICK_PREEMPT));
}

/* ---- operations ------------------------------------------------------------------------------- */

s32 SCHEDTUI_OP(select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return select_idle_cpu(p, prev_cpu, wake_flags, slice_on(prev_cpu));
}

void SCHEDTUI_OP(runnable, struct task_struct *p, u64 enq_flags)
{
	struct rest *rest = rest_of(p);

	if (rest && enq_flags & SCX_FLAG(enq_flags, SCX_ENQ_WAKEUP))
		rest->woken_at = now_ns();
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	bool waking = enq_flags & SCX_FLAG(enq_flags, SCX_ENQ_WAKEUP);
	s32 home = scx_bpf_task_cpu(p), idle;

	if (insert_urgent(p, slice_on(home), enq_flags))
		return;
	queue_insert_ordered(p, WAITING + node_of(home), slice_on(home), place_of(waking, home),
			     enq_flags);
	idle = kick_idle_cpu(p);
	if (idle < 0 && waking)
		preempt_for(p);
}

void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev __unused)
{
	take_from_nodes(WAITING, cpu);
}

/* A turn is as long as the CPU's mode says now, whatever it was when the task was queued. */
void SCHEDTUI_OP(running, struct task_struct *p)
{
	s32 cpu = scx_bpf_task_cpu(p);
	struct watch *watch = watch_on(cpu);
	struct rest *rest = rest_of(p);
	u64 now = now_ns();

	if (rest && before(rest->began_at, rest->woken_at))
		rest->began_at = now;
	p->scx.slice = slice_within_round(slice_on(cpu), WAITING + node_of(cpu));
	watch->counted = now;
	WRITE_ONCE(watch->since, is_kthread(p) ? 0 : now);
}

/* Whoever runs without a break computes. */
void SCHEDTUI_OP(tick, struct task_struct *p)
{
	struct watch *watch = watch_on(scx_bpf_task_cpu(p));
	u64 now = now_ns();

	count_computing(watch, now);
	end_window(watch, now);
}

void SCHEDTUI_OP(stopping, struct task_struct *p, bool goes_on)
{
	struct watch *watch = watch_on(scx_bpf_task_cpu(p));
	u64 now = now_ns();

	WRITE_ONCE(watch->since, 0);
	if (goes_on)
		count_computing(watch, now);
	else
		count_sleep(watch, rest_of(p), now);
	end_window(watch, now);
}

/* Without memory for its rests a task is served all the same; its wake-ups do not count. */
s32 SCHEDTUI_OP(init_task, struct task_struct *p, struct scx_init_task_args *args __unused)
{
	bpf_task_storage_get(&rests, p, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	return 0;
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	learn_machine();
	return create_node_queues(WAITING);
}

SCHEDTUI_OPS(phase_switch, .select_cpu = OP(select_cpu), .runnable = OP(runnable),
	     .enqueue = OP(enqueue), .dispatch = OP(dispatch), .running = OP(running),
	     .tick = OP(tick), .stopping = OP(stopping), .init_task = OP(init_task),
	     .init = OP(init));
