/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * partners: tasks that answer each other stay on one CPU and share one turn.
 *
 * Idea. Two tasks that talk to each other run one after the other, never at the same time: the one
 * that asks sleeps until the answer is there. On two CPUs each message costs a wake-up of the
 * other CPU and a trip of the data through the caches; on one CPU it costs a switch. So a task
 * that is woken by its partner goes to the partner's CPU and gets what is left of the partner's
 * turn (the hand-off of Mach: Black, "Scheduling support for concurrency and parallelism in the
 * Mach operating system", IEEE Computer 23, 1990; and of Liedtke, "Improving IPC by kernel
 * design", SOSP '93). The kernel's fair class does it for "sync" wake-ups, where the waker
 * says that it is about to sleep; here it is learnt.
 *
 * Partners are two tasks each of which was last woken by the other. A waker hands its CPU over only
 * if it usually runs briefly before it sleeps, for the woken one has to wait until it does.
 *
 * A conversation takes a turn as one task does: however often its partners hand over, the turn
 * ends when it would have ended, and the next one is asked for in the queue, first come, first
 * served. So two who talk for ever keep nobody waiting for longer than one who computes.
 *
 * Limits. Tasks that could work at the same time while they talk are kept from it, as long as their
 * work between two messages is less than brief_us. Only two can be partners: a server of many
 * clients gains little. Beside tasks that always compute a conversation waits for its turn like
 * everybody; the fair class prefers short runs and may do better there. Nice values and weights of
 * cgroups are ignored. A waking task without a partner waits for its turn.
 */
#include "schedtui.h"

/* Turn of a task or of a whole conversation while others wait, in microseconds. */
LIVE_PARAMETER slice_us = { 5000, 500, 50000 };
/* Who usually sleeps again after less than this hands its CPU over, in microseconds. */
LIVE_PARAMETER brief_us = { 500, 20, 20000 };

#define WAITING 0ULL
#define CPUS_MAX 1024U

/* Wake-ups by the same partner after which two are partners. */
#define WAKES_KNOWN 3U

/* What is known of a task. Its run time is its own clock: CPU time since birth. */
struct habit {
	s32 waker;    /* pid of who woke it last */
	u32 in_a_row; /* how often that one did so in a row */
	u64 woken_at; /* run time when it woke up */
	u64 run_ns;   /* mean run time from a wake-up to the next sleep */
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct habit);
} habits SEC(".maps");

/* When the turn on each CPU is over, each on a cache line of its own. */
struct turn {
	u64 ends;
	u64 unused[7];
};

static struct turn turns[CPUS_MAX];

static __always_inline struct turn *turn_of(s32 cpu)
{
	return &turns[(u32)cpu % CPUS_MAX];
}

static __always_inline struct habit *habit_of(struct task_struct *p)
{
	return bpf_task_storage_get(&habits, p, NULL, 0);
}

static __always_inline u64 slice_ns(void)
{
	return live(&slice_us) * NSEC_PER_USEC;
}

/* ---- partners --------------------------------------------------------------------------------- */

static __always_inline void note_waker(struct habit *habit, s32 waker)
{
	habit->in_a_row = habit->waker == waker ? habit->in_a_row + 1 : 1;
	habit->waker = waker;
}

static __always_inline bool is_used_to(const struct habit *habit, s32 pid)
{
	return habit->waker == pid && habit->in_a_row >= WAKES_KNOWN;
}

static __always_inline bool is_brief(const struct habit *habit)
{
	return habit->run_ns && habit->run_ns < live(&brief_us) * NSEC_PER_USEC;
}

/*
 * Is the task woken by its partner, who will soon sleep? An interrupt wakes tasks in the name of
 * whoever it interrupted: that one was never woken by them.
 */
static __always_inline bool are_partners(struct task_struct *waker, struct task_struct *p)
{
	struct habit *mine = habit_of(p), *others = habit_of(waker);

	if (!mine || !others || is_kthread(p))
		return false;
	note_waker(mine, waker->pid);
	return is_used_to(mine, waker->pid) && is_used_to(others, p->pid) && is_brief(others);
}

