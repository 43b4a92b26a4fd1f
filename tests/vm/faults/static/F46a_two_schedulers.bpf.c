/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F46a - defines two schedulers
 * stops: rules SRC020
 * compile: CMP001
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));

SCHEDTUI_OPS(second, .enqueue = OP(enqueue));
