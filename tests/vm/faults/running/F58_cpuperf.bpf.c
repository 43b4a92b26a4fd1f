/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F58 - a CPU is asked for more performance than there is
 * stops: rules SRC009
 */
/* attached: runtime error: cpuperf */
#include "schedtui.h"

#define SLICE (5ULL * NSEC_PER_MSEC)

extern void scx_bpf_cpuperf_set(s32 cpu, u32 perf) __ksym;

/* Every task passes through enqueue. */
s32 SCHEDTUI_OP(select_cpu, struct task_struct *p __unused, s32 prev_cpu, u64 wake_flags __unused)
{
	return prev_cpu;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_cpuperf_set(scx_bpf_task_cpu(p), 99999);
	queue_insert(p, SCX_DSQ_GLOBAL, SLICE, enq_flags);
}

SCHEDTUI_OPS(cpuperf, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue));
