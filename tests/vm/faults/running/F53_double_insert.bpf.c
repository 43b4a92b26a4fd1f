/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F53 - select_cpu inserts the same task twice
 * stops: rules SRC051
 */
/* attached: runtime error: already direct-dispatched */
#include "schedtui.h"

#define SLICE (5ULL * NSEC_PER_MSEC)

s32 SCHEDTUI_OP(select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags __unused)
{
	queue_insert(p, SCX_DSQ_LOCAL, SLICE, 0);
	queue_insert(p, SCX_DSQ_LOCAL, SLICE, 0);
	return prev_cpu;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, SLICE, enq_flags);
}

SCHEDTUI_OPS(double_insert, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue));
