/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F89h - only tasks that ask for it are scheduled, beside the default scheduler
 * stops: rules SRC024
 */
#include "schedtui.h"

#define SLICE (5ULL * NSEC_PER_MSEC)

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, SLICE, enq_flags);
}

SCHEDTUI_EXIT_RECORD
char licence[] SEC("license") = "GPL";

SEC(".struct_ops.link")
struct sched_ext_ops partial_ops = {
	.enqueue = OP(enqueue),
	.exit = OP(schedtui_exit),
	.flags = SCX_OPS_SWITCH_PARTIAL,
	.timeout_ms = 2500,
	.name = "partial",
};
