/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T15a - shows a reviewer another order of words than the compiler reads
 * stops: rules SRC003
 */
#include <schedtui.h>

/* returns only for kernel threads ‮ { nruter ;)0(snruter } ⁦ */

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
