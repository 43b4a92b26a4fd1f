/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * frame_deadline: the earliest virtual deadline goes first; how near a deadline is follows from
 * how a task sleeps and runs.
 *
 * Idea. A task asks for a piece of CPU time and should have had it by its virtual start plus
 * that piece: whoever asks for little has an early deadline, whoever asks for much a late one,
 * and in the long run all get their share (earliest eligible virtual deadline first: Stoica and
 * Abdel-Wahab, Old Dominion University, 1995). The kernel's default works that way with equal
 * pieces for all. Here the piece is learnt: the mean CPU time of a task from a wake-up to its
 * next sleep. With the mean time between wake-ups it gives three classes of latency:
 *  - frame: runs for less than a quarter of a frame and at most half of its time;
 *  - swift: runs for less than a frame and at most three quarters of its time;
 *  - batch: everybody else, and everybody who has not slept a few times yet.
 * A waking task of the first two interrupts the task with the latest deadline, unless that is
 * before its own. So the threads of a game run within their frame beside a compile, whose tasks
 * get long turns in return and so need few switches. Feedback from sleeping to latency is as old
 * as time sharing (Corbato and others, "An experimental time-sharing system", 1962); here it
 * moves deadlines and not priorities, so that nobody is shut out.
 *
 * A frame loop often needs more than one equal share among many compilers. It is charged only
 * a part of its run time, as long as it behaves like one: favour says how much.
 *
 * Limits. A background task that sleeps often is taken for part of a frame loop. A class
 * is learnt in a few wake-ups; the first frames of a new thread may be late. Weights come from
 * nice values, and differences of more than some tens are not kept up in full; weights of
 * cgroups are ignored. More interrupts than fifo_rtc: not for saturated services.
 */
#include "schedtui.h"

/* Time from one frame to the next, in microseconds. */
const volatile u64 frame_us = 16667;
/* Turn of a task that is neither in a frame loop nor sleeps often, in microseconds. */
const volatile u64 batch_slice_us = 20000;
/* A task of a frame loop is charged its run time divided by this. */
LIVE_PARAMETER favour = { 4, 1, 8 };

#define WAITING 0ULL
#define CPUS_MAX 1024U

/* Wake-ups after which the averages of a task say something. */
#define WAKES_KNOWN 4U
/* The least piece that a deadline is computed for. */
#define LEAST_REQUEST_NS (200ULL * NSEC_PER_USEC)
/* Earlier deadlines by less than this are not worth an interruption. */
#define PREEMPT_MARGIN_NS (500ULL * NSEC_PER_USEC)
/* How many running tasks a wake-up looks at in search of the latest deadline. */
#define PREEMPT_SAMPLES 8U
/* No deadline lies further ahead of the time line than so many turns of batch work. */
#define AHEAD_SLICES 3

/*
 * The time line moves by at least one part in this many of the time that CPUs spend working.
 * With the limit on deadlines it bounds the wait beside an endless stream of frame tasks.
 */
#define TIMELINE_FLOOR 16U

enum latency { FRAME, SWIFT, BATCH };

/* What is known of a task. Its run time is its own clock: CPU time since birth. */
struct habit {
	u64 vtime;	/* virtual clock: run time charged so far, by weight and favour */
	u64 woken_at;	/* run time when it woke up */
	u64 woken_when; /* time when it woke up */
	u64 run_ns;	/* mean run time from a wake-up to the next sleep */
	u64 period_ns;	/* mean time from a wake-up to the next */
	u64 wakes;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct habit);
} habits SEC(".maps");

/* Virtual time of the common time line. A lost update of a race is made good by the next. */
static u64 timeline;

/* What runs on each CPU, each on a cache line of its own. */
struct running_task {
	u64 deadline; /* 0 while a kernel thread or nobody runs: not to be interrupted */
	u64 since;
	u64 unused[6];
};

static struct running_task on_cpu[CPUS_MAX];

static __always_inline struct running_task *running_on(s32 cpu)
{
	return &on_cpu[(u32)cpu % CPUS_MAX];
}

static __always_inline struct habit *habit_of(struct task_struct *p)
{
	return bpf_task_storage_get(&habits, p, NULL, 0);
}

static __always_inline u64 frame_ns(void)
{
	return frame_us * NSEC_PER_USEC;
}

static __always_inline u64 batch_slice_ns(void)
{
	return batch_slice_us * NSEC_PER_USEC;
}

