/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F28c - searches an idle CPU with a function that only the choice of a CPU may use
 * stops: rules SRC044
 * object: accepts
 * kernel: accepts
 * kernel on 7.2: KRN006
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev)
{
	bool idle = false;

	if (prev)
		scx_bpf_select_cpu_dfl(prev, cpu, 0, &idle);
	queue_take(SCX_DSQ_GLOBAL);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue), .dispatch = OP(dispatch));
