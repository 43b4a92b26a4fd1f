/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F61a - no task is ever queued
 * stops: rules SRC030
 */
/* attached: runnable task stall */
#include "schedtui.h"

/* Every task passes through enqueue. */
s32 SCHEDTUI_OP(select_cpu, struct task_struct *p __unused, s32 prev_cpu, u64 wake_flags __unused)
{
	return prev_cpu;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p __unused, u64 enq_flags __unused)
{
}

SCHEDTUI_OPS(drop_all, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue));
