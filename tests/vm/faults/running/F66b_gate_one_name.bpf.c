/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F66b - tasks of one name are held back up to one and a half seconds each time
 * stops: rules SRC034
 */
/* attached: runnable task stall */
#include "schedtui.h"

#define WAITING 0ULL
#define GATED 1ULL
#define SLICE (5ULL * NSEC_PER_MSEC)

static u64 opened;

/* Every task passes through enqueue. */
s32 SCHEDTUI_OP(select_cpu, struct task_struct *p __unused, s32 prev_cpu, u64 wake_flags __unused)
{
	return prev_cpu;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 queue = p->comm[0] == 's' && p->comm[1] == 'e' && p->comm[2] == 'r' ? GATED : WAITING;

	queue_insert(p, queue, SLICE, enq_flags);
}

void SCHEDTUI_OP(dispatch, s32 cpu __unused, struct task_struct *prev __unused)
{
	if (now_ns() - opened > 1500 * NSEC_PER_MSEC && queue_take(GATED))
		opened = now_ns();
	else
		queue_take(WAITING);
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	s32 error = scx_bpf_create_dsq(WAITING, -1);

	return error ? error : scx_bpf_create_dsq(GATED, -1);
}

SCHEDTUI_OPS(gate_one_name, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue),
	     .dispatch = OP(dispatch), .init = OP(init));
