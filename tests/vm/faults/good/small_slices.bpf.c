/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * small_slices: a millisecond for everybody, and waking tasks interrupt long turns.
 *
 * Idea. For desktops with few tasks: the wait is bounded by the number of tasks in milliseconds.
 * A task that wakes kicks its own CPU only when what runs there has had its millisecond.
 */
#include <schedtui.h>

const volatile u64 slice_us = 1000;

#define WAITING 0ULL
#define CPUS_MAX 512U

static u64 began[CPUS_MAX];

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 cpu = scx_bpf_task_cpu(p);
	u64 since = READ_ONCE(began[(u32)cpu % CPUS_MAX]);

	queue_insert(p, WAITING, slice_us * NSEC_PER_USEC, enq_flags);
	if (kick_idle_cpu(p) >= 0 || !(enq_flags & SCX_FLAG(enq_flags, SCX_ENQ_WAKEUP)))
		return;
	if (before(since + slice_us * NSEC_PER_USEC, now_ns()))
		scx_bpf_kick_cpu(cpu, SCX_FLAG(kick_flags, SCX_KICK_PREEMPT));
}

void SCHEDTUI_OP(dispatch, s32 cpu __unused, struct task_struct *prev __unused)
{
	queue_take(WAITING);
}

void SCHEDTUI_OP(running, struct task_struct *p)
{
	WRITE_ONCE(began[(u32)scx_bpf_task_cpu(p) % CPUS_MAX], now_ns());
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	return scx_bpf_create_dsq(WAITING, -1);
}

SCHEDTUI_OPS(small_slices, .enqueue = OP(enqueue), .dispatch = OP(dispatch), .running = OP(running),
	     .init = OP(init));
