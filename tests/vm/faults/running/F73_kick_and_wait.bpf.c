/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F73 - each CPU interrupts the next and waits for it
 * stops: battery TRL016, TRL021
 * stops on 6.16: battery TRL005, TRL006
 * stops on 6.18: battery TRL005, TRL006
 */
/* Before 7.0 CPUs that wait for each other in a ring wait for ever. With both CPUs in the ring the
 * guest is lost; when one comes by it by chance, the watchdog on that one still ends the scheduler.
 */
/* attached: stays */
/* attached on 6.16: lost, or runnable task stall */
/* attached on 6.18: lost, or runnable task stall */
#include "schedtui.h"

#define WAITING 0ULL
#define SLICE (5ULL * NSEC_PER_MSEC)

/* Every task passes through enqueue. */
s32 SCHEDTUI_OP(select_cpu, struct task_struct *p __unused, s32 prev_cpu, u64 wake_flags __unused)
{
	return prev_cpu;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, WAITING, 50 * NSEC_PER_USEC, enq_flags);
}

void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev __unused)
{
	queue_take(WAITING);
	scx_bpf_kick_cpu(((u32)cpu + 1) % nr_cpus, SCX_FLAG(kick_flags, SCX_KICK_PREEMPT) |
							   SCX_FLAG(kick_flags, SCX_KICK_WAIT));
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	learn_machine();
	return scx_bpf_create_dsq(WAITING, -1);
}

SCHEDTUI_OPS(kick_and_wait, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue),
	     .dispatch = OP(dispatch), .init = OP(init));
