/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F17c - uses a task's own storage without asking whether there is any
 * stops: kernel KRN002
 */
#include <schedtui.h>

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, u64);
} ages SEC(".maps");

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 *age = bpf_task_storage_get(&ages, p, NULL, 0);

	*age = now_ns();
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
