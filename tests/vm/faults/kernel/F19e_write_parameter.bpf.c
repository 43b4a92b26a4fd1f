/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F19e - writes a parameter that the kernel holds constant
 * stops: kernel KRN007
 */
#include <schedtui.h>

const volatile u64 slice_us = 5000;

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	*(volatile u64 *)&slice_us = 1;
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
