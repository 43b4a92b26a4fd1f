/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * shortest_first: of all waiting tasks, the one with the least work left goes first.
 *
 * Idea. Sharing the CPUs evenly among jobs finishes nearly all of them near the end. Running
 * them one after the other, the shortest first, gives the least mean completion time that any
 * order can (Smith, "Various optimizers for single-stage production", 1956), and while jobs
 * arrive over time the one with the shortest remaining time (Schrage, "A proof of the optimality
 * of the shortest remaining processing time discipline", 1968). Both need to know sizes. Here
 * they are learnt, as exponential averages:
 *  - per process name, the CPU time of tasks of this name from birth to end;
 *  - per task, its CPU time from a wake-up to the next sleep, once it has slept a few times.
 * A task of which nothing is known, or that outlived what was known, is taken to need as much
 * again as it had already: that is least attained service first, the best guess when those who
 * ran long tend to run longer (Kleinrock, "Queueing Systems", volume 2, 1976).
 *
 * Nobody waits for ever. A task takes a place in the queue: the time at which it asks, plus a
 * handicap that grows with the work left, to at most half of ageing_ms. It may keep its place
 * from turn to turn, so that jobs run to their end one by one, but for no longer than the other
 * half. Later on every place that is taken lies behind the one that waits. Tasks with next to
 * nothing left, and newborns of unknown name, wait in a queue of their own that is served first,
 * up to half of the CPU time while others wait: a wake-up does not stand behind a whole batch,
 * and an endless stream of them does not hold the batch up.
 *
 * Limits. Long jobs finish later. Jobs of one name and very different size are told apart only
 * by what they had. What was learnt is forgotten when the policy ends. No weights: nice values
 * and cgroup shares are ignored. A waking task does not interrupt a turn.
 */
#include "schedtui.h"

/* Longest uninterrupted run of a task while others wait, in microseconds. */
const volatile u64 slice_us = 10000;
/* About the longest time by which shorter tasks may hold up a longer one, in milliseconds. */
const volatile u64 ageing_ms = 2000;
/* Work left that gets half of the greatest handicap: the size between short and long. */
const volatile u64 middle_ms = 250;

/* First queue of each kind; one queue per memory node follows. */
#define BRIEF 0ULL
#define SIZED 64ULL

/* Work left below which a task is brief, and the longest turn of a brief task. */
#define BRIEF_NS (2ULL * NSEC_PER_MSEC)
#define CPUS_MAX 1024U

/* Slots of the table of names; a name that falls on the slot of another takes it over. */
#define NAMES_MAX 1024U
/* Sleeps after which the average of a task's runs says something. */
#define RUNS_KNOWN 4U
/* Sizes beyond this, in microseconds, are all the same: more than an hour. */
#define LONGEST_US (1ULL << 32)

/* What tasks of one name needed from birth to end. A torn update is a wrong guess, no more. */
struct name_size {
	u64 name[2];
	u64 average_ns;
};

static struct name_size sizes[NAMES_MAX];

/* All run times are the task's own clock, which counts its CPU time since birth. */
struct job {
	u64 woken_at;	/* run time when it woke up */
	u64 average_ns; /* mean run time from a wake-up to the next sleep */
	u64 place;	/* its place in the queue */
	u64 placed_at;	/* time at which it was taken; 0: it has none */
	u64 left_then;	/* work left at that time */
	u64 runs;	/* sleeps so far */
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct job);
} jobs SEC(".maps");

/* Per CPU, on a cache line of its own: whose turn it is. */
struct turn {
	u64 since;
	s64 lead_ns; /* by how much brief tasks ran longer than the others */
	u64 is_brief;
	u64 unused[5];
};

static struct turn turns[CPUS_MAX];

static __always_inline struct turn *turn_of(s32 cpu)
{
	return &turns[(u32)cpu % CPUS_MAX];
}

static __always_inline struct job *job_of(struct task_struct *p)
{
	return bpf_task_storage_get(&jobs, p, NULL, 0);
}

static __always_inline u64 slice_ns(void)
{
	return slice_us * NSEC_PER_USEC;
}

static __always_inline u64 half_ageing_ns(void)
{
	return ageing_ms * NSEC_PER_MSEC / 2;
}

/* Names fill 16 bytes, padded with zeros: two words. */
static __always_inline struct name_size *slot_of(struct task_struct *p)
{
	const u64 *comm = (const u64 *)&p->comm[0];
	u64 mixed = (comm[0] ^ (comm[1] << 7 | comm[1] >> 57)) * 0x9e3779b97f4a7c15ULL;

	return &sizes[(u32)(mixed >> 40) % NAMES_MAX];
}

static __always_inline bool is_of(const struct task_struct *p, const struct name_size *size)
{
	return has_name(p, (const volatile char *)size->name);
}

/* CPU time that tasks of this name need from birth to end, 0 when none has ended yet. */
static __always_inline u64 known_by_name(struct task_struct *p)
{
	const struct name_size *size = slot_of(p);

	return is_of(p, size) ? size->average_ns : 0;
}

static __always_inline void learn_size(struct task_struct *p)
{
	struct name_size *size = slot_of(p);
	const u64 *comm = (const u64 *)&p->comm[0];

	if (!is_of(p, size)) {
		size->average_ns = 0;
		size->name[0] = comm[0];
		size->name[1] = comm[1];
	}
	size->average_ns = averaged(size->average_ns, MAX(p->se.sum_exec_runtime, 1ULL));
}

