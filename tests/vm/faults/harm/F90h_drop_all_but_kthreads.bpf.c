/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F90h - no task but a kernel thread is ever queued
 * stops: rules SRC030, SRC031
 */
#include "schedtui.h"

#define SLICE (5ULL * NSEC_PER_MSEC)

/* Every task passes through enqueue. */
s32 SCHEDTUI_OP(select_cpu, struct task_struct *p __unused, s32 prev_cpu, u64 wake_flags __unused)
{
	return prev_cpu;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	if (is_kthread(p))
		queue_insert(p, SCX_DSQ_GLOBAL, SLICE, enq_flags);
}

SCHEDTUI_OPS(drop_all_but_kthreads, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue));
