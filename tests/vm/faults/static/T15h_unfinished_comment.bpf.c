/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T15h - opens a comment that swallows the rest of the text
 * stops: rules SRC004
 * compile: CMP001
 */
#include <schedtui.h>

/* see below

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
