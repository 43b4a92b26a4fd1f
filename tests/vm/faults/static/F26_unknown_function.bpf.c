/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F26 - calls a weak function that no kernel has, without asking first
 * stops: rules SRC009
 * object: OBJ012
 * kernel: KRN008
 */
#include <schedtui.h>

extern void scx_bpf_boost_everything(struct task_struct *p) __ksym __weak;

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_boost_everything(p);
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
