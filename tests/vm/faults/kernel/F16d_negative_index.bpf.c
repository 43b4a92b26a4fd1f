/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F16d - tests an index only from above
 * stops: kernel KRN003
 */
#include <schedtui.h>

static u64 seen[64];

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 at = scx_bpf_task_cpu(p);

	if (at < 64)
		seen[at]++;
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
