/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * warm_cores: as few CPUs as the load needs, kept warm; the rest may sleep deeply.
 *
 * Idea. A little work spread over all CPUs keeps every one of them half awake: none reaches its
 * deep sleep, none its high clock, and each wake-up finds cold caches. Packed on few CPUs the same
 * work runs on warm ones (Lawall and others, "OS scheduling with Nest: keeping tasks close
 * together on warm cores", EuroSys '22; the same reason as for unloading tasks from disks and
 * servers that are to be switched off). Here the CPUs with the lowest numbers are open and take
 * all tasks; the others are closed.
 *  - When tasks have been waiting without a break for spill_us, one more CPU is opened, and
 *    again after as long.
 *  - When all work of the last shrink_ms would have filled one CPU less to three quarters at
 *    most, the last one is closed. What runs there goes on to its next sleep or end of turn.
 * Opening is fast and closing slow, as with every switch that should not flutter.
 *
 * A waking task goes back to its CPU if that is open and idle, else to the lowest idle one, so that
 * the last CPUs run out of work first. Tasks that may not run everywhere would be lost if theirs
 * were closed; they have a queue of their own that every CPU serves in turn with the common one.
 * A task that may not leave its CPU for a moment only can be in the common one all the same, so a
 * closed CPU takes from it too before it sleeps.
 *
 * Limits. A burst waits up to spill_us for each CPU that it needs more: not for the least latency.
 * CPUs are taken in the order of their numbers, whatever their kind or place; on machines with
 * fast and slow cores those with low numbers get all the work. While a real-time task holds the
 * only open CPU, another is opened only when somebody else wakes up. Nice values and weights
 * of cgroups are ignored. A waking task does not interrupt a turn.
 */
#include "schedtui.h"

/* Tasks wait for so long without a break until one more CPU is opened, in microseconds. */
const volatile u64 spill_us = 3000;
/* So long is looked at before a CPU is closed, in milliseconds. */
const volatile u64 shrink_ms = 100;
/* Longest turn of a task while others wait, in microseconds. */
const volatile u64 slice_us = 5000;

/* First queue of each kind; one queue per memory node follows. */
#define COMMON 0ULL
#define BOUND 64ULL
#define CPUS_MAX 1024U

/* How many CPUs a waking task looks at in search of an idle one. */
#define IDLE_SAMPLES 16U

/* CPUs with numbers below this are open. */
static u32 open_cpus = 1;

/* When the common queues were last empty, or a CPU opened because they were not. */
static u64 crowded_since;

/* Begin of the time that is looked at before a CPU is closed, and the work of all CPUs in it. */
static u64 window_began;
static s64 window_work;

/* Each CPU on a cache line of its own. */
struct seat {
	u64 since;	/* up to when the work of its task is counted */
	u64 bound_next; /* whose turn it is: that of a bound task? */
	u64 unused[6];
};

static struct seat seats[CPUS_MAX];

static __always_inline struct seat *seat_on(s32 cpu)
{
	return &seats[(u32)cpu % CPUS_MAX];
}

static __always_inline u64 slice_ns(void)
{
	return slice_us * NSEC_PER_USEC;
}

static __always_inline bool is_open(s32 cpu)
{
	return (u32)cpu < READ_ONCE(open_cpus);
}

/* A task that may run on some CPUs only: there are masks that are large by CPUs that do not work. */
static __always_inline bool is_bound(const struct task_struct *p)
{
	const struct cpumask *online;
	bool everywhere;

	if ((u32)p->nr_cpus_allowed < online_cpus)
		return true;
	online = scx_bpf_get_online_cpumask();
	everywhere = bpf_cpumask_subset(online, p->cpus_ptr);
	scx_bpf_put_cpumask(online);
	return !everywhere;
}

static __always_inline u64 queue_of(struct task_struct *p, bool bound)
{
	return (bound ? BOUND : COMMON) + node_of(scx_bpf_task_cpu(p));
}

/* ---- how many CPUs are open ------------------------------------------------------------------- */

static __always_inline bool anybody_waits(void)
{
	for (u32 node = 0; node < NODES_MAX && node < nr_nodes; node++)
		if (scx_bpf_dsq_nr_queued(COMMON + node) > 0)
			return true;
	return false;
}

/* Open one more CPU if somebody has been waiting for long enough. */
static __always_inline void spill(void)
{
	u64 now = now_ns();
	u32 next = READ_ONCE(open_cpus);

	if (!anybody_waits()) {
		crowded_since = now;
		return;
	}
	if (next >= nr_cpus || before(now, crowded_since + spill_us * NSEC_PER_USEC))
		return;
	crowded_since = now;
	WRITE_ONCE(open_cpus, next + 1);
	scx_bpf_kick_cpu(next, SCX_FLAG(kick_flags, SCX_KICK_IDLE));
}

