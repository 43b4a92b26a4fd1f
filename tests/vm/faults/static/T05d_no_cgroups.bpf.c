/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T05d - forbids to make cgroups
 * stops: rules SRC035
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

struct scx_cgroup_init_args;

s32 SCHEDTUI_SLEEPABLE_OP(cgroup_init, struct cgroup *group, struct scx_cgroup_init_args *args)
{
	return -1;
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue), .cgroup_init = OP(cgroup_init));
