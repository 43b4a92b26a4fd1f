/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T02i - writes to an address of the kernel
 * stops: rules SRC026
 * kernel: KRN020
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	*(u64 *)0xffffffff81000000 = 0;
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
