/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * lottery: every turn is drawn by lot among the waiting tasks, with chances by their tickets.
 *
 * Idea. Who holds twice the tickets wins twice the turns: a share of the CPU needs no account of
 * what anybody had, and nobody can earn a better place by the way it sleeps or yields (Waldspurger
 * and Weihl, "Lottery scheduling: flexible proportional-share resource management", OSDI '94).
 * Their list of all tickets, searched for each turn, is replaced by one draw for each task when
 * it asks: a random time of exponential distribution, the shorter on average the more tickets it
 * has. Each task has just the chance to draw the shortest that its tickets give it, and
 * since that distribution has no memory, those who lost need not draw again: the next shortest is
 * a fair draw among all that are left (the same trick as in sampling with weights: Efraimidis and
 * Spirakis, Information Processing Letters 97, 2006).
 *
 * A task that used only a part of its last turn draws so much shorter a time: these are their
 * compensation tickets. So tickets buy CPU time and not turns, and who sleeps much is soon drawn.
 *
 * Tickets are given by process name; who has no name in the table has 100, scaled by its nice
 * value. No draw lies further ahead than a few turns, and where draws start moves on with time:
 * so bad luck has an end, with the turns of the default after less than half a second.
 *
 * Limits. Shares hold in the mean of many turns only; within one second they scatter. That end of
 * bad luck gives tasks of few tickets more than their share, the more the more tasks wait. Every
 * task has tickets of its own: who forks gets more in all. A waking task does not interrupt a turn.
 * CPU weights of cgroups are ignored. Any process can take a name.
 */
#include "schedtui.h"

/* Tickets of a task by its process name. */
const volatile struct name_weight tickets[HINTS_MAX] = {};
/* Longest turn that can be won, in microseconds. */
LIVE_PARAMETER slice_us = { 3000, 500, 10000 };

#define WAITING 0ULL

/* Tickets of a task that is in no table and has nice value 0. */
#define TICKETS_DEFAULT 100ULL
/* Fractions of a draw have 10 bits below the point; this is the natural logarithm of 2. */
#define ONE 1024ULL
#define LN_2 710ULL
/* Coins tossed for a draw; none is longer than eight times the mean. */
#define TOSSES 10U
/* No draw lies further ahead of the last winner's than so many turns of default tickets. */
#define AHEAD_TURNS 8
/* A turn of which hardly anything was used counts for at least one part in this many. */
#define LEAST_USED 16
/* Draws move on by at least one part in this many of the time that passes. */
#define PASSING_FLOOR 16U

/* What the last turn was worth, by the task's own clock: its CPU time since birth. */
struct stake {
	u64 had; /* at the last draw */
	u64 has_drawn;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct stake);
} stakes SEC(".maps");

/* What the last winner drew. A lost update of a race is made good by the next. */
static u64 drawn;
/* When draws were last moved on. */
static u64 moved_at;

static __always_inline u64 slice_ns(void)
{
	return live(&slice_us) * NSEC_PER_USEC;
}

/* ---- tickets ---------------------------------------------------------------------------------- */

/* The number beside a name is its tickets, whatever the member is called. */
static __always_inline u64 tickets_of(struct task_struct *p)
{
	for (u32 i = 0; i < HINTS_MAX; i++)
		if (tickets[i].expected_ms && has_name(p, tickets[i].name))
			return tickets[i].expected_ms;
	return MAX(p->scx.weight * TICKETS_DEFAULT / SCX_WEIGHT_DEFAULT, 1ULL);
}

/* ---- drawing ---------------------------------------------------------------------------------- */

/*
 * A random number of exponential distribution and mean 1, with 10 bits below the point: the
 * logarithm of an evenly distributed one. Tossed coins give its power of two, and a parabola that
 * is right to one part in a hundred what is between two powers.
 */
static __always_inline u64 exponential(void)
{
	u32 bits = bpf_get_prandom_u32();
	u64 between = bits >> 22, tails = 0;

	for (u32 i = 0; i < TOSSES; i++) {
		if (bits & 1U << i)
			break;
		tails++;
	}
	return (tails * ONE + (676 * between + 348 * between * between / ONE) / ONE) * LN_2 / ONE;
}

/* CPU time since the last draw, as far as it counts; a new task counts a whole turn. */
static __always_inline u64 used_since_draw(struct task_struct *p, u64 slice)
{
	struct stake *stake = bpf_task_storage_get(&stakes, p, NULL, 0);
	u64 had = p->se.sum_exec_runtime, used = slice;

	if (!stake)
		return used;
	if (stake->has_drawn)
		used = had - stake->had;
	stake->has_drawn = true;
	stake->had = had;
	return time_within(used, slice / LEAST_USED, slice * AHEAD_TURNS);
}

/* The draw of a task that asks now: on the time line on which the last winner's draw stands. */
static __always_inline u64 draw(struct task_struct *p, u64 slice)
{
	u64 mean = used_since_draw(p, slice) * TICKETS_DEFAULT / tickets_of(p);
	u64 ahead = mean * exponential() / ONE;

	return drawn + MIN(ahead, slice * AHEAD_TURNS);
}

/* ---- operations ------------------------------------------------------------------------------- */

s32 SCHEDTUI_OP(select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return select_idle_cpu(p, prev_cpu, wake_flags, slice_ns());
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 slice = slice_ns();

	if (insert_urgent(p, slice, enq_flags))
		return;
	queue_insert_ordered(p, WAITING + node_of(scx_bpf_task_cpu(p)), slice, draw(p, slice),
			     enq_flags);
	kick_idle_cpu(p);
}

void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev __unused)
{
	take_from_nodes(WAITING, cpu);
}

/*
 * The winner's draw is where the next ones start. They move on with time as well: without that, a
 * task of few tickets beside many of very many would wait until the kernel's watchdog ends us.
 */
static __always_inline void move_on(u64 winner)
{
	u64 now = now_ns();

	if (before(moved_at, now))
		drawn += (now - moved_at) / PASSING_FLOOR;
	moved_at = now;
	if (before(drawn, winner))
		drawn = winner;
}

void SCHEDTUI_OP(running, struct task_struct *p)
{
	u64 queue = WAITING + node_of(scx_bpf_task_cpu(p));

	p->scx.slice = slice_within_round(p->scx.slice, queue);
	move_on(p->scx.dsq_vtime);
}

/* Without memory for its stake a task is served all the same; each of its turns counts as whole. */
s32 SCHEDTUI_OP(init_task, struct task_struct *p, struct scx_init_task_args *args __unused)
{
	bpf_task_storage_get(&stakes, p, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	return 0;
}

void SCHEDTUI_OP(enable, struct task_struct *p)
{
	p->scx.dsq_vtime = drawn;
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	learn_machine();
	moved_at = now_ns();
	drawn = NSEC_PER_SEC;
	return create_node_queues(WAITING);
}

SCHEDTUI_OPS(lottery, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue),
	     .dispatch = OP(dispatch), .running = OP(running), .init_task = OP(init_task),
	     .enable = OP(enable), .init = OP(init));
