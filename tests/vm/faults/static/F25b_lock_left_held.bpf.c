/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F25b - leaves an operation with a lock held
 * stops: rules SRC009
 * object: accepts
 * kernel: KRN005
 */
#include <schedtui.h>

extern void bpf_rcu_read_lock(void) __ksym;

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
	bpf_rcu_read_lock();
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
