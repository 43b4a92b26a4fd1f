/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T02l - reads the memory at a number it computed
 * stops: rules SRC026
 * object: accepts
 * kernel: KRN020
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 where = p->start_time;

	enq_flags ^= *(u64 *)where & 0x1000;
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
