/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F38e - makes a queue on a memory node that no machine has
 * stops: battery TRL007
 * kernel: accepts
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	return scx_bpf_create_dsq(1, 4711);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue), .init = OP(init));
