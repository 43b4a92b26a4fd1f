/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F07c - initialises an array of a gibibyte
 * stops: compile CMP002, CMP003, CMP006, CMP009
 */
#include <schedtui.h>

const volatile u8 table[1 << 30] = { 1 };

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	enq_flags += table[enq_flags & 1023];
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
