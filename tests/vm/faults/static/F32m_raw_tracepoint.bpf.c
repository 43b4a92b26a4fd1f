/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F32m - brings a program that sees every system call
 * stops: rules SRC024
 * object: OBJ005
 * kernel: KRN022
 */
#include <schedtui.h>

SEC("raw_tp/sys_enter")
int extra(u64 *ctx)
{
	return 0;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
