/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F07b - brings a table that makes the object larger than any scheduler
 * stops: compile CMP006
 */
#include <schedtui.h>

const volatile u64 table[400000] = { 1, 2, 3 };

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	enq_flags += table[enq_flags & 1023];
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
