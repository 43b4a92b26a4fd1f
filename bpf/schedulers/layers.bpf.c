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
 */
#include "schedtui.h"

/* Beginnings of process names in the upper layer, and the longest turn of each. */
const volatile struct name_weight upper[HINTS_MAX] = {};
/* Beginnings of process names in the lower layer, and the longest turn of each. */
const volatile struct name_weight lower[HINTS_MAX] = {};
/* Who is in neither table: upper with a nice value below zero, lower with one above. */
const volatile bool by_nice = true;
/* Longest turn of tasks that are in no table, in microseconds. */
const volatile u64 slice_us = 5000;
/* A task goes before those of the next higher layer that come this much later, in ms. */
const volatile u64 ageing_ms = 200;

#define WAITING 0ULL
#define CPUS_MAX 1024U

#define UPPER 0U
#define MIDDLE 1U
#define LOWER 2U

/* Priority of a task with nice value 0. */
#define NICE_ZERO 120

/* How many running tasks a wake-up looks at in search of the lowest. */
#define PREEMPT_SAMPLES 8U

/* For each row of a table, 0xff for every byte of the name: what of a name is compared. */
struct beginning {
	u8 bytes[TASK_COMM_LEN];
};

static struct beginning upper_masks[HINTS_MAX];
static struct beginning lower_masks[HINTS_MAX];

/* Where a task belongs, and how long its turns are. */
struct seat {
	u32 layer;
	u64 slice_ns;
};

/* What runs on each CPU, each on a cache line of its own. */
struct running_task {
	u64 layer; /* 0 while nobody runs, or somebody who must not be interrupted */
	u64 unused[7];
};

static struct running_task on_cpu[CPUS_MAX];

static __always_inline struct running_task *running_on(s32 cpu)
{
	return &on_cpu[(u32)cpu % CPUS_MAX];
}

/* ---- layers ----------------------------------------------------------------------------------- */

/* Names fill 16 bytes, padded with zeros on both sides: two words to compare. */
static __always_inline bool begins_with(struct task_struct *p, const volatile char *beginning,
					const struct beginning *mask)
{
	const u64 *comm = (const u64 *)&p->comm[0];
	const volatile u64 *name = (const volatile u64 *)beginning;
	const u64 *bytes = (const u64 *)mask->bytes;

	return (comm[0] & bytes[0]) == name[0] && (comm[1] & bytes[1]) == name[1];
}

/* Longest turn by a table in ns; 0 when the name of the task is not in it. */
static __always_inline u64 turn_in(struct task_struct *p, const volatile struct name_weight *table,
				   const struct beginning *masks)
{
	for (u32 i = 0; i < HINTS_MAX; i++)
		if (table[i].expected_ms && begins_with(p, table[i].name, &masks[i]))
			return table[i].expected_ms * NSEC_PER_MSEC;
	return 0;
}

static __always_inline u32 layer_by_nice(struct task_struct *p)
{
	if (is_kthread(p))
		return UPPER;
	if (!by_nice || p->static_prio == NICE_ZERO)
		return MIDDLE;
	return p->static_prio < NICE_ZERO ? UPPER : LOWER;
}

static __always_inline struct seat seat_of(struct task_struct *p)
{
	struct seat seat = { UPPER, turn_in(p, upper, upper_masks) };

	if (seat.slice_ns)
		return seat;
	seat.layer = LOWER;
	seat.slice_ns = turn_in(p, lower, lower_masks);
	if (seat.slice_ns)
		return seat;
	seat.layer = layer_by_nice(p);
	seat.slice_ns = slice_us * NSEC_PER_USEC;
	return seat;
}

/* The place of a task that asks now. */
static __always_inline u64 place_in(u32 layer)
{
	return now_ns() + layer * ageing_ms * NSEC_PER_MSEC;
}

/* ---- interruptions ---------------------------------------------------------------------------- */

/*
 * Find, among a few CPUs that the waking task may use, one whose task is of the lowest layer and
 * lower than its own. On a small machine that is all of them; on a large one a sample starting
 * at a random place does nearly as well.
 */
