/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F50 - a task is sent to the local queue of a CPU that no machine has
 * stops: rules SRC061
 */
/* attached: runtime error: invalid CPU */
#include "schedtui.h"

#define SLICE (5ULL * NSEC_PER_MSEC)

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_LOCAL_ON | 9999, SLICE, enq_flags);
}

SCHEDTUI_OPS(local_on_9999, .enqueue = OP(enqueue));
