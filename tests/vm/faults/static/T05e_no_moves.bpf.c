/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T05e - forbids to move tasks between cgroups
 * stops: rules SRC035
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

s32 SCHEDTUI_SLEEPABLE_OP(cgroup_prep_move, struct task_struct *p, struct cgroup *from, struct cgroup *to)
{
	return -1;
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue), .cgroup_prep_move = OP(cgroup_prep_move));
