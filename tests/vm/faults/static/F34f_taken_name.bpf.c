/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F34f - has the name of a policy that everybody trusts
 * stops: rules SRC027
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(vtime_fair, .enqueue = OP(enqueue));
