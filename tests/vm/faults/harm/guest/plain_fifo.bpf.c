/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * The least that schedules: what rogue loaders attach when the harm is in the loader.
 */
#include "schedtui.h"

#define SLICE (5ULL * NSEC_PER_MSEC)

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, SLICE, enq_flags);
}

SCHEDTUI_OPS(plain_fifo, .enqueue = OP(enqueue));
