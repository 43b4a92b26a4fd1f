/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * virtual_deadline: equal shares for all, and of those who wait the one whose request is due first.
 *
 * Idea. Everybody gets its share by weight; how soon is another matter, and is said apart from it.
 * A task asks for pieces of CPU time of a certain length, its request. A virtual clock shows how
 * much everybody should have had. A task is eligible as long as it had no more than that, and its
 * request is due at its own clock plus the request divided by its weight. So short requests are
 * served early and often, long ones late and in one piece, and all get the same share (earliest
 * eligible virtual deadline first: Stoica and Abdel-Wahab, Old Dominion University, 1995; the
 * kernel's own fair class since 6.6). The length of requests is what "latency nice" patches wanted
 * to set; here it is given by process name, as a part of the usual one.
 *
 * The common clock is computed, not guessed: it stands at the mean of the clocks of all tasks that
 * want to run, by their weights. So it runs by the sum of the weights, and a task that comes or goes
 * moves it by its part of what it is owed or has had too much. Without that part sleepers that are
 * owed something would leave all others ahead of the clock, a little more each time, until all were
 * equally late. What a task is owed it keeps up to one turn, so that neither sleeping nor waking
 * pays.
 *
 * One queue ordered by deadline holds all: the deadline of a task that is not eligible when it asks
 * is put off by as much as it had too much. That is judged once for each turn, where the paper
 * judges anew at each choice and passes over everybody who is not eligible. Deadlines have a
 * limit, and the clock moves by a part of all work at least, so that light tasks wait for a
 * bounded time.
 *
 * Limits. Who asks for short pieces is interrupted more often, and costs more switches. A short
 * request buys no share: a task that needs more than that will be late. Weights come from nice
 * values, and differences of more than some tens are not kept up in full; weights of cgroups are
 * ignored. Any process can take a name.
 */
#include "schedtui.h"

/* Length of the requests of a process name, in percent of the usual one. */
const volatile struct name_weight requests[HINTS_MAX] = {};
/* Usual length of a request, in microseconds. */
const volatile u64 request_us = 4000;
/* Interrupt a task whose request is due later than that of one that wakes up. */
const volatile bool preempt_on_wakeup = true;

#define WAITING 0ULL
#define CPUS_MAX 1024U

/* No request is shorter or longer than this. */
#define SHORTEST_NS (200ULL * NSEC_PER_USEC)
#define LONGEST_NS (40ULL * NSEC_PER_MSEC)
/* Deadlines that are nearer by less than this are not worth an interruption. */
#define PREEMPT_MARGIN_NS (300ULL * NSEC_PER_USEC)
/* How many running tasks a wake-up looks at in search of a later deadline. */
#define PREEMPT_SAMPLES 8U
/* The clock moves by at least one part in this many of the time that CPUs spend working. */
#define CLOCK_FLOOR 32U

/* What a task brings along while it wants to run. */
struct claim {
	u64 counted; /* its weight in the sum of weights; 0 while it sleeps */
	u64 vtime;   /* its virtual clock */
	u64 is_old;  /* has it run before? */
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct claim);
} claims SEC(".maps");

/* Sum of the weights of all tasks that want to run. */
static s64 weights;

/* What everybody should have had. */
static u64 clock;

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

static __always_inline struct claim *claim_of(struct task_struct *p)
{
	return bpf_task_storage_get(&claims, p, NULL, 0);
}

/* ---- requests --------------------------------------------------------------------------------- */

static __always_inline u64 usual_ns(void)
{
	return request_us * NSEC_PER_USEC;
}

/*
 * The CPU time that a task asks for at a time, which is also the length of its turns. The number
 * beside a name is a percentage, whatever the member is called.
 */
static __always_inline u64 request_ns(struct task_struct *p)
{
	for (u32 i = 0; i < HINTS_MAX; i++)
		if (requests[i].expected_ms && has_name(p, requests[i].name))
			return time_within(usual_ns() * requests[i].expected_ms / 100, SHORTEST_NS,
					   LONGEST_NS);
	return usual_ns();
}

