/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F61b - tasks are noted in a queue map that nobody reads
 * stops: rules SRC026
 */
/* attached: runnable task stall */
#include "schedtui.h"

#define SLICE (5ULL * NSEC_PER_MSEC)

static long (*const store_push)(void *map, const void *value, u64 flags) = (void *)87;

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 65536);
	__type(value, s32);
} waiting SEC(".maps");

/* Every task passes through enqueue. */
s32 SCHEDTUI_OP(select_cpu, struct task_struct *p __unused, s32 prev_cpu, u64 wake_flags __unused)
{
	return prev_cpu;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	s32 pid = p->pid;

	if (store_push(&waiting, &pid, 0))
		queue_insert(p, SCX_DSQ_GLOBAL, SLICE, enq_flags);
}

SCHEDTUI_OPS(store_never_emptied, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue));
