/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fifo_rtc: first in, first out, each task runs until it blocks or its slice ends.
 *
 * Idea. When a service has far more workers than CPUs, the default scheduler keeps
 * interrupting requests that are half done, so every request takes as long as all of them
 * together, and a worker that holds a lock is off the CPU while others wait for it. Serving in
 * order of arrival and letting each request finish bounds the slowest request to about
 * (workers / CPUs) times the service time. First-come-first-served minimises the variance of
 * waiting time among policies that do not know service times (Kingman, "The effect of queue
 * discipline on waiting time variance", 1962); run to completion is the discipline of ZygOS
 * (SOSP '17) and of Linux's own SCHED_FIFO, but here affinity, kernel threads and a
 * slice limit are looked after.
 *
 * Only tasks that sleep between their turns are taken for requests. Whoever used a turn up gets
 * short ones until it sleeps again, and so does a task that has just been born: otherwise a few
 * hogs would let everybody else, and threads that the kernel starts, wait for several long turns.
 *
 * Limits. No weights: nice values and cgroup shares are ignored. A task that wakes keeps its
 * CPU for a whole slice, so interactive tasks beside batch work fare badly with long slices; use
 * vtime_fair for those. With one task per CPU or fewer it changes nothing.
 *
 * Composed: the slots below come from fifo_rtc.toml, everything else from the scaffold, which
 * bounds what they say. Change them there and compose again.
 */
#include "schedtui.h"

/*
 * Longest turn of a task. Longer than one request's CPU time, so that requests finish in one turn.
 * In microseconds.
 */
const volatile u64 slice_us = 20000;

/* ---- bounds that no slot can move -------------------------------------------------------------- */

/* Longest turn. In a full queue turns are shorter, so that everybody gets one per round. */
#define SLICE_CEILING_NS NSEC_PER_SEC

/* First queue of each kind; one queue per memory node follows. */
#define WAITING 0ULL

/* ---- slots -------------------------------------------------------------------------------------- */

/* What slots read of a task. */
struct facts {
	/* It has just woken up; no more when its turn begins. */
	bool waking;
};

/* Slot slice. The longest turn of a task. Unit: ns. */
static __always_inline u64 slot_slice(const struct facts *task)
{
	/* Only who sleeps between turns is taken for a request; others get short turns. */
	const u64 turn = slice_us * NSEC_PER_USEC;

	return task->waking ? turn : MIN(turn, 10 * NSEC_PER_MSEC);
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

/* ---- first in, first out ------------------------------------------------------------------------ */

#define LONG_OVER 1ULL

/* Kernel threads that begin to work go first; a busy one takes its turn afterwards. */
static __always_inline u64 place_in_queue(struct task_struct *p, bool woken, u64 enq_flags)
{
	bool newborn = !p->scx.dsq_vtime;

	if (is_kthread(p) && (woken || newborn))
		return enq_flags | SCX_FLAG(enq_flags, SCX_ENQ_HEAD);
	return enq_flags;
}

/*
 * A task that was interrupted in its turn goes on with the rest of it, on the same CPU. The
 * time at which a turn is over is kept in dsq_vtime, which first-in first-out queues leave
 * alone; so no map and no allocation per task is needed.
 */
static __always_inline bool resume_turn(struct task_struct *p, bool woken, u64 enq_flags)
{
	u64 now = now_ns(), over = p->scx.dsq_vtime;

	if (woken || !before(now + SLICE_FLOOR_NS, over))
		return false;
	queue_insert(p, SCX_DSQ_LOCAL, MIN(over - now, SLICE_CEILING_NS), enq_flags);
	return true;
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

	if (insert_urgent(p, slice, enq_flags) || resume_turn(p, waking, enq_flags))
		return;
	enq_flags = place_in_queue(p, waking, enq_flags);
	queue_insert(p, WAITING + node, slice, enq_flags);
	kick_idle_cpu(p);
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

	p->scx.slice = slice_within_round(p->scx.slice, WAITING + node_of(cpu));
	p->scx.dsq_vtime = now_ns() + p->scx.slice;
}

/* Who yields gives the rest of the turn away, and is no newborn for it. */
bool SCHEDTUI_OP(yield, struct task_struct *from, struct task_struct *to __unused)
{
	from->scx.slice = 0;
	from->scx.dsq_vtime = LONG_OVER;
	return false;
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

SCHEDTUI_OPS(fifo_rtc, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue),
	     .dispatch = OP(dispatch), .running = OP(running), .yield = OP(yield),
	     .enable = OP(enable), .init = OP(init));
