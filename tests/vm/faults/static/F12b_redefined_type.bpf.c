/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F12b - gives a basic type of the header another meaning
 * stops: compile CMP001
 */
#include <schedtui.h>

typedef unsigned char bool;

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
