/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F54 - a built-in queue is asked to order by virtual time
 * stops: rules SRC048
 */
/* attached: runtime error: cannot use vtime ordering */
#include "schedtui.h"

#define SLICE (5ULL * NSEC_PER_MSEC)

/* Every task passes through enqueue. */
s32 SCHEDTUI_OP(select_cpu, struct task_struct *p __unused, s32 prev_cpu, u64 wake_flags __unused)
{
	return prev_cpu;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert_ordered(p, SCX_DSQ_GLOBAL, SLICE, p->scx.dsq_vtime, enq_flags);
}

SCHEDTUI_OPS(vtime_into_builtin, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue));
