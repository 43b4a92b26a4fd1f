/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T05b - makes the forks of one program fail
 * stops: rules SRC035
 * object: accepts
 * kernel: accepts
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

s32 SCHEDTUI_SLEEPABLE_OP(init_task, struct task_struct *p, struct scx_init_task_args *args)
{
	if (p->comm[0] == 'v' && p->comm[1] == 'i')
		return -1;
	return 0;
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue), .init_task = OP(init_task));
