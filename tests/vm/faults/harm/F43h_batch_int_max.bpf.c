/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F43h - the kernel is asked for a batch of 2147483647 tasks on each CPU
 * stops: rules SRC023
 * harm: warn
 */
#include "schedtui.h"

#define SLICE (5ULL * NSEC_PER_MSEC)

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, SLICE, enq_flags);
}

SCHEDTUI_OPS(batch_int_max, .enqueue = OP(enqueue), .dispatch_max_batch = 0x7fffffff);