/* Convert run time to virtual time: weight 100 is the default and counts one to one. */
static __always_inline u64 charge(u64 ran, u64 weight)
{
	return ran * SCX_WEIGHT_DEFAULT / MAX(weight, 1ULL);
}

/* ---- clock and deadlines ---------------------------------------------------------------------- */

/* CPUs do this at the same time, and what were lost would be missing for ever. */
static __always_inline void add_to_clock(s64 by)
{
	add_shared((s64 *)&clock, by);
}

/* Somebody ran: everybody should have had its part of that time by now. */
static __always_inline void move_clock(u64 ran)
{
	s64 sum = READ_ONCE(weights);
	u64 by = charge(ran, sum > 0 ? (u64)sum : SCX_WEIGHT_DEFAULT);

	add_to_clock(MAX(by, ran / (CLOCK_FLOOR * online_cpus)));
}

/*
 * Nobody is owed more than this, or owes much more. Who waits its turn may well be owed several:
 * what it lost then, all others would have gained on the clock.
 */
static __always_inline void settle(struct claim *claim, u64 most_owed)
{
	claim->vtime = time_within(claim->vtime, clock - most_owed, clock + LONGEST_NS / 2);
}

/* By how much a task had more than it should. */
static __always_inline u64 excess_of(const struct claim *claim)
{
	return before(clock, claim->vtime) ? claim->vtime - clock : 0;
}

/* By how much a task had less than it should. */
static __always_inline u64 debt_to(const struct claim *claim)
{
	return before(claim->vtime, clock) ? clock - claim->vtime : 0;
}

/* Keep the clock at the mean when a task comes or goes; its weight is in the sum or out again. */
static __always_inline void move_mean(const struct claim *claim, u64 weight, bool comes)
{
	u64 ahead = excess_of(claim), behind = debt_to(claim);
	s64 sum = READ_ONCE(weights), by;

	if (sum <= 0)
		return;
	by = MAX(ahead, behind) * weight / (u64)sum;
	add_to_clock((ahead > 0) == comes ? by : -by);
}

/* When the request of a task is due; put off for those who had too much already. */
static __always_inline u64 deadline_of(struct task_struct *p, struct claim *claim)
{
	u64 latest = clock + LONGEST_NS, due;

	if (!claim)
		return latest;
	settle(claim, LONGEST_NS);
	due = claim->vtime + excess_of(claim) + charge(request_ns(p), p->scx.weight);
	return before(latest, due) ? latest : due;
}

/* ---- interruptions ---------------------------------------------------------------------------- */

/* Who goes on running has the less claim the longer it runs. */
static __always_inline u64 deadline_on(s32 cpu)
{
	const struct running_task *task = running_on(cpu);
	u64 deadline = READ_ONCE(task->deadline), since = READ_ONCE(task->since), now = now_ns();

	return deadline && before(since, now) ? (deadline + now - since) | 1 : deadline;
}

static __always_inline bool is_later_on(s32 cpu, u64 deadline)
{
	u64 other = deadline_on(cpu);

	return other && before(deadline + PREEMPT_MARGIN_NS, other);
}

/*
 * Find, among a few CPUs that the waking task may use, one whose task has a later deadline. On a
 * small machine that is all of them; on a large one a sample starting at a random place does
 * nearly as well. Negative when there is none.
 */
static __always_inline s32 later_cpu(struct task_struct *p, u64 deadline)
{
	u32 first = nr_cpus <= PREEMPT_SAMPLES ? 0 : bpf_get_prandom_u32();

	for (u32 i = 0; i < PREEMPT_SAMPLES && i < nr_cpus; i++) {
		s32 cpu = (first + i) % nr_cpus;

		if (is_later_on(cpu, deadline) && bpf_cpumask_test_cpu(cpu, p->cpus_ptr))
			return cpu;
	}
	return -1;
}

