/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T23e - takes orders from user space through a ring
 * stops: object OBJ015
 * kernel: accepts
 */
#include <schedtui.h>

struct {
	__uint(type, 31);
	__uint(max_entries, 4096);
} orders SEC(".maps");

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
