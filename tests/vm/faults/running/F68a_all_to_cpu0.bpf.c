/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F68a - every task that may is sent to CPU 0
 * stops: battery TRL021, TRL032
 */
/* attached: stays */
/* battery: full */
#include "schedtui.h"

#define SLICE (5ULL * NSEC_PER_MSEC)

s32 SCHEDTUI_OP(select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags __unused)
{
	return bpf_cpumask_test_cpu(0, p->cpus_ptr) ? 0 : prev_cpu;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	if (bpf_cpumask_test_cpu(0, p->cpus_ptr))
		queue_insert(p, SCX_DSQ_LOCAL_ON | 0, SLICE, enq_flags);
	else
		queue_insert(p, SCX_DSQ_LOCAL, SLICE, enq_flags);
}

SCHEDTUI_OPS(all_to_cpu0, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue));
