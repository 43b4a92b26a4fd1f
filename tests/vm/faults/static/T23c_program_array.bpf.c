/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T23c - has a table of programs
 * stops: object OBJ015
 * kernel: accepts
 */
#include <schedtui.h>

struct {
	__uint(type, 3);
	__uint(max_entries, 4);
	__type(key, u32);
	__type(value, u32);
} table SEC(".maps");

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
