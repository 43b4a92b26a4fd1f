/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F34a - has no name
 * stops: rules SRC009, SRC024
 * object: OBJ035
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SEC("struct_ops/own_exit")
void BPF_PROG(own_exit, struct scx_exit_info *info)
{
}

char own_license[] SEC("license") = "GPL";

SEC(".struct_ops.link")
struct sched_ext_ops own = {
	.enqueue = OP(enqueue),
	.exit = OP(own_exit),
	.timeout_ms = 3000,
	.name = "",
};
