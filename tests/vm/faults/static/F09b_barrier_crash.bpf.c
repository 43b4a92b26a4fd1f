/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F09b - makes the compiler fail in the back end by a full memory barrier
 * stops: rules SRC009
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	__sync_synchronize();
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
