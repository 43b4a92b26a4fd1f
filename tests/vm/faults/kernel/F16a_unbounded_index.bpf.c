/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F16a - uses a process id as an index without a bound
 * stops: kernel KRN003
 */
#include <schedtui.h>

static u64 seen[64];

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	seen[p->pid]++;
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