static __always_inline s32 lowest_cpu(struct task_struct *p, u64 layer)
{
	u32 first = nr_cpus <= PREEMPT_SAMPLES ? 0 : bpf_get_prandom_u32();
	s32 found = -1;

	for (u32 i = 0; i < PREEMPT_SAMPLES && i < nr_cpus; i++) {
		s32 cpu = (first + i) % nr_cpus;
		u64 other = READ_ONCE(running_on(cpu)->layer);

		if (other <= layer || !bpf_cpumask_test_cpu(cpu, p->cpus_ptr))
			continue;
		layer = other;
		found = cpu;
	}
	return found;
}

static __always_inline void preempt_for(struct task_struct *p, u32 layer)
{
	s32 home = scx_bpf_task_cpu(p);
	s32 cpu = is_pinned(p) ? -1 : lowest_cpu(p, layer);

	/* On a large machine the sample may have missed the one CPU that is certainly allowed. */
	if (cpu < 0 && layer < READ_ONCE(running_on(home)->layer))
		cpu = home;
	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_FLAG(kick_flags, SCX_KICK_PREEMPT));
}

/* ---- operations ------------------------------------------------------------------------------- */

/* A task that finds an idle CPU has waited for nobody; its place says so. */
s32 SCHEDTUI_OP(select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	struct seat seat = seat_of(p);

	p->scx.dsq_vtime = place_in(seat.layer);
	return select_idle_cpu(p, prev_cpu, wake_flags, seat.slice_ns);
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	bool waking = enq_flags & SCX_FLAG(enq_flags, SCX_ENQ_WAKEUP);
	struct seat seat = seat_of(p);
	s32 idle;

	if (insert_urgent(p, seat.slice_ns, enq_flags))
		return;
	queue_insert_ordered(p, WAITING + node_of(scx_bpf_task_cpu(p)), seat.slice_ns,
			     place_in(seat.layer), enq_flags);
	idle = kick_idle_cpu(p);
	if (idle < 0 && waking)
		preempt_for(p, seat.layer);
}

/* Who goes on because nobody else waits is spared no more: its turn was over. */
void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev)
{
	if (!take_from_nodes(WAITING, cpu) && prev && !is_kthread(prev))
		WRITE_ONCE(running_on(cpu)->layer, seat_of(prev).layer);
}

/* A place in the past: the task has waited for as long as its layer has to. */
static __always_inline bool has_waited(const struct task_struct *p)
{
	return !before(now_ns(), p->scx.dsq_vtime);
}

void SCHEDTUI_OP(running, struct task_struct *p)
{
	s32 cpu = scx_bpf_task_cpu(p);
	u32 layer = seat_of(p).layer;
	bool spared = is_kthread(p) || has_waited(p);

	p->scx.slice = slice_within_round(p->scx.slice, WAITING + node_of(cpu));
	/* A turn that follows without a wait is spared no more. */
	p->scx.dsq_vtime = place_in(layer);
	WRITE_ONCE(running_on(cpu)->layer, spared ? 0 : layer);
}

void SCHEDTUI_OP(stopping, struct task_struct *p, bool goes_on __unused)
{
	WRITE_ONCE(running_on(scx_bpf_task_cpu(p))->layer, 0);
}

static __always_inline void learn_beginning(const volatile struct name_weight *row,
					    struct beginning *mask)
{
	for (u32 i = 0; i < TASK_COMM_LEN; i++)
		mask->bytes[i] = row->name[i] ? 0xff : 0;
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	learn_machine();
	for (u32 i = 0; i < HINTS_MAX; i++) {
		learn_beginning(&upper[i], &upper_masks[i]);
		learn_beginning(&lower[i], &lower_masks[i]);
	}
	return create_node_queues(WAITING);
}

SCHEDTUI_OPS(layers, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue), .dispatch = OP(dispatch),
	     .running = OP(running), .stopping = OP(stopping), .init = OP(init));
