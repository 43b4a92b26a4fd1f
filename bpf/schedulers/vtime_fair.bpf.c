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
 * No clock runs more than 40 ms ahead of the common time line, so that nobody waits for long:
 * weights hold as far as that has turns, 8 to 1 with those of 5 ms, 4 to 1 with 10 ms.
 *
 * Composed: the slots below come from vtime_fair.toml, everything else from the scaffold, which
 * bounds what they say. Change them there and compose again.
 */
#include "schedtui.h"

/*
 * Longest turn of a task while others wait. Shorter turns react faster and keep to weights that
 * differ more. In microseconds.
 */
const volatile u64 slice_us = 5000;
/*
 * How far behind the fair time line a waking task may start. Larger favours interactive tasks. In
 * microseconds.
 */
const volatile u64 sleeper_credit_us = 10000;
/* Whether a waking task that is behind the fair time line interrupts a running one at once. */
const volatile bool preempt_on_wakeup = true;

/* ---- bounds that no slot can move -------------------------------------------------------------- */

/* Longest turn. In a full queue turns are shorter, so that everybody gets one per round. */
#define SLICE_CEILING_NS NSEC_PER_SEC

/* How far ahead of the time line a place in the queue may lie. */
#define PATIENCE_NS (40ULL * NSEC_PER_MSEC)
/* How far behind it a clock may begin, whatever its credit. */
#define CREDIT_CEILING_NS (500ULL * NSEC_PER_MSEC)
/*
 * The time line moves with the time that CPUs spend working, so fast that it passes the whole way
 * between the two within this: then who waits is before everybody that comes later, whatever
 * the slots say. In a fair share among a few dozens of tasks per CPU it moves faster by itself.
 */
#define WAIT_CEILING_NS (2560ULL * NSEC_PER_MSEC)
/* Most that one turn can cost on a virtual clock. */
#define CHARGE_CEILING_NS NSEC_PER_SEC

/* How many running tasks a wake-up looks at in search of the one to interrupt. */
#define PREEMPT_SAMPLES 8U

/* First queue of each kind; one queue per memory node follows. */
#define WAITING 0ULL

/* Virtual time of the common time line. A lost update of a race is made good by the next. */
static u64 timeline;

/* The greatest credit that was given so far; a compiler would make a constant one a flag. */
static u64 reach;

#define CPUS_MAX 1024U

/* Whose turn it is on a CPU, each on a cache line of its own. */
struct turn {
	u64 since;
	/* Place of the task; 0 while nobody runs, or somebody who must not be interrupted. */
	u64 key;
	u64 weight;
	u64 unused[5];
};

static struct turn turns[CPUS_MAX];

static __always_inline struct turn *turn_of(s32 cpu)
{
	return &turns[(u32)cpu % CPUS_MAX];
}

/* ---- slots -------------------------------------------------------------------------------------- */

/* What slots read of a task. */
struct facts {
	/* It has just woken up; no more when its turn begins. */
	bool waking;
	/* The place that it has just taken, in ns. */
	u64 key;
};

/* What they read of one that runs. */
struct runner {
	/* The place that it had before its turn, in ns. */
	u64 key;
	/* By its nice value; 100 is usual. */
	u64 weight;
	/* How long its turn has lasted, in ns. */
	u64 turn_ns;
};

/* Slot slice. The longest turn of a task. Unit: ns. */
static __always_inline u64 slot_slice(const struct facts *task __unused)
{
	return slice_us * NSEC_PER_USEC;
}

/*
 * Slot preempt. What is gained when a running task is interrupted for a waking one. Unit: any; 0:
 * it goes on.
 */
static __always_inline u64 slot_preempt(const struct facts *task, const struct runner *other)
{
	/* Head start below which an interruption costs more than it brings. */
	const u64 margin = 500 * NSEC_PER_USEC;
	u64 ahead = other->key + other->turn_ns * 100 / MAX(other->weight, 1ULL);

	if (!preempt_on_wakeup || !before(task->key + margin, ahead))
		return 0;
	return ahead - task->key;
}

/*
 * Slot credit. How far behind the time line the virtual clock of a task may begin. Unit: ns of
 * virtual time.
 */
static __always_inline u64 slot_credit(const struct facts *task __unused)
{
	return sleeper_credit_us * NSEC_PER_USEC;
}

/* ---- what the slots are told -------------------------------------------------------------------- */

static __always_inline struct facts facts_of(struct task_struct *p, bool waking)
{
	struct facts task = { .waking = waking };

	return task;
}

/* ---- what the slots say, within the bounds ------------------------------------------------------ */

static __always_inline u64 slice_of(const struct facts *task)
{
	u64 slice = slot_slice(task);

	return MAX(MIN(slice, SLICE_CEILING_NS), SLICE_FLOOR_NS);
}

/*
 * The virtual clock of a task, but
 *  - not further behind the time line than its credit, or a long sleep would buy a long monopoly;
 *  - not further ahead than PATIENCE_NS, or one run of a very light task beside very heavy ones
 *    would cost it seconds.
 */
static __always_inline u64 clock_of(struct task_struct *p, const struct facts *task)
{
	u64 asked = slot_credit(task);
	u64 credit = MIN(asked, CREDIT_CEILING_NS);
	u64 earliest = timeline - credit;
	u64 latest = timeline + PATIENCE_NS;

	WRITE_ONCE(reach, MAX(READ_ONCE(reach), credit));
	p->scx.dsq_vtime = time_within(p->scx.dsq_vtime, earliest, latest);
	return p->scx.dsq_vtime;
}

