/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * pid_queue_map: user tasks wait by pid in a queue map until a queue takes them over, in order.
 *
 * Idea. The order lies in a map that user space could look at. A pid may be gone or its task may
 * have been moved when its turn comes, so dispatch tries several. Kernel threads, bound tasks and
 * what does not fit into the map go to the end of the queue at once. Not to the global queue: the
 * kernel empties that one before it calls dispatch, and the map would be forgotten.
 */
#include <schedtui.h>

const volatile u64 slice_us = 5000;

#define TRIES 8
#define ORDERED 0ULL

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 4096);
	__type(value, s32);
} waiting SEC(".maps");

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 pid = p->pid;

	if (is_kthread(p) || is_pinned(p) || bpf_map_push_elem(&waiting, &pid, 0)) {
		queue_insert(p, ORDERED, slice_us * NSEC_PER_USEC, enq_flags);
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
			break;
		p = bpf_task_from_pid(pid);
		if (!p)
			continue;
		queue_insert(p, ORDERED, slice_us * NSEC_PER_USEC, 0);
		bpf_task_release(p);
		break;
	}
	queue_take(ORDERED);
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	return scx_bpf_create_dsq(ORDERED, -1);
}

SCHEDTUI_OPS(pid_queue_map, .enqueue = OP(enqueue), .dispatch = OP(dispatch), .init = OP(init));
