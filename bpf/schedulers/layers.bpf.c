/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * layers: three layers of tasks, the upper always before the lower, but nobody waits for ever.
 *
 * Idea. Who knows what matters on a machine can say it: these processes first, those only when
 * nothing else wants the CPU. Names are compared by their beginning, so that "nginx" also means
 * "nginx-worker"; who is in neither table goes by its nice value, and else into the middle. A
 * waking task interrupts one of a lower layer. Within a layer tasks take turns.
 *
 * Fixed priorities starve whoever is at the bottom. Here a layer is not a queue but a handicap
 * in time: a task goes before all that come later, unless they are of a higher layer and come
 * less than ageing_ms later for each layer between. That is linear ageing, as in Kleinrock's
 * delay dependent priorities ("A delay dependent queue discipline", 1964): so strict as one
 * wants it for as long as one wants it, and first come first served beyond. Who has waited its
 * time out is not interrupted in the turn that it then gets.
 *
 * Limits. While upper layers take all CPUs, a task of a lower one gets about one turn for each
 * time that it waits, which is little. A wrong name or a beginning that fits too much costs
 * others dearly. Any process can take a name; nice values below zero need a privilege. Cgroup
 * shares are ignored, and nice values count by their sign only. Within a layer all are equal.
 *
 * Composed: the slots below come from layers.toml, everything else from the scaffold, which bounds
 * what they say. Change them there and compose again.
 */
#include "schedtui.h"

/*
 * Beginnings of process names of the upper layer, at most 16, each with its longest turn. In
 * milliseconds.
 */
const volatile struct name_weight upper[HINTS_MAX] = {};
/*
 * Beginnings of process names of the lower layer, at most 16, each with its longest turn. In
 * milliseconds.
 */
const volatile struct name_weight lower[HINTS_MAX] = {};
/*
 * Whether a task in neither table is upper with a nice value below zero and lower with one above.
 */
const volatile bool by_nice = true;
/* Longest turn of a task that is in neither table. In microseconds. */
const volatile u64 slice_us = 5000;
/*
 * How long a task waits for those of the next higher layer, while these keep coming. In
 * milliseconds.
 */
const volatile u64 ageing_ms = 200;

/* ---- bounds that no slot can move -------------------------------------------------------------- */

/* Longest turn. In a full queue turns are shorter, so that everybody gets one per round. */
#define SLICE_CEILING_NS NSEC_PER_SEC

/*
 * How far before the time and after it a place in the queue may lie: who has waited for both
 * together is before everybody that comes later, whatever the slots say.
 */
#define REACH_NS (500ULL * NSEC_PER_MSEC)
#define PATIENCE_NS (2000ULL * NSEC_PER_MSEC)

/* How many running tasks a wake-up looks at in search of the one to interrupt. */
#define PREEMPT_SAMPLES 8U

/* Classes run from 0 to this. */
#define CLASS_MAX 7ULL

/* First queue of each kind; one queue per memory node follows. */
#define WAITING 0ULL

#define CPUS_MAX 1024U

/* Whose turn it is on a CPU, each on a cache line of its own. */
struct turn {
	u64 since;
	/* Place of the task; 0 while nobody runs, or somebody who must not be interrupted. */
	u64 key;
	u64 class;
	bool late;
	/* Who was interrupted so early that it was no turn. */
	s64 cut_short;
	u64 unused[3];
};

static struct turn turns[CPUS_MAX];

static __always_inline struct turn *turn_of(s32 cpu)
{
	return &turns[(u32)cpu % CPUS_MAX];
}

/* For a row of a table, 0xff for every byte of the name: what of a name is compared. */
struct beginning {
	u8 bytes[TASK_COMM_LEN];
};

/* Names fill 16 bytes, padded with zeros on both sides: two words to compare. */
static __always_inline bool begins_with(struct task_struct *p, const volatile char *wanted,
					const struct beginning *mask)
{
	const u64 *comm = (const u64 *)&p->comm[0];
	const volatile u64 *name = (const volatile u64 *)wanted;
	const u64 *bytes = (const u64 *)mask->bytes;

	return (comm[0] & bytes[0]) == name[0] && (comm[1] & bytes[1]) == name[1];
}

/* What a table says about names that begin as the one of a task does, 0 for nothing. */
static __always_inline u64 begun_in(const volatile struct name_weight *table,
				    const struct beginning *masks, struct task_struct *p)
{
	for (u32 i = 0; i < HINTS_MAX; i++)
		if (table[i].expected_ms && begins_with(p, table[i].name, &masks[i]))
			return table[i].expected_ms;
	return 0;
}

static __always_inline void learn_beginning(const volatile struct name_weight *row,
					    struct beginning *mask)
{
	for (u32 i = 0; i < TASK_COMM_LEN; i++)
		mask->bytes[i] = row->name[i] ? 0xff : 0;
}

static struct beginning lower_beginnings[HINTS_MAX];

static struct beginning upper_beginnings[HINTS_MAX];

/* ---- slots -------------------------------------------------------------------------------------- */

/* What slots read of a task. */
struct facts {
	/* It has just woken up; no more when its turn begins. */
	bool waking;
	/* 100 to 139; 120 is nice 0. */
	u64 priority;
	/* It is a kernel thread. */
	bool kthread;
	/* What classify said of it. */
	u64 class;
	/* The time, in ns. */
	u64 now;
	/* What lower says of names that begin as its own does, 0 for nothing, in ms. */
	u64 lower_begins_ms;
	/* What upper says of names that begin as its own does, 0 for nothing, in ms. */
	u64 upper_begins_ms;
};

/* What they read of one that runs. */
struct runner {
	/* The place that it had before its turn, in ns. */
	u64 key;
	/* What classify said of it. */
	u64 class;
	/* The time line had passed its place when its turn began. */
	bool late;
};

