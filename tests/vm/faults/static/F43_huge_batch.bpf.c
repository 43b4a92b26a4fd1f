/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F43 - asks for a buffer of two thousand million tasks on each CPU
 * stops: rules SRC023
 * object: OBJ019
 * kernel: accepts
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue), .dispatch_max_batch = 0x7fffffff);
