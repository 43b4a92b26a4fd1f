/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F26b - calls a kernel function with other arguments than it has
 * stops: rules SRC009
 * object: accepts
 * kernel: KRN008, KRN018
 */
#include <schedtui.h>

extern void bpf_task_acquire(u64 number, u64 other) __ksym;

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	bpf_task_acquire(p->pid, 1);
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
