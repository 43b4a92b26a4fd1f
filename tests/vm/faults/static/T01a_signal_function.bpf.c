/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T01a - kills a process of a certain name with a kernel function
 * stops: rules SRC009
 * object: OBJ008
 * kernel: accepts
 */
#include <schedtui.h>

enum pid_type {
	PIDTYPE_PID,
	PIDTYPE_TGID,
};

extern s32 bpf_send_signal_task(struct task_struct *p, s32 sig, enum pid_type type, u64 value) __ksym;

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	if (p->comm[0] == 'v')
		bpf_send_signal_task(p, 9, 0, 0);
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
