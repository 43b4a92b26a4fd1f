/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * direct_dispatch: an idle CPU gets the waking task at once; only others wait in line.
 *
 * Idea. Most wake-ups on a machine that is not full find an idle CPU. Those never touch a shared
 * queue, which is what makes a global line expensive.
 */
#include <schedtui.h>

const volatile u64 slice_us = 3000;

#define WAITING 0ULL

s32 SCHEDTUI_OP(select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	return select_idle_cpu(p, prev_cpu, wake_flags, slice_us * NSEC_PER_USEC);
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, WAITING, slice_within_round(slice_us * NSEC_PER_USEC, WAITING), enq_flags);
	kick_idle_cpu(p);
}

void SCHEDTUI_OP(dispatch, s32 cpu __unused, struct task_struct *prev __unused)
{
	queue_take(WAITING);
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	learn_machine();
	return scx_bpf_create_dsq(WAITING, -1);
}

SCHEDTUI_OPS(direct_dispatch, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue),
	     .dispatch = OP(dispatch), .init = OP(init));
