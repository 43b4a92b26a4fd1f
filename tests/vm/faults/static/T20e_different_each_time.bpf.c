/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T20e - compiles to other bytes each time
 * stops: rules SRC009
 */
#include <schedtui.h>

const volatile char built[] = __TIME__;

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	enq_flags += built[0] & 0;
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
