/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F38d - makes a queue whose number belongs to the kernel
 * stops: rules SRC048
 * object: accepts
 * kernel: accepts
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	return scx_bpf_create_dsq(SCX_DSQ_GLOBAL, -1);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue), .init = OP(init));