/* Convert run time to virtual time: weight 100 is the default and counts one to one. */
static __always_inline u64 charge(u64 ran, u32 weight)
{
	return ran * SCX_WEIGHT_DEFAULT / MAX(weight, 1U);
}

/* ---- classes ---------------------------------------------------------------------------------- */

/* What a task runs for at a time: its mean, or more when it has had more since it woke up. */
static __always_inline u64 run_of(struct task_struct *p, const struct habit *habit)
{
	return MAX(habit->run_ns, p->se.sum_exec_runtime - habit->woken_at);
}

static __always_inline enum latency class_of(struct task_struct *p, const struct habit *habit)
{
	u64 run;

	if (!habit || habit->wakes < WAKES_KNOWN)
		return BATCH;
	run = run_of(p, habit);
	if (run <= frame_ns() / 4 && run * 2 <= habit->period_ns)
		return FRAME;
	if (run <= frame_ns() && run * 4 <= habit->period_ns * 3)
		return SWIFT;
	return BATCH;
}

static __always_inline u64 favour_of(enum latency class)
{
	u64 most = class == BATCH ? 1 : live(&favour);

	return class == SWIFT ? MAX(most / 2, 1ULL) : MAX(most, 1ULL);
}

/* How far behind the time line a waking task of a class may start. */
static __always_inline u64 credit_of(enum latency class)
{
	if (class == FRAME)
		return frame_ns();
	return class == SWIFT ? frame_ns() / 2 : 0;
}

static __always_inline u64 slice_of(enum latency class)
{
	return class == BATCH ? batch_slice_ns() : MIN(frame_ns() / 2, batch_slice_ns());
}

/* The piece of CPU time that a task asks for. */
static __always_inline u64 request_of(const struct habit *habit, enum latency class)
{
	if (class == BATCH)
		return batch_slice_ns();
	return MAX(habit->run_ns, LEAST_REQUEST_NS);
}

/* ---- deadlines -------------------------------------------------------------------------------- */

/*
 * Virtual start plus request, within limits:
 *  - the start is not further behind the time line than the credit of its class, or a long
 *    sleep would buy a long monopoly;
 *  - the deadline is not further ahead than a few turns, or a very light task would wait for
 *    seconds, and the kernel's watchdog would end us.
 */
static __always_inline u64 deadline_of(struct task_struct *p, struct habit *habit,
				       enum latency class)
{
	u64 earliest = timeline - credit_of(class);
	u64 latest = timeline + AHEAD_SLICES * batch_slice_ns();
	u64 deadline;

	if (!habit)
		return timeline + batch_slice_ns();
	habit->vtime = time_within(habit->vtime, earliest, latest);
	deadline = habit->vtime + charge(request_of(habit, class), p->scx.weight);
	return before(latest, deadline) ? latest : deadline;
}

/* A task that has run for long without a break has as much later a deadline. */
static __always_inline u64 deadline_on(s32 cpu)
{
	const struct running_task *task = running_on(cpu);
	u64 deadline = READ_ONCE(task->deadline), since = READ_ONCE(task->since), now = now_ns();

	return deadline && before(since, now) ? (deadline + now - since) | 1 : deadline;
}

/*
 * Find, among a few CPUs that the waking task may use, the one whose task has the latest
 * deadline, provided that it is later than the given one. On a small machine that is all of
 * them; on a large one a sample starting at a random place does nearly as well.
 */
static __always_inline s32 latest_cpu(struct task_struct *p, u64 deadline)
{
	u32 first = nr_cpus <= PREEMPT_SAMPLES ? 0 : bpf_get_prandom_u32();
	u64 latest = deadline + PREEMPT_MARGIN_NS;
	s32 found = -1;

	for (u32 i = 0; i < PREEMPT_SAMPLES && i < nr_cpus; i++) {
		s32 cpu = (first + i) % nr_cpus;
		u64 other = deadline_on(cpu);

		if (!other || !before(latest, other) || !bpf_cpumask_test_cpu(cpu, p->cpus_ptr))
			continue;
		latest = other;
		found = cpu;
	}
	return found;
}

static __always_inline void preempt_for(struct task_struct *p, u64 deadline)
{
	s32 cpu = is_pinned(p) ? -1 : latest_cpu(p, deadline);
	s32 home = scx_bpf_task_cpu(p);
	u64 at_home = deadline_on(home);

	/* On a large machine the sample may have missed the one CPU that is certainly allowed. */
	if (cpu < 0 && at_home && before(deadline + PREEMPT_MARGIN_NS, at_home))
		cpu = home;
	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_FLAG(kick_flags, SCX_KICK_PREEMPT));
}

