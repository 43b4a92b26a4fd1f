/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F27 - inserts with a function that kernels have lost
 * stops: rules SRC009
 * object: accepts
 * kernel: KRN008
 * kernel on 6.16: accepts
 */
#include <schedtui.h>

extern void scx_bpf_dispatch(struct task_struct *p, u64 queue, u64 slice, u64 flags) __ksym __weak;

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dispatch(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
