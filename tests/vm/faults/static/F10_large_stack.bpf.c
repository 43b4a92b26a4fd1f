/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F10 - keeps 800 bytes on a stack of 512
 * stops: compile CMP001
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	volatile u64 seen[100];

	for (u32 i = 0; i < 100; i++)
		seen[i] = enq_flags + i;
	enq_flags |= seen[p->pid & 63] & 0;
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
