/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F46b - defines a second scheduler by hand
 * stops: rules SRC024
 * object: OBJ002
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SEC(".struct_ops.link")
struct sched_ext_ops second = {
	.enqueue = OP(enqueue),
	.timeout_ms = 3000,
	.name = "second",
};

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
