/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F18c - inserts a task after it gave the reference back
 * stops: kernel KRN005, KRN018, KRN019, KRN020
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	struct task_struct *found = bpf_task_from_pid(p->pid);

	if (!found) {
		queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
		return;
	}
	bpf_task_release(found);
	queue_insert(found, SCX_DSQ_GLOBAL, NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
