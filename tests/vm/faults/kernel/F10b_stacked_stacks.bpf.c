/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F10b - uses little stack in each function and too much in all together
 * stops: kernel KRN013
 */
#include <schedtui.h>

static __noinline u64 inner(u64 seed)
{
	volatile u64 seen[40];

	for (u32 i = 0; i < 40; i++)
		seen[i] = seed + i;
	return seen[seed & 31];
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	volatile u64 seen[40];

	for (u32 i = 0; i < 40; i++)
		seen[i] = enq_flags + i;
	enq_flags |= inner(seen[enq_flags & 31]) & 0x1000;
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
