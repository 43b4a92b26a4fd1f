/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * kthreads_first: kernel threads before programs, with a bound.
 *
 * Idea. Kernel threads do short work that others wait for. They stand a fixed time before programs
 * in one ordered queue, so a kernel thread that never ends cannot hold programs up for long.
 */
#include <schedtui.h>

const volatile u64 slice_us = 5000;
const volatile u64 ahead_ms = 20;

#define WAITING 0ULL

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 key = now_ns();

	if (insert_urgent(p, NSEC_PER_MSEC, enq_flags))
		return;
	if (!is_kthread(p))
		key += ahead_ms * NSEC_PER_MSEC;
	queue_insert_ordered(p, WAITING, slice_us * NSEC_PER_USEC, key, enq_flags);
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

SCHEDTUI_OPS(kthreads_first, .enqueue = OP(enqueue), .dispatch = OP(dispatch), .init = OP(init));
