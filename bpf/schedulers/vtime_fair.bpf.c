/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * vtime_fair: a fair share of the CPU by weight, and a head start for tasks that sleep.
 *
 * Idea. Every task has a virtual clock that runs while the task runs, slower for heavier
 * tasks; the task whose clock is furthest behind goes next. That is weighted fair queueing
 * (Demers, Keshav and Shenker, SIGCOMM '89) on CPUs, as in start-time fair queueing for
 * processes (Goyal, Guo and Vin, OSDI '96). A task that slept may start a little behind the
 * common time line (borrowed virtual time: Duda and Cheriton, SOSP '99): it runs soon, and
 * pays back. A frame loop or a terminal beside a compile sleeps most of the time, so it is
 * nearly always the task furthest behind, and with preempt_on_wakeup it does not even wait
 * for the slice of a running compiler to end.
 *
 * Limits. More switches than run to completion, so a saturated service is better off with
 * fifo_rtc. Knows nothing of frame times or deadlines: a game that itself needs all CPUs gets
 * its fair share and no more. Weights come from nice values; weights of cgroups are ignored.
 */
#include "schedtui.h"

/* Longest uninterrupted run of a task while others wait, in microseconds. */
const volatile u64 slice_us = 5000;
/* How far behind the common time line a waking task may start, in microseconds. */
const volatile u64 sleeper_credit_us = 10000;
/* Interrupt a running task that is further ahead when a task wakes up. */
const volatile bool preempt_on_wakeup = true;

#define WAITING 0ULL

/* Head start below which a preemption costs more than it brings. */
#define PREEMPT_MARGIN_NS (500ULL * NSEC_PER_USEC)
/* How many running tasks a wake-up looks at in search of the one furthest ahead. */
#define PREEMPT_SAMPLES 8U
#define CPUS_MAX 1024U

/*
 * A task may be ahead of the time line by this much, so many slices; see fair_key().
 */
#define AHEAD_SLICES 8

/*
 * The time line moves by at least one part in this many of the time that CPUs spend working.
 * In a fair share among up to so many tasks per CPU it moves faster than that by itself.
 */
#define TIMELINE_FLOOR 64U

/* Virtual time of the common time line. A lost update of a race is made good by the next. */
static u64 timeline;

/* What runs on each CPU, each on a cache line of its own. */
struct running_task {
	u64 vtime; /* virtual clock when it began to run; 0 while a kernel thread or nobody runs */
	u64 since; /* when it began to run */
	u32 weight;
	u32 unused[11];
};

static struct running_task on_cpu[CPUS_MAX];

static __always_inline u64 slice_ns(void)
{
	return slice_us * NSEC_PER_USEC;
}

static __always_inline struct running_task *running_on(s32 cpu)
{
	return &on_cpu[(u32)cpu % CPUS_MAX];
}

/* Convert run time to virtual time: weight 100 is the default and counts one to one. */
static __always_inline u64 charge(u64 ran, u32 weight)
{
	return ran * SCX_WEIGHT_DEFAULT / MAX(weight, 1U);
}

static __always_inline void advance_timeline(u64 vtime)
{
	if (before(timeline, vtime))
		timeline = vtime;
}

/*
 * The virtual time by which a task is queued: its own clock, but
 *  - not further behind the time line than the credit, or a long sleep would buy a long
 *    monopoly;
 *  - not further ahead than a few slices, or one run of a very light task beside very heavy
 *    ones would cost it seconds, and the kernel's watchdog would end us.
 */
static __always_inline u64 fair_key(struct task_struct *p)
{
	u64 earliest = timeline - sleeper_credit_us * NSEC_PER_USEC;
	u64 latest = timeline + slice_ns() * AHEAD_SLICES;

	p->scx.dsq_vtime = time_within(p->scx.dsq_vtime, earliest, latest);
	return p->scx.dsq_vtime;
}

/* Virtual clock of what runs on a CPU, as of now; 0 when it must not be interrupted. */
static __always_inline u64 vtime_running_on(s32 cpu, u64 now)
{
	struct running_task *task = running_on(cpu);
	u64 vtime = READ_ONCE(task->vtime);
	u64 since = READ_ONCE(task->since);

	if (!vtime || before(now, since))
		return 0;
	return vtime + charge(now - since, READ_ONCE(task->weight));
}

/*
 * Find, among a few CPUs that the waking task may use, the one whose running task is furthest
 * ahead of it. On a small machine that is all of them; on a large one a sample starting at
 * a random place does nearly as well as a full search and costs the same at any size.
 */
static __always_inline s32 most_ahead_cpu(struct task_struct *p, u64 vtime)
{
	u64 now = now_ns(), best = vtime + PREEMPT_MARGIN_NS;
	u32 first = nr_cpus <= PREEMPT_SAMPLES ? 0 : bpf_get_prandom_u32();
	s32 found = -1;

	for (u32 i = 0; i < PREEMPT_SAMPLES && i < nr_cpus; i++) {
		s32 cpu = (first + i) % nr_cpus;
		u64 ahead = vtime_running_on(cpu, now);

		if (!ahead || !before(best, ahead) || !bpf_cpumask_test_cpu(cpu, p->cpus_ptr))
			continue;
		best = ahead;
		found = cpu;
	}
	return found;
}

static __always_inline void preempt_for(struct task_struct *p, u64 vtime)
{
	s32 cpu = is_pinned(p) ? -1 : most_ahead_cpu(p, vtime);
	s32 home = scx_bpf_task_cpu(p);

	/* On a large machine the sample may have missed the one CPU that is certainly allowed. */
	if (cpu < 0 && before(vtime + PREEMPT_MARGIN_NS, vtime_running_on(home, now_ns())))
		cpu = home;
	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_FLAG(kick_flags, SCX_KICK_PREEMPT));
}

s32 SCHEDTUI_OP(select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return select_idle_cpu(p, prev_cpu, wake_flags, slice_ns());
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	bool waking = enq_flags & SCX_FLAG(enq_flags, SCX_ENQ_WAKEUP);
	u64 vtime = fair_key(p);
	s32 idle;

	if (insert_urgent(p, slice_ns(), enq_flags))
		return;
	queue_insert_ordered(p, WAITING + node_of(scx_bpf_task_cpu(p)), slice_ns(), vtime,
			     enq_flags);
	idle = kick_idle_cpu(p);
	if (idle < 0 && waking && preempt_on_wakeup)
		preempt_for(p, vtime);
}

void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev __unused)
{
	take_from_nodes(WAITING, cpu);
}

void SCHEDTUI_OP(running, struct task_struct *p)
{
	s32 cpu = scx_bpf_task_cpu(p);
	struct running_task *task = running_on(cpu);

	p->scx.slice = slice_within_round(p->scx.slice, WAITING + node_of(cpu));
	advance_timeline(fair_key(p));
	task->since = now_ns();
	task->weight = p->scx.weight;
	WRITE_ONCE(task->vtime, is_kthread(p) ? 0 : p->scx.dsq_vtime | 1);
}

/*
 * Charge the task. The time line also moves a little with every run: then even an endless
 * stream of waking tasks, each with its credit, cannot hold a waiting task back for long.
 */
void SCHEDTUI_OP(stopping, struct task_struct *p, bool runnable __unused)
{
	struct running_task *task = running_on(scx_bpf_task_cpu(p));
	u64 now = now_ns();
	u64 ran = before(task->since, now) ? now - task->since : 0;

	WRITE_ONCE(task->vtime, 0);
	p->scx.dsq_vtime += charge(ran, p->scx.weight);
	timeline += ran / (TIMELINE_FLOOR * nr_cpus);
}

/* A new task starts one slice behind the others, so that forking buys no CPU time. */
void SCHEDTUI_OP(enable, struct task_struct *p)
{
	p->scx.dsq_vtime = timeline + slice_ns();
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	learn_machine();
	timeline = NSEC_PER_SEC;
	return create_node_queues(WAITING);
}

SCHEDTUI_OPS(vtime_fair, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue),
	     .dispatch = OP(dispatch), .running = OP(running), .stopping = OP(stopping),
	     .enable = OP(enable), .init = OP(init));
