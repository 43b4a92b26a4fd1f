/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * follows_hotplug: counts the CPUs that come and go, and shortens the round when they are few.
 *
 * Idea. With both callbacks the kernel does not restart the scheduler when a CPU goes offline. The
 * slice is the round divided by the waiting tasks per CPU that is left.
 */
#include <schedtui.h>

const volatile u64 round_ms = 30;

#define WAITING 0ULL
#define SHORTEST_NS (500ULL * NSEC_PER_USEC)
#define LONGEST_NS (10ULL * NSEC_PER_MSEC)

static s32 missing;

static __always_inline u64 turn_ns(void)
{
	u64 waiting = MAX(scx_bpf_dsq_nr_queued(WAITING), 1);
	u64 cpus = nr_cpus - MIN((u32)MAX(missing, 0), nr_cpus - 1);
	u64 turn = round_ms * NSEC_PER_MSEC * cpus / waiting;

	return MAX(MIN(turn, LONGEST_NS), SHORTEST_NS);
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, WAITING, turn_ns(), enq_flags);
	kick_idle_cpu(p);
}

void SCHEDTUI_OP(dispatch, s32 cpu __unused, struct task_struct *prev __unused)
{
	queue_take(WAITING);
}

void SCHEDTUI_SLEEPABLE_OP(cpu_online, s32 cpu __unused)
{
	missing--;
}

void SCHEDTUI_SLEEPABLE_OP(cpu_offline, s32 cpu __unused)
{
	missing++;
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	learn_machine();
	return scx_bpf_create_dsq(WAITING, -1);
}

SCHEDTUI_OPS(follows_hotplug, .enqueue = OP(enqueue), .dispatch = OP(dispatch),
	     .cpu_online = OP(cpu_online), .cpu_offline = OP(cpu_offline), .init = OP(init));
