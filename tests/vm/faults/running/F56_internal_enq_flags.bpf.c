/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F56 - an insert passes flag bits that belong to the kernel
 * stops: battery TRL006, TRL007
 */
/* attached: runtime error: invalid enq_flags */
#include "schedtui.h"

#define SLICE (5ULL * NSEC_PER_MSEC)

/* Every task passes through enqueue. */
s32 SCHEDTUI_OP(select_cpu, struct task_struct *p __unused, s32 prev_cpu, u64 wake_flags __unused)
{
	return prev_cpu;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, SLICE, enq_flags | 1ULL << 60);
}

SCHEDTUI_OPS(internal_enq_flags, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue));