/* The place of a task in the queue: its clock. */
static __always_inline u64 place_of(struct task_struct *p, struct facts *task)
{
	return clock_of(p, task);
}

/* ---- interruptions ------------------------------------------------------------------------------ */

/* What is gained when the task that runs on a CPU is interrupted for this one; 0: it must not. */
static __always_inline u64 gain_on(s32 cpu, const struct facts *task)
{
	const struct turn *turn = turn_of(cpu);
	u64 since = READ_ONCE(turn->since), now = now_ns();
	struct runner other = { .key = READ_ONCE(turn->key) };

	if (!other.key || before(now, since))
		return 0;
	other.weight = READ_ONCE(turn->weight);
	other.turn_ns = now - since;
	return slot_preempt(task, &other);
}

/*
 * Find, among a few CPUs that the waking task may use, the one where an interruption gains most.
 * On a small machine that is all of them; on a large one a sample starting at a random place does
 * nearly as well as a full search and costs the same at any size.
 */
static __always_inline s32 best_cpu(struct task_struct *p, const struct facts *task)
{
	u32 first = nr_cpus <= PREEMPT_SAMPLES ? 0 : bpf_get_prandom_u32();
	s32 found = -1;
	u64 most = 0;

	for (u32 i = 0; i < PREEMPT_SAMPLES && i < nr_cpus; i++) {
		s32 cpu = (first + i) % nr_cpus;
		u64 gain = gain_on(cpu, task);

		if (gain <= most || !bpf_cpumask_test_cpu(cpu, p->cpus_ptr))
			continue;
		most = gain;
		found = cpu;
	}
	return found;
}

static __always_inline void preempt_for(struct task_struct *p, const struct facts *task)
{
	s32 cpu = is_pinned(p) ? -1 : best_cpu(p, task);
	s32 home = scx_bpf_task_cpu(p);

	/* On a large machine the sample may have missed the one CPU that is certainly allowed. */
	if (cpu < 0 && gain_on(home, task))
		cpu = home;
	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_FLAG(kick_flags, SCX_KICK_PREEMPT));
}

/* ---- operations --------------------------------------------------------------------------------- */

s32 SCHEDTUI_OP(select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	struct facts task = facts_of(p, true);

	return select_idle_cpu(p, prev_cpu, wake_flags, slice_of(&task));
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	bool waking = enq_flags & SCX_FLAG(enq_flags, SCX_ENQ_WAKEUP);
	struct facts task = facts_of(p, waking);
	u64 slice = slice_of(&task);
	u32 node = node_of(scx_bpf_task_cpu(p));
	u64 key = place_of(p, &task);
	s32 idle;

	if (insert_urgent(p, slice, enq_flags))
		return;
	queue_insert_ordered(p, WAITING + node, slice, key, enq_flags);
	idle = kick_idle_cpu(p);
	task.key = key;
	if (idle < 0 && waking)
		preempt_for(p, &task);
}

static __always_inline bool take_next(s32 cpu)
{
	return take_from_nodes(WAITING, cpu);
}

void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev __unused)
{
	take_next(cpu);
}

/* The turn begins: how long it may be depends on how many wait now, not when it was queued. */
void SCHEDTUI_OP(running, struct task_struct *p)
{
	s32 cpu = scx_bpf_task_cpu(p);
	struct turn *turn = turn_of(cpu);
	struct facts task = facts_of(p, false);
	u64 clock = clock_of(p, &task);

	p->scx.slice = slice_within_round(p->scx.slice, WAITING + node_of(cpu));
	if (before(timeline, clock))
		timeline = clock;
	turn->since = now_ns();
	turn->weight = p->scx.weight;
	WRITE_ONCE(turn->key, is_kthread(p) ? 0 : p->scx.dsq_vtime | 1);
}

/* What a turn costs on the virtual clock of the task. */
static __always_inline u64 cost_of(struct task_struct *p, u64 ran)
{
	/* Weight 100 is the default and counts one to one. */
	u64 cost = ran * SCX_WEIGHT_DEFAULT / MAX(p->scx.weight, 1U);

	return MIN(cost, CHARGE_CEILING_NS);
}

/*
 * Charge the task. The time line also moves a little with every turn: then even an endless
 * stream of waking tasks, each with its credit, cannot hold a waiting task back for long.
 */
static __always_inline void charge(struct task_struct *p, u64 ran)
{
	p->scx.dsq_vtime += cost_of(p, ran);
	timeline += ran / (WAIT_CEILING_NS / (PATIENCE_NS + READ_ONCE(reach)) * online_cpus);
}

void SCHEDTUI_OP(stopping, struct task_struct *p, bool goes_on __unused)
{
	struct turn *turn = turn_of(scx_bpf_task_cpu(p));
	u64 now = now_ns();
	u64 ran = before(turn->since, now) ? now - turn->since : 0;

	WRITE_ONCE(turn->key, 0);
	charge(p, ran);
}

/* A new task starts one turn behind the others, so that forking buys no CPU time. */
void SCHEDTUI_OP(enable, struct task_struct *p)
{
	struct facts task = facts_of(p, false);

	p->scx.dsq_vtime = timeline + slice_of(&task);
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
