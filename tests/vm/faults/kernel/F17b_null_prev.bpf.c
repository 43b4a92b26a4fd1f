/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F17b - looks at the task before without asking whether there was one
 * stops: kernel KRN002
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev)
{
	if (prev->pid)
		queue_take(SCX_DSQ_GLOBAL);
	else
		queue_take(SCX_DSQ_GLOBAL);
	prev->scx.slice = 0;
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue), .dispatch = OP(dispatch));
