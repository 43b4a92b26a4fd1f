/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F49c - select_cpu returns a CPU a hundred beyond the right one
 * stops: battery TRL006, TRL007
 */
/* attached: runtime error: invalid CPU */
#include "schedtui.h"

#define SLICE (5ULL * NSEC_PER_MSEC)

s32 SCHEDTUI_OP(select_cpu, struct task_struct *p __unused, s32 prev_cpu, u64 wake_flags __unused)
{
	return prev_cpu + 100;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, SLICE, enq_flags);
}

SCHEDTUI_OPS(select_cpu_far, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue));