/*
 * Slot classify. The class of a task, which the other slots can read. Unit: a number from 0 to 7.
 */
static __always_inline u64 slot_classify(const struct facts *task)
{
	/* The upper layer is 1, the middle one 2, the lower one 3. */
	if (task->upper_begins_ms)
		return 1;
	if (task->lower_begins_ms)
		return 3;
	if (task->kthread)
		return 1;
	if (!by_nice || task->priority == 120)
		return 2;
	return task->priority < 120 ? 1 : 3;
}

/*
 * Slot order. The place of a task in the queue: who has the earliest goes first. Unit: ns, on the
 * time line that the slot reads: the time, or virtual time.
 */
static __always_inline u64 slot_order(const struct facts *task)
{
	/* Who asks now goes before all who come later, but for the higher layers. */
	return task->now + (task->class - 1) * ageing_ms * NSEC_PER_MSEC;
}

/* Slot slice. The longest turn of a task. Unit: ns. */
static __always_inline u64 slot_slice(const struct facts *task)
{
	const u64 named = task->upper_begins_ms ? task->upper_begins_ms : task->lower_begins_ms;

	return named ? named * NSEC_PER_MSEC : slice_us * NSEC_PER_USEC;
}

/*
 * Slot preempt. What is gained when a running task is interrupted for a waking one. Unit: any; 0:
 * it goes on.
 */
static __always_inline u64 slot_preempt(const struct facts *task, const struct runner *other)
{
	/* Who has waited its time out is not interrupted in the turn that it then gets. */
	if (other->late || other->class <= task->class)
		return 0;
	return other->class - task->class;
}

/* ---- what the slots are told -------------------------------------------------------------------- */

static __always_inline struct facts facts_of(struct task_struct *p, bool waking)
{
	struct facts task = { .waking = waking };

	task.priority = p->static_prio;
	task.kthread = is_kthread(p);
	task.lower_begins_ms = begun_in(lower, lower_beginnings, p);
	task.upper_begins_ms = begun_in(upper, upper_beginnings, p);
	task.class = slot_classify(&task);
	task.class = MIN(task.class, CLASS_MAX);
	return task;
}

/* ---- what the slots say, within the bounds ------------------------------------------------------ */

static __always_inline u64 slice_of(const struct facts *task)
{
	u64 slice = slot_slice(task);

	return MAX(MIN(slice, SLICE_CEILING_NS), SLICE_FLOOR_NS);
}

/* The place of a task in the queue. */
static __always_inline u64 place_of(struct task_struct *p, struct facts *task)
{
	u64 line = now_ns(), key;

	task->now = line;
	key = time_within(slot_order(task), line - REACH_NS, line + PATIENCE_NS);
	/* A turn that was next to nothing costs nobody his place: interruptions starve nobody. */
	if (!task->waking && turn_of(scx_bpf_task_cpu(p))->cut_short == p->pid)
		return before(p->scx.dsq_vtime, key) ? p->scx.dsq_vtime : key;
	return key;
}

/* ---- interruptions ------------------------------------------------------------------------------ */

/* What is gained when the task that runs on a CPU is interrupted for this one; 0: it must not. */
static __always_inline u64 gain_on(s32 cpu, const struct facts *task)
{
	const struct turn *turn = turn_of(cpu);
	struct runner other = { .key = READ_ONCE(turn->key) };

	if (!other.key)
		return 0;
	other.class = READ_ONCE(turn->class);
	other.late = READ_ONCE(turn->late);
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

	p->scx.dsq_vtime = place_of(p, &task);
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
	if (idle < 0 && waking)
		preempt_for(p, &task);
}

static __always_inline bool take_next(s32 cpu)
{
	return take_from_nodes(WAITING, cpu);
}

/* Who goes on because nobody else waits is late no more: the turn was over. */
void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev)
{
	if (!take_next(cpu) && prev)
		WRITE_ONCE(turn_of(cpu)->late, false);
}

/* The turn begins: how long it may be depends on how many wait now, not when it was queued. */
void SCHEDTUI_OP(running, struct task_struct *p)
{
	s32 cpu = scx_bpf_task_cpu(p);
	struct turn *turn = turn_of(cpu);
	struct facts task = facts_of(p, false);

	p->scx.slice = slice_within_round(p->scx.slice, WAITING + node_of(cpu));
	turn->since = now_ns();
	turn->class = task.class;
	turn->late = !before(now_ns(), p->scx.dsq_vtime);
	turn->cut_short = 0;
	WRITE_ONCE(turn->key, is_kthread(p) ? 0 : p->scx.dsq_vtime | 1);
}

void SCHEDTUI_OP(stopping, struct task_struct *p, bool goes_on)
{
	struct turn *turn = turn_of(scx_bpf_task_cpu(p));
	u64 now = now_ns();
	u64 ran = before(turn->since, now) ? now - turn->since : 0;

	WRITE_ONCE(turn->key, 0);
	if (goes_on && ran < SLICE_FLOOR_NS)
		turn->cut_short = p->pid;
}

void SCHEDTUI_OP(enable, struct task_struct *p)
{
	p->scx.dsq_vtime = 0;
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	learn_machine();
	for (u32 i = 0; i < HINTS_MAX; i++) {
		learn_beginning(&lower[i], &lower_beginnings[i]);
		learn_beginning(&upper[i], &upper_beginnings[i]);
	}
	return create_node_queues(WAITING);
}

SCHEDTUI_OPS(layers, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue), .dispatch = OP(dispatch),
	     .running = OP(running), .stopping = OP(stopping), .enable = OP(enable),
	     .init = OP(init));
