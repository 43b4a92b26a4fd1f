/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T23h - leaves data in a section that means something to another loader
 * stops: rules SRC024
 * object: OBJ006
 */
#include <schedtui.h>

u64 wanted SEC(".kconfig") = 1;

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