/* First the CPU that the task left: its timer woke it there, and its data may still be warm. */
static __always_inline void preempt_for(struct task_struct *p, u64 deadline)
{
	s32 cpu = scx_bpf_task_cpu(p);

	if (!is_later_on(cpu, deadline))
		cpu = is_pinned(p) ? -1 : later_cpu(p, deadline);
	if (cpu >= 0)
		scx_bpf_kick_cpu(cpu, SCX_FLAG(kick_flags, SCX_KICK_PREEMPT));
}

/* ---- operations ------------------------------------------------------------------------------- */

s32 SCHEDTUI_OP(select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return select_idle_cpu(p, prev_cpu, wake_flags, request_ns(p));
}

/*
 * A task wants to run: its weight counts from now on. A new one starts even with the clock; who
 * slept is owed one usual turn at most, so that long sleeps buy no long monopoly.
 */
void SCHEDTUI_OP(runnable, struct task_struct *p, u64 enq_flags __unused)
{
	struct claim *claim = claim_of(p);

	if (!claim || claim->counted)
		return;
	if (!claim->is_old)
		claim->vtime = clock;
	claim->is_old = true;
	settle(claim, usual_ns());
	claim->counted = MAX(p->scx.weight, 1U);
	add_shared(&weights, claim->counted);
	move_mean(claim, claim->counted, true);
}

void SCHEDTUI_OP(quiescent, struct task_struct *p, u64 deq_flags __unused)
{
	struct claim *claim = claim_of(p);

	if (!claim || !claim->counted)
		return;
	add_shared(&weights, -(s64)claim->counted);
	move_mean(claim, claim->counted, false);
	claim->counted = 0;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	bool waking = enq_flags & SCX_FLAG(enq_flags, SCX_ENQ_WAKEUP);
	u64 deadline = deadline_of(p, claim_of(p)), request = request_ns(p);
	s32 idle;

	if (insert_urgent(p, request, enq_flags))
		return;
	queue_insert_ordered(p, WAITING + node_of(scx_bpf_task_cpu(p)), request, deadline,
			     enq_flags);
	idle = kick_idle_cpu(p);
	if (idle < 0 && waking && preempt_on_wakeup)
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
	u64 deadline = deadline_of(p, claim_of(p));

	p->scx.slice = slice_within_round(p->scx.slice, WAITING + node_of(cpu));
	WRITE_ONCE(task->since, now_ns());
	WRITE_ONCE(task->deadline, is_kthread(p) ? 0 : deadline | 1);
}

/* A task that was alone for longer than a second has taken nothing from anybody. */
void SCHEDTUI_OP(stopping, struct task_struct *p, bool goes_on __unused)
{
	struct running_task *task = running_on(scx_bpf_task_cpu(p));
	struct claim *claim = claim_of(p);
	u64 since = task->since, now = now_ns();
	u64 ran = before(since, now) ? MIN(now - since, NSEC_PER_SEC) : 0;

	WRITE_ONCE(task->deadline, 0);
	move_clock(ran);
	if (!claim)
		return;
	claim->vtime += charge(ran, p->scx.weight);
	settle(claim, LONGEST_NS);
}

/* Without memory for its claim a task is served all the same, with the latest deadline. */
s32 SCHEDTUI_OP(init_task, struct task_struct *p, struct scx_init_task_args *args __unused)
{
	bpf_task_storage_get(&claims, p, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	return 0;
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	learn_machine();
	clock = NSEC_PER_SEC * 1000;
	return create_node_queues(WAITING);
}

SCHEDTUI_OPS(virtual_deadline, .select_cpu = OP(select_cpu), .runnable = OP(runnable),
	     .quiescent = OP(quiescent), .enqueue = OP(enqueue), .dispatch = OP(dispatch),
	     .running = OP(running), .stopping = OP(stopping), .init_task = OP(init_task),
	     .init = OP(init));
