/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F18d - gives back a reference it never took
 * stops: kernel KRN005, KRN018
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
	bpf_task_release(p);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
