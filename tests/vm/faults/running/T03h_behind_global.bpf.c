/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T03h - tasks wait in a map that is only looked at while the global queue is empty
 * stops: battery TRL006, TRL016
 */
/* The kernel empties the global queue before it calls dispatch, so whoever keeps that queue full
 * starves all others. */
#include "schedtui.h"

const volatile u64 slice_us = 5000;

#define TRIES 8

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 4096);
	__type(value, s32);
} waiting SEC(".maps");

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 pid = p->pid;

	if (is_kthread(p) || is_pinned(p) || bpf_map_push_elem(&waiting, &pid, 0)) {
		queue_insert(p, SCX_DSQ_GLOBAL, slice_us * NSEC_PER_USEC, enq_flags);
		return;
	}
	kick_idle_cpu(p);
}

void SCHEDTUI_OP(dispatch, s32 cpu __unused, struct task_struct *prev __unused)
{
	for (u32 i = 0; i < TRIES; i++) {
		struct task_struct *p;
		s32 pid;

		if (bpf_map_pop_elem(&waiting, &pid))
			return;
		p = bpf_task_from_pid(pid);
		if (!p)
			continue;
		queue_insert(p, SCX_DSQ_GLOBAL, slice_us * NSEC_PER_USEC, 0);
		bpf_task_release(p);
	}
}

SCHEDTUI_OPS(behind_global, .enqueue = OP(enqueue), .dispatch = OP(dispatch));
