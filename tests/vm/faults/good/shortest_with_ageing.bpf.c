/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * shortest_with_ageing: short turns first, but nobody is overtaken for ever.
 *
 * Idea. Shortest job first gives the best mean wait. The expected turn is the mean of the last
 * ones; it is stretched into time and added to the moment of asking, so a long task that has
 * waited for the stretch goes before any newcomer.
 */
#include <schedtui.h>

const volatile u64 slice_us = 10000;
/* How much longer a task may have to wait per unit of its expected turn. */
const volatile u64 stretch = 10;

#define WAITING 0ULL

struct turn {
	u64 mean_ns;
	u64 since;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct turn);
} turns SEC(".maps");

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	struct turn *turn;
	u64 expected = NSEC_PER_MSEC;

	turn = bpf_task_storage_get(&turns, p, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (turn)
		expected = MIN(turn->mean_ns, slice_us * NSEC_PER_USEC);
	queue_insert_ordered(p, WAITING, slice_us * NSEC_PER_USEC, now_ns() + stretch * expected,
			     enq_flags);
	kick_idle_cpu(p);
}

void SCHEDTUI_OP(dispatch, s32 cpu __unused, struct task_struct *prev __unused)
{
	queue_take(WAITING);
}

void SCHEDTUI_OP(running, struct task_struct *p)
{
	struct turn *turn = bpf_task_storage_get(&turns, p, NULL, 0);

	if (turn)
		turn->since = now_ns();
	p->scx.slice = slice_within_round(p->scx.slice, WAITING);
}

void SCHEDTUI_OP(stopping, struct task_struct *p, bool runnable)
{
	struct turn *turn = bpf_task_storage_get(&turns, p, NULL, 0);
	u64 now = now_ns();

	/* A turn that was cut short says nothing about its length. */
	if (turn && !runnable && before(turn->since, now))
		turn->mean_ns = (7 * turn->mean_ns + now - turn->since) / 8;
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	learn_machine();
	return scx_bpf_create_dsq(WAITING, -1);
}

SCHEDTUI_OPS(shortest_with_ageing, .enqueue = OP(enqueue), .dispatch = OP(dispatch),
	     .running = OP(running), .stopping = OP(stopping), .init = OP(init));