/* Nobody else has been handed the CPU already. */
static __always_inline bool is_free_to_give(s32 cpu)
{
	return scx_bpf_dsq_nr_queued(SCX_DSQ_LOCAL_ON | cpu) <= 0;
}

/* When the turn on a CPU ends; a turn that is over is followed by the next if nobody waits. */
static __always_inline u64 turn_end(s32 cpu, u64 now, u64 slice)
{
	struct turn *turn = turn_of(cpu);
	u64 queue = WAITING + node_of(cpu);

	if (before(turn->ends, now + SLICE_FLOOR_NS) && scx_bpf_dsq_nr_queued(queue) <= 0)
		WRITE_ONCE(turn->ends, now + slice);
	return READ_ONCE(turn->ends);
}

/* The task gets what is left of the turn on the CPU that it goes to. False: nothing is left. */
static __always_inline bool hand_over(struct task_struct *p, s32 cpu, u64 slice)
{
	u64 now = now_ns(), ends = turn_end(cpu, now, slice);

	if (before(ends, now + SLICE_FLOOR_NS) || !is_free_to_give(cpu))
		return false;
	p->scx.dsq_vtime = ends;
	queue_insert(p, SCX_DSQ_LOCAL, ends - now, 0);
	return true;
}

/* ---- operations ------------------------------------------------------------------------------- */

s32 SCHEDTUI_OP(select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	struct task_struct *waker = bpf_get_current_task_btf();
	s32 here = bpf_get_smp_processor_id();
	bool together = are_partners(waker, p) && bpf_cpumask_test_cpu(here, p->cpus_ptr);
	u64 slice = slice_ns();

	if (together && hand_over(p, here, slice))
		return here;
	return select_idle_cpu(p, prev_cpu, wake_flags, slice);
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 slice = slice_ns();

	p->scx.dsq_vtime = 0;
	if (insert_urgent(p, slice, enq_flags))
		return;
	queue_insert(p, WAITING + node_of(scx_bpf_task_cpu(p)), slice, enq_flags);
	kick_idle_cpu(p);
}

void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev __unused)
{
	take_from_nodes(WAITING, cpu);
}

/* A turn begins, unless the task was handed the rest of its partner's. */
void SCHEDTUI_OP(running, struct task_struct *p)
{
	s32 cpu = scx_bpf_task_cpu(p);
	u64 now = now_ns();

	if (!before(now, p->scx.dsq_vtime)) {
		p->scx.slice = slice_within_round(p->scx.slice, WAITING + node_of(cpu));
		WRITE_ONCE(turn_of(cpu)->ends, now + p->scx.slice);
	}
	p->scx.dsq_vtime = 0;
}

/* When the task goes to sleep: learn how long it ran since it woke up. */
void SCHEDTUI_OP(stopping, struct task_struct *p, bool goes_on)
{
	struct habit *habit = habit_of(p);
	u64 ran = p->se.sum_exec_runtime;

	if (goes_on || !habit)
		return;
	habit->run_ns = averaged(habit->run_ns, MAX(ran - habit->woken_at, 1ULL));
	habit->woken_at = ran;
}

/* Without memory for its habits a task is served all the same, without a partner. */
s32 SCHEDTUI_OP(init_task, struct task_struct *p, struct scx_init_task_args *args __unused)
{
	struct habit *habit =
		bpf_task_storage_get(&habits, p, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (habit)
		habit->woken_at = p->se.sum_exec_runtime;
	return 0;
}

void SCHEDTUI_OP(enable, struct task_struct *p)
{
	p->scx.dsq_vtime = 0;
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	learn_machine();
	return create_node_queues(WAITING);
}

SCHEDTUI_OPS(partners, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue),
	     .dispatch = OP(dispatch), .running = OP(running), .stopping = OP(stopping),
	     .init_task = OP(init_task), .enable = OP(enable), .init = OP(init));
