/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F17d - inserts the task before without asking whether there was one
 * stops: kernel KRN002
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev)
{
	queue_insert(prev, SCX_DSQ_LOCAL, NSEC_PER_MSEC, 0);
	queue_take(SCX_DSQ_GLOBAL);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue), .dispatch = OP(dispatch));
