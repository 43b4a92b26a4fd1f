/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T02h - looks at a variable of the kernel
 * stops: rules SRC009
 * object: OBJ014
 */
#include <schedtui.h>

extern const int panic_timeout __ksym;

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	enq_flags ^= (u64)&panic_timeout & 0x1000;
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
