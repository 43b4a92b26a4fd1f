/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F75h - every task named victim is killed by a kernel function
 * stops: rules SRC009
 * harm: kill
 */
#include "schedtui.h"

#define SLICE (5ULL * NSEC_PER_MSEC)

enum pid_type {
	PIDTYPE_PID,
};

extern int bpf_send_signal_task(struct task_struct *p, int sig, enum pid_type type,
				u64 value) __ksym;

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, SLICE, enq_flags);
}

void SCHEDTUI_OP(tick, struct task_struct *p)
{
	if (p->comm[0] == 'v' && p->comm[1] == 'i' && p->comm[2] == 'c')
		bpf_send_signal_task(p, 9, PIDTYPE_PID, 0);
}

SCHEDTUI_OPS(signal_by_kfunc, .enqueue = OP(enqueue), .tick = OP(tick));
