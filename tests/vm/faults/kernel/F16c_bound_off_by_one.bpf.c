/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F16c - tests an index against one more than there is
 * stops: kernel KRN003
 */
#include <schedtui.h>

static u64 seen[64];

static u32 wanted = 1;

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 at = READ_ONCE(wanted);

	if (at <= 64)
		WRITE_ONCE(seen[at], enq_flags);
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
