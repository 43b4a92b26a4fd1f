/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F18a - keeps a reference to a task for ever
 * stops: kernel KRN005
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_struct *found = bpf_task_from_pid(1);

	if (found)
		enq_flags ^= found->pid & 0x1000;
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
