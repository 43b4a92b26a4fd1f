/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T20i - returns from inside of an expression
 * stops: rules SRC025
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 slice = ({ if (enq_flags & 1) return; 1; });

	queue_insert(p, SCX_DSQ_GLOBAL, slice, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
