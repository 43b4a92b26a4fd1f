/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F87h - nobody learns why the kernel ended the scheduler
 * stops: rules SRC024
 */
#include "schedtui.h"

void SCHEDTUI_OP(enqueue, struct task_struct *p __unused, u64 enq_flags __unused)
{
}

char licence[] SEC("license") = "GPL";

SEC(".struct_ops.link")
struct sched_ext_ops no_exit_record_ops = {
	.enqueue = OP(enqueue),
	.timeout_ms = 1000,
	.name = "no_exit_record",
};
