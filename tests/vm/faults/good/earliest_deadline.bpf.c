/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * earliest_deadline: a task is due sooner the less it used of its last turn.
 *
 * Idea. What gave up the CPU early is waiting for something and should react; what used its whole
 * slice computes and can wait. The deadline is the time of asking plus a span between a tenth
 * and the whole of the period, so the longest wait of anybody is one period and a round.
 */
#include <schedtui.h>

const volatile u64 slice_us = 4000;
const volatile u64 period_ms = 40;

#define WAITING 0ULL

struct habit {
	u64 used_ns; /* smoothed run time of a turn */
	u64 since;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct habit);
} habits SEC(".maps");

static __always_inline u64 span_of(struct task_struct *p)
{
	struct habit *habit = bpf_task_storage_get(&habits, p, NULL, 0);
	u64 period = period_ms * NSEC_PER_MSEC, slice = slice_us * NSEC_PER_USEC;
	u64 used;

	if (!habit)
		return period / 2;
	used = MIN(habit->used_ns, slice);
	return period / 10 + period * 9 / 10 * (used / 1000) / MAX(slice / 1000, 1ULL);
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert_ordered(p, WAITING, slice_us * NSEC_PER_USEC, now_ns() + span_of(p),
			     enq_flags);
	kick_idle_cpu(p);
}

void SCHEDTUI_OP(dispatch, s32 cpu __unused, struct task_struct *prev __unused)
{
	queue_take(WAITING);
}

void SCHEDTUI_OP(running, struct task_struct *p)
{
	struct habit *habit = bpf_task_storage_get(&habits, p, NULL, 0);

	if (habit)
		habit->since = now_ns();
}

void SCHEDTUI_OP(stopping, struct task_struct *p, bool runnable __unused)
{
	struct habit *habit = bpf_task_storage_get(&habits, p, NULL, 0);
	u64 now = now_ns();

	if (habit && before(habit->since, now))
		habit->used_ns = (3 * habit->used_ns + (now - habit->since)) / 4;
}

s32 SCHEDTUI_OP(init_task, struct task_struct *p, struct scx_init_task_args *args __unused)
{
	/* Without storage the task counts as average. */
	bpf_task_storage_get(&habits, p, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	return 0;
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	return scx_bpf_create_dsq(WAITING, -1);
}

SCHEDTUI_OPS(earliest_deadline, .enqueue = OP(enqueue), .dispatch = OP(dispatch),
	     .running = OP(running), .stopping = OP(stopping), .init_task = OP(init_task),
	     .init = OP(init));
