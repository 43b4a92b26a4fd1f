/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F70c - enqueue spends its time in plain nested loops
 * stops: kernel KRN009, KRN010
 */
/* attached: stays */
#include "schedtui.h"

#define WAITING 0ULL
#define SLICE (5ULL * NSEC_PER_MSEC)

static u64 cells[1024];

static __noinline u64 sum_of_cells(u64 seed)
{
	for (u32 i = 0; i < 1024; i++)
		seed += cells[(seed + i) % 1024];
	return seed;
}

/* Every task passes through enqueue. */
s32 SCHEDTUI_OP(select_cpu, struct task_struct *p __unused, s32 prev_cpu, u64 wake_flags __unused)
{
	return prev_cpu;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 sum = 0;

	for (u32 i = 0; i < 24; i++)
		sum += sum_of_cells(sum);
	cells[0] = sum;
	queue_insert(p, WAITING, 200 * NSEC_PER_USEC, enq_flags);
}

void SCHEDTUI_OP(dispatch, s32 cpu __unused, struct task_struct *prev __unused)
{
	queue_take(WAITING);
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	return scx_bpf_create_dsq(WAITING, -1);
}

SCHEDTUI_OPS(plain_loops_in_enqueue, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue),
	     .dispatch = OP(dispatch), .init = OP(init));