/* ---- operations ------------------------------------------------------------------------------- */

s32 SCHEDTUI_OP(select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return select_idle_cpu(p, prev_cpu, wake_flags, slice_of(SWIFT));
}

/* A wake-up: learn how long it is since the one before. */
void SCHEDTUI_OP(runnable, struct task_struct *p, u64 enq_flags)
{
	struct habit *habit = habit_of(p);
	u64 now = now_ns();

	if (!habit || !(enq_flags & SCX_FLAG(enq_flags, SCX_ENQ_WAKEUP)))
		return;
	if (habit->woken_when && before(habit->woken_when, now))
		habit->period_ns = averaged(habit->period_ns, now - habit->woken_when);
	habit->woken_when = now;
	habit->woken_at = p->se.sum_exec_runtime;
	habit->wakes++;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	bool waking = enq_flags & SCX_FLAG(enq_flags, SCX_ENQ_WAKEUP);
	struct habit *habit = habit_of(p);
	enum latency class = class_of(p, habit);
	u64 deadline = deadline_of(p, habit, class);
	s32 idle;

	if (insert_urgent(p, slice_of(SWIFT), enq_flags))
		return;
	queue_insert_ordered(p, WAITING + node_of(scx_bpf_task_cpu(p)), slice_of(class), deadline,
			     enq_flags);
	idle = kick_idle_cpu(p);
	if (idle < 0 && waking && class != BATCH)
		preempt_for(p, deadline);
}

void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev __unused)
{
	take_from_nodes(WAITING, cpu);
}

void SCHEDTUI_OP(running, struct task_struct *p)
{
	s32 cpu = scx_bpf_task_cpu(p);
	struct running_task *task = running_on(cpu);
	struct habit *habit = habit_of(p);
	u64 deadline = deadline_of(p, habit, class_of(p, habit));

	p->scx.slice = slice_within_round(p->scx.slice, WAITING + node_of(cpu));
	if (habit && before(timeline, habit->vtime))
		timeline = habit->vtime;
	WRITE_ONCE(task->since, now_ns());
	WRITE_ONCE(task->deadline, is_kthread(p) ? 0 : deadline | 1);
}

/*
 * Charge the task, and learn how long it ran if it goes to sleep now. The class is asked for
 * before: a task that overran its usual time pays in full.
 */
static __always_inline void settle(struct task_struct *p, u64 ran, bool goes_on)
{
	struct habit *habit = habit_of(p);

	if (!habit)
		return;
	habit->vtime += charge(ran, p->scx.weight) / favour_of(class_of(p, habit));
	if (!goes_on)
		habit->run_ns = averaged(habit->run_ns,
					 MAX(p->se.sum_exec_runtime - habit->woken_at, 1ULL));
}

void SCHEDTUI_OP(stopping, struct task_struct *p, bool goes_on)
{
	struct running_task *task = running_on(scx_bpf_task_cpu(p));
	u64 now = now_ns();
	u64 ran = before(task->since, now) ? now - task->since : 0;

	WRITE_ONCE(task->deadline, 0);
	settle(p, ran, goes_on);
	timeline += ran / (TIMELINE_FLOOR * online_cpus);
}

/* Without memory for its habits a task is served all the same, as batch work. */
s32 SCHEDTUI_OP(init_task, struct task_struct *p, struct scx_init_task_args *args __unused)
{
	struct habit *habit =
		bpf_task_storage_get(&habits, p, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (habit)
		habit->woken_at = p->se.sum_exec_runtime;
	return 0;
}

/* A new task starts a little behind the others, so that forking buys no CPU time. */
void SCHEDTUI_OP(enable, struct task_struct *p)
{
	struct habit *habit = habit_of(p);

	if (habit)
		habit->vtime = timeline + batch_slice_ns() / 4;
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	learn_machine();
	timeline = NSEC_PER_SEC;
	return create_node_queues(WAITING);
}

SCHEDTUI_OPS(frame_deadline, .select_cpu = OP(select_cpu), .runnable = OP(runnable),
	     .enqueue = OP(enqueue), .dispatch = OP(dispatch), .running = OP(running),
	     .stopping = OP(stopping), .init_task = OP(init_task), .enable = OP(enable),
	     .init = OP(init));
