/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F63 - a task that runs is never interrupted
 * stops: rules SRC055
 */
/* attached: runnable task stall */
#include "schedtui.h"

s32 SCHEDTUI_OP(select_cpu, struct task_struct *p __unused, s32 prev_cpu, u64 wake_flags __unused)
{
	return prev_cpu;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, ~0ULL, enq_flags);
}

SCHEDTUI_OPS(infinite_slice, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue));
