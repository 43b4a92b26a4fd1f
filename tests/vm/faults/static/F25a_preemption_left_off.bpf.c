/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F25a - leaves an operation with preemption switched off
 * stops: rules SRC009
 * object: OBJ012
 * kernel: KRN005
 */
#include <schedtui.h>

extern void bpf_preempt_disable(void) __ksym;

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	bpf_preempt_disable();
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