/* What is left of an expected run time; as much as there was when that is over or unknown. */
static __always_inline u64 left_of(u64 expected, u64 had)
{
	return had < expected ? expected - had : had;
}

/*
 * A task has two ends that somebody waits for, the next sleep and its own end; the nearer one
 * counts.
 */
static __always_inline u64 work_left(struct task_struct *p, const struct job *job)
{
	u64 ran = p->se.sum_exec_runtime;
	u64 left = left_of(known_by_name(p), ran);

	if (job && job->runs >= RUNS_KNOWN)
		left = MIN(left, left_of(job->average_ns, ran - job->woken_at));
	return left;
}

/* Grows with the work left, evenly at first, and never reaches half of ageing_ms. */
static __always_inline u64 handicap(u64 left)
{
	u64 left_us = MIN(left / NSEC_PER_USEC, LONGEST_US);

	return half_ageing_ns() / 1024 * (left_us * 1024 / (left_us + middle_ms * 1000));
}

/*
 * Does the task keep its place? Not when it is old, and not when the work left turned out to be
 * twice as much: a task of unknown size falls back each time that what it had doubles.
 */
static __always_inline bool keeps_place(const struct job *job, u64 left, u64 now)
{
	return job->placed_at && before(now, job->placed_at + half_ageing_ns()) &&
	       left <= 2 * job->left_then;
}

static __always_inline u64 place(struct job *job, u64 left)
{
	u64 now = now_ns(), fresh = now + handicap(left);

	if (!job)
		return fresh;
	if (keeps_place(job, left, now) && before(job->place, fresh))
		return job->place;
	job->place = fresh;
	job->placed_at = now;
	job->left_then = left;
	return fresh;
}

s32 SCHEDTUI_OP(select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return select_idle_cpu(p, prev_cpu, wake_flags, BRIEF_NS);
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 node = node_of(scx_bpf_task_cpu(p));
	struct job *job = job_of(p);
	u64 left;

	if (insert_urgent(p, BRIEF_NS, enq_flags))
		return;
	left = work_left(p, job);
	if (left < BRIEF_NS)
		queue_insert(p, BRIEF + node, BRIEF_NS, enq_flags);
	else
		queue_insert_ordered(p, SIZED + node, slice_ns(), place(job, left), enq_flags);
	kick_idle_cpu(p);
}

/* Brief tasks first, until they had more than the others while these wait. */
void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev __unused)
{
	struct turn *turn = turn_of(cpu);

	if (turn->lead_ns <= 0 && take_from_nodes(BRIEF, cpu))
		return;
	if (take_from_nodes(SIZED, cpu))
		return;
	turn->lead_ns = 0;
	take_from_nodes(BRIEF, cpu);
}

void SCHEDTUI_OP(running, struct task_struct *p)
{
	s32 cpu = scx_bpf_task_cpu(p);
	u32 node = node_of(cpu);
	bool brief = work_left(p, job_of(p)) < BRIEF_NS;

	p->scx.slice = slice_within_round(p->scx.slice, (brief ? BRIEF : SIZED) + node);
	turn_of(cpu)->since = now_ns();
	turn_of(cpu)->is_brief = brief;
}

/* What either kind had in advance counts up to one slice: a lone task may run for seconds. */
static __always_inline void count_turn(struct turn *turn)
{
	u64 now = now_ns();
	s64 ran = before(turn->since, now) ? now - turn->since : 0;

	if (turn->is_brief)
		turn->lead_ns = MIN(turn->lead_ns + ran, (s64)slice_ns());
	else
		turn->lead_ns = MAX(turn->lead_ns - ran, -(s64)slice_ns());
}

/* When the task goes to sleep: learn how long it ran since it woke up. */
static __always_inline void learn_run(struct task_struct *p)
{
	struct job *job = job_of(p);
	u64 ran = p->se.sum_exec_runtime;

	if (!job)
		return;
	job->average_ns = averaged(job->average_ns, ran - job->woken_at);
	job->runs++;
	job->woken_at = ran;
	job->placed_at = 0;
}

void SCHEDTUI_OP(stopping, struct task_struct *p, bool runnable)
{
	count_turn(turn_of(scx_bpf_task_cpu(p)));
	if (!runnable)
		learn_run(p);
}

/* Without memory for its notes a task is served all the same, by its name and what it had. */
s32 SCHEDTUI_OP(init_task, struct task_struct *p, struct scx_init_task_args *args __unused)
{
	struct job *job = bpf_task_storage_get(&jobs, p, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (job)
		job->woken_at = p->se.sum_exec_runtime;
	return 0;
}

void SCHEDTUI_OP(exit_task, struct task_struct *p, struct scx_exit_task_args *args)
{
	if (!args->cancelled)
		learn_size(p);
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	s32 error;

	learn_machine();
	error = create_node_queues(BRIEF);
	return error ? error : create_node_queues(SIZED);
}

SCHEDTUI_OPS(shortest_first, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue),
	     .dispatch = OP(dispatch), .running = OP(running), .stopping = OP(stopping),
	     .init_task = OP(init_task), .exit_task = OP(exit_task), .init = OP(init));
