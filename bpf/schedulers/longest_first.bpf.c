/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * longest_first: of the tasks whose run time is known, the longest goes first.
 *
 * Idea. When a batch of jobs is started together and one is much longer than the rest, a fair
 * scheduler lets all of them run side by side, and the long one is left alone at the end
 * while the other CPUs idle. Starting it first fills that gap: longest processing time first
 * finishes within 4/3 - 1/(3m) of the best possible time on m CPUs, fair sharing only within
 * 2 - 1/m (Graham, "Bounds on multiprocessing timing anomalies", 1969). The run times come
 * from outside, as hints by process name, usually measured on the run before.
 *
 * Tasks without a hint are taken for interactive or system work: they wait in a queue of
 * their own that is served first, in short slices, up to half of the CPU time while hinted
 * work waits. So neither side can starve the other.
 *
 * Limits. It needs hints that are roughly right; a wrong order can cost as much as a right one
 * gains. Hints are compared with the run time of one thread since it was created, so workers
 * that live on from job to job are seen as overdue. Where long jobs fill all CPUs, short ones
 * wait for up to ageing_ms between their slices, which must stay well below the kernel's
 * watchdog. Waking tasks do not interrupt a hinted task within its slice.
 */
#include "schedtui.h"

/* Expected run time per process name; the order among hinted tasks. */
const volatile struct name_weight hints[HINTS_MAX] = {};
/* Longest uninterrupted run of a hinted task while others wait, in microseconds. */
const volatile u64 slice_us = 20000;
/* A task that has waited this much longer than another goes before it, in milliseconds. */
const volatile u64 ageing_ms = 2000;

/* First queue of each kind; one queue per memory node follows. */
#define UNHINTED 0ULL
#define HINTED 64ULL

/* Slice of tasks without a hint: short, so that many of them pass quickly. */
#define UNHINTED_SLICE_NS (4ULL * NSEC_PER_MSEC)
#define CPUS_MAX 1024U

/* Expected run time of the longest hint; the scale of all others. */
static u64 longest_ns = 1;

/* Per CPU: unhinted run time since hinted work was last taken, on a cache line of its own. */
struct turn {
	u64 since;
	u64 unhinted_ns;
	u64 unused[6];
};

static struct turn turns[CPUS_MAX];

static __always_inline struct turn *turn_of(s32 cpu)
{
	return &turns[(u32)cpu % CPUS_MAX];
}

static __always_inline u64 slice_ns(void)
{
	return slice_us * NSEC_PER_USEC;
}

static __always_inline u64 ageing_ns(void)
{
	return ageing_ms * NSEC_PER_MSEC;
}

/* Expected run time of a task in ns, 0 when there is no hint for its name. */
static __always_inline u64 expected_ns(struct task_struct *p)
{
	if (is_kthread(p))
		return 0;
	for (u32 i = 0; i < HINTS_MAX; i++)
		if (hints[i].expected_ms && has_name(p, hints[i].name))
			return hints[i].expected_ms * NSEC_PER_MSEC;
	return 0;
}

/*
 * The place of a hinted task: the time at which it asks, plus up to ageing_ms for tasks that
 * are shorter than the longest. So between tasks that came together the longer goes first,
 * and one that came ageing_ms earlier goes first in any case.
 *
 * A task that has already run for longer than its hint said is put behind: its hint was wrong.
 */
static __always_inline u64 place(struct task_struct *p, u64 expected)
{
	u64 rank = expected;

	if (p->se.sum_exec_runtime > expected)
		rank = 0;
	return now_ns() + ageing_ns() - ageing_ns() / 1024 * (rank * 1024 / longest_ns);
}

/*
 * A task asks again whenever its slice ends. The longest gets its CPU back at once in any
 * case. Others keep a place that is not old yet, and so mostly run to completion one after
 * the other, which saves switches; after that equally long ones take turns, so that none of
 * them waits for all the others. The end of the batch is the same either way.
 */
static __always_inline u64 place_after(struct task_struct *p, u64 expected, u64 enq_flags)
{
	u64 fresh = place(p, expected), held = p->scx.dsq_vtime;
	bool waking = enq_flags & SCX_FLAG(enq_flags, SCX_ENQ_WAKEUP);

	if (!waking && before(held, fresh) && before(fresh, held + ageing_ns() / 4))
		return held;
	return fresh;
}

s32 SCHEDTUI_OP(select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return select_idle_cpu(p, prev_cpu, wake_flags, UNHINTED_SLICE_NS);
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 node = node_of(scx_bpf_task_cpu(p));
	u64 expected;

	if (insert_urgent(p, UNHINTED_SLICE_NS, enq_flags))
		return;
	expected = expected_ns(p);
	if (expected)
		queue_insert_ordered(p, HINTED + node, slice_ns(),
				     place_after(p, expected, enq_flags), enq_flags);
	else
		queue_insert(p, UNHINTED + node, UNHINTED_SLICE_NS, enq_flags);
	kick_idle_cpu(p);
}

/* Unhinted tasks first, until they have had as much as one slice of hinted work. */
void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev __unused)
{
	struct turn *turn = turn_of(cpu);

	if (turn->unhinted_ns < slice_ns() && take_from_nodes(UNHINTED, cpu))
		return;
	turn->unhinted_ns = 0;
	if (!take_from_nodes(HINTED, cpu))
		take_from_nodes(UNHINTED, cpu);
}

void SCHEDTUI_OP(running, struct task_struct *p)
{
	s32 cpu = scx_bpf_task_cpu(p);
	u32 node = node_of(cpu);

	if (expected_ns(p))
		p->scx.slice = slice_within_round(slice_ns(), HINTED + node);
	else
		p->scx.slice = slice_within_round(p->scx.slice, UNHINTED + node);
	turn_of(cpu)->since = now_ns();
}

void SCHEDTUI_OP(stopping, struct task_struct *p, bool runnable __unused)
{
	struct turn *turn = turn_of(scx_bpf_task_cpu(p));
	u64 now = now_ns();

	if (!expected_ns(p) && before(turn->since, now))
		turn->unhinted_ns += now - turn->since;
}

void SCHEDTUI_OP(enable, struct task_struct *p)
{
	p->scx.dsq_vtime = 0;
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	s32 error;

	learn_machine();
	for (u32 i = 0; i < HINTS_MAX; i++)
		longest_ns = MAX(longest_ns, hints[i].expected_ms * NSEC_PER_MSEC);
	error = create_node_queues(UNHINTED);
	return error ? error : create_node_queues(HINTED);
}

SCHEDTUI_OPS(longest_first, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue),
	     .dispatch = OP(dispatch), .running = OP(running), .stopping = OP(stopping),
	     .enable = OP(enable), .init = OP(init));
