/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F14a - defines operations but no scheduler
 * stops: rules SRC020
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

static char note[] = "nothing here";
