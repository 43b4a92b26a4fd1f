/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F20a - uses a slice that was never set
 * stops: compile CMP001
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 slice;

	queue_insert(p, SCX_DSQ_GLOBAL, slice, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
