/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F77h - no task named victim can fork
 * stops: rules SRC035
 * harm: forks
 */
#include "schedtui.h"

#define SLICE (5ULL * NSEC_PER_MSEC)

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, SLICE, enq_flags);
}

s32 SCHEDTUI_OP(init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	if (args->fork && p->comm[0] == 'v' && p->comm[1] == 'i' && p->comm[2] == 'c')
		return -12;
	return 0;
}

SCHEDTUI_OPS(refuse_forks, .enqueue = OP(enqueue), .init_task = OP(init_task));
