/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F46h - one object holds two schedulers
 * stops: rules SRC020, SRC024
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
struct sched_ext_ops two_schedulers_ops = {
	.enqueue = OP(enqueue),
	.exit = OP(schedtui_exit),
	.timeout_ms = 5000,
	.name = "two_schedulers",
};

SEC(".struct_ops.link")
struct sched_ext_ops second_ops = {
	.enqueue = OP(enqueue),
	.exit = OP(schedtui_exit),
	.timeout_ms = 5000,
	.name = "second",
};
