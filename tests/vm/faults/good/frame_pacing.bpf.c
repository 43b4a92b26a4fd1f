/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * frame_pacing: a task that wakes with a steady beat is due at its next beat.
 *
 * Idea. Players and games wake at fixed intervals. The mean interval between wake-ups is the
 * deadline: who wakes sixty times a second is due within a frame, who wakes once a second or
 * never has the longest deadline, a tenth of a second.
 */
#include <schedtui.h>

const volatile u64 slice_us = 3000;

#define WAITING 0ULL
#define LONGEST_NS (100ULL * NSEC_PER_MSEC)

struct beat {
	u64 last;
	u64 interval;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct beat);
} beats SEC(".maps");

static __always_inline u64 interval_of(struct task_struct *p, u64 now, bool waking)
{
	struct beat *beat;
	u64 interval;

	beat = bpf_task_storage_get(&beats, p, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!beat)
		return LONGEST_NS;
	if (waking) {
		interval = beat->last ? MIN(now - beat->last, LONGEST_NS) : LONGEST_NS;
		beat->interval = (3 * beat->interval + interval) / 4;
		beat->last = now;
	}
	return waking ? beat->interval : LONGEST_NS;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	bool waking = enq_flags & SCX_FLAG(enq_flags, SCX_ENQ_WAKEUP);
	u64 now = now_ns();

	queue_insert_ordered(p, WAITING, slice_us * NSEC_PER_USEC,
			     now + interval_of(p, now, waking), enq_flags);
	kick_idle_cpu(p);
}

void SCHEDTUI_OP(dispatch, s32 cpu __unused, struct task_struct *prev __unused)
{
	queue_take(WAITING);
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	return scx_bpf_create_dsq(WAITING, -1);
}

SCHEDTUI_OPS(frame_pacing, .enqueue = OP(enqueue), .dispatch = OP(dispatch), .init = OP(init));
