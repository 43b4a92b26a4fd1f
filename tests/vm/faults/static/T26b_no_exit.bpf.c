/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T26b - leaves no word on why it ended
 * stops: rules SRC009, SRC024
 * object: OBJ021
 * kernel: accepts
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

char own_license[] SEC("license") = "GPL";

SEC(".struct_ops.link")
struct sched_ext_ops own = {
	.enqueue = OP(enqueue),
	.timeout_ms = 3000,
	.name = "candidate",
};
