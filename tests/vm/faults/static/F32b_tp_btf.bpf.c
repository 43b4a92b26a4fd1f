/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F32b - brings a program that runs at every switch of tasks
 * stops: rules SRC024
 * object: OBJ005
 * kernel: KRN022
 */
#include <schedtui.h>

SEC("tp_btf/sched_switch")
int extra(u64 *ctx)
{
	return 0;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
