/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F15b - has 600 MB of zeros as a variable
 * stops: object OBJ016
 * kernel: KRN001, KRN022
 */
#include <schedtui.h>

u8 waste[600 << 20];

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	waste[enq_flags & 0xffff] = 1;
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
