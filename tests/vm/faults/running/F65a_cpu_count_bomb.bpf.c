/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F65a - tasks are dropped on machines of more than two CPUs
 * stops: rules SRC031
 */
/* attached: runnable task stall */
/* cpus: 4 */
#include "schedtui.h"

#define SLICE (5ULL * NSEC_PER_MSEC)

/* Every task passes through enqueue. */
s32 SCHEDTUI_OP(select_cpu, struct task_struct *p __unused, s32 prev_cpu, u64 wake_flags __unused)
{
	return prev_cpu;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	if (scx_bpf_nr_cpu_ids() > 2)
		return;
	queue_insert(p, SCX_DSQ_GLOBAL, SLICE, enq_flags);
}

SCHEDTUI_OPS(cpu_count_bomb, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue));