/* Close the last CPU if the others had room enough for all work of the window. */
static __always_inline void shrink(u64 now)
{
	u64 window = shrink_ms * NSEC_PER_MSEC;
	u32 less = READ_ONCE(open_cpus) - 1;

	if (before(now, window_began + window))
		return;
	if (less && READ_ONCE(window_work) < (s64)(window * less / 4 * 3))
		WRITE_ONCE(open_cpus, less);
	window_began = now;
	WRITE_ONCE(window_work, 0);
}

/* Count what the task on a CPU has worked since it was last counted. */
static __always_inline void count_work(s32 cpu)
{
	struct seat *seat = seat_on(cpu);
	u64 since = seat->since, now = now_ns();

	if (before(since, now))
		add_shared(&window_work, now - since);
	seat->since = now;
	shrink(now);
}

/* ---- CPUs ------------------------------------------------------------------------------------- */

/* Is the CPU open, idle and allowed? If so it is taken, and the task should go there. */
static __always_inline bool is_taken(struct task_struct *p, u32 cpu)
{
	return is_open(cpu) && bpf_cpumask_test_cpu(cpu, p->cpus_ptr) &&
	       scx_bpf_test_and_clear_cpu_idle(cpu);
}

/* The lowest open CPU that is idle, of a few from `first` on; as many as there are for none. */
static __always_inline u32 lowest_idle(struct task_struct *p, u32 first)
{
	for (u32 i = 0; i < IDLE_SAMPLES && first + i < nr_cpus; i++)
		if (is_taken(p, first + i))
			return first + i;
	return nr_cpus;
}

/* Where a search of a few begins: all open CPUs, or any of them when they are too many. */
static __always_inline u32 search_from(void)
{
	u32 open = READ_ONCE(open_cpus);

	return open <= IDLE_SAMPLES ? 0 : bpf_get_prandom_u32() % (open - IDLE_SAMPLES);
}

s32 SCHEDTUI_OP(select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	u32 cpu = prev_cpu;

	if (is_bound(p))
		return select_idle_cpu(p, prev_cpu, wake_flags, slice_ns());
	if (!is_taken(p, cpu))
		cpu = lowest_idle(p, search_from());
	if (cpu >= nr_cpus)
		return prev_cpu;
	queue_insert(p, SCX_DSQ_LOCAL, slice_ns(), 0);
	return cpu;
}

/* An open CPU may have become idle since it was searched for. */
static __always_inline void kick_open_cpu(struct task_struct *p)
{
	u32 cpu = lowest_idle(p, search_from());

	if (cpu < nr_cpus)
		scx_bpf_kick_cpu(cpu, SCX_FLAG(kick_flags, SCX_KICK_IDLE));
	else
		spill();
}

/* ---- operations ------------------------------------------------------------------------------- */

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	bool bound = is_bound(p);

	if (insert_urgent(p, slice_ns(), enq_flags))
		return;
	if (!bound && !anybody_waits())
		crowded_since = now_ns();
	queue_insert(p, queue_of(p, bound), slice_ns(), enq_flags);
	if (bound)
		kick_idle_cpu(p);
	else
		kick_open_cpu(p);
}

/*
 * Bound tasks and the others take turns. A closed CPU serves bound ones, and the others last: one
 * that just now may not leave this CPU (migrate_disable) is not among the bound, and no other
 * CPU can take it.
 */
void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev __unused)
{
	struct seat *seat = seat_on(cpu);
	bool open = is_open(cpu);

	seat->bound_next = !seat->bound_next;
	if (seat->bound_next && take_from_nodes(BOUND, cpu))
		return;
	if (open && take_from_nodes(COMMON, cpu))
		return;
	if (take_from_nodes(BOUND, cpu) || open)
		return;
	take_from_nodes(COMMON, cpu);
}

void SCHEDTUI_OP(running, struct task_struct *p)
{
	p->scx.slice = slice_within_round(p->scx.slice, queue_of(p, is_bound(p)));
	seat_on(scx_bpf_task_cpu(p))->since = now_ns();
}

/* Whoever runs without a break must be counted too, and somebody may be waiting for a CPU. */
void SCHEDTUI_OP(tick, struct task_struct *p)
{
	count_work(scx_bpf_task_cpu(p));
	spill();
}

void SCHEDTUI_OP(stopping, struct task_struct *p, bool goes_on __unused)
{
	count_work(scx_bpf_task_cpu(p));
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	s32 error;

	learn_machine();
	window_began = now_ns();
	error = create_node_queues(COMMON);
	return error ? error : create_node_queues(BOUND);
}

SCHEDTUI_OPS(warm_cores, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue),
	     .dispatch = OP(dispatch), .running = OP(running), .tick = OP(tick),
	     .stopping = OP(stopping), .init = OP(init));
