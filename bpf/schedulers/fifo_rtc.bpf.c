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
 */
#include "schedtui.h"

/* Longest uninterrupted run of a task, in microseconds. */
const volatile u64 slice_us = 20000;

#define ARRIVALS 0ULL
#define HOG_TURN_NS (10ULL * NSEC_PER_MSEC)
#define LONG_OVER 1ULL

static __always_inline u64 slice_ns(void)
{
	return slice_us * NSEC_PER_USEC;
}

static __always_inline bool is_newborn(const struct task_struct *p)
{
	return !p->scx.dsq_vtime;
}

/* Kernel threads that begin to work go first; a busy one takes its turn afterwards. */
static __always_inline u64 place_in_queue(struct task_struct *p, bool woken, u64 enq_flags)
{
	if (is_kthread(p) && (woken || is_newborn(p)))
		return enq_flags | SCX_FLAG(enq_flags, SCX_ENQ_HEAD);
	return enq_flags;
}

s32 SCHEDTUI_OP(select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return select_idle_cpu(p, prev_cpu, wake_flags, slice_ns());
}

/*
 * A task that was interrupted in its turn goes on with the rest of it, on the same CPU. The
 * time at which a turn is over is kept in dsq_vtime, which first-in first-out queues leave
 * alone; so no map and no allocation per task is needed.
 */
static __always_inline bool resume_turn(struct task_struct *p, u64 enq_flags)
{
	u64 now = now_ns();

	if (enq_flags & SCX_FLAG(enq_flags, SCX_ENQ_WAKEUP))
		return false;
	if (!before(now + SLICE_FLOOR_NS, p->scx.dsq_vtime))
		return false;
	queue_insert(p, SCX_DSQ_LOCAL, p->scx.dsq_vtime - now, enq_flags);
	return true;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 queue = ARRIVALS + node_of(scx_bpf_task_cpu(p));
	bool woken = enq_flags & SCX_FLAG(enq_flags, SCX_ENQ_WAKEUP);
	u64 turn = woken ? slice_ns() : MIN(slice_ns(), HOG_TURN_NS);

	if (insert_urgent(p, slice_ns(), enq_flags) || resume_turn(p, enq_flags))
		return;
	queue_insert(p, queue, turn, place_in_queue(p, woken, enq_flags));
	kick_idle_cpu(p);
}

void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev __unused)
{
	take_from_nodes(ARRIVALS, cpu);
}

/* The turn begins: how long it may be depends on how many wait now, not when it was queued. */
void SCHEDTUI_OP(running, struct task_struct *p)
{
	u64 queue = ARRIVALS + node_of(scx_bpf_task_cpu(p));

	p->scx.slice = slice_within_round(p->scx.slice, queue);
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
	return create_node_queues(ARRIVALS);
}

SCHEDTUI_OPS(fifo_rtc, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue),
	     .dispatch = OP(dispatch), .running = OP(running), .yield = OP(yield),
	     .enable = OP(enable), .init = OP(init));
