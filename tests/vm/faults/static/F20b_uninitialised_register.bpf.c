/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F20b - reads a register that was never set
 * stops: rules SRC009
 * object: accepts
 * kernel: KRN019
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 slice;

	__asm__ volatile("%0 = r9" : "=r"(slice));
	queue_insert(p, SCX_DSQ_GLOBAL, slice, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
