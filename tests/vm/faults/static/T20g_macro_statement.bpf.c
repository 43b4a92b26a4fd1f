/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T20g - ends a path inside of a macro
 * stops: rules SRC010
 */
#include <schedtui.h>

#define CHECK if (enq_flags & 1) return

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	CHECK;
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
