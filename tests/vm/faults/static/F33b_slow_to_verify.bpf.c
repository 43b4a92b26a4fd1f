/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F33b - makes the kernel's verifier take more steps than a scheduler is given
 * stops: rules SRC058
 * object: accepts
 * kernel: KRN009, KRN010
 */
#include <schedtui.h>

static u64 total;

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	for (u32 i = 0; i < 41000; i++)
		WRITE_ONCE(total, total + i);
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
