/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T20d - tells the compiler to report other lines than its own
 * stops: rules SRC008
 */
#include <schedtui.h>

#line 1 "schedtui.h"

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
