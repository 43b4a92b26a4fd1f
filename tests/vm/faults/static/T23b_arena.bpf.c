/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T23b - shares an arena of memory with user space
 * stops: object OBJ015
 */
#include <schedtui.h>

struct {
	__uint(type, 33);
	__uint(map_flags, 1024);
	__uint(max_entries, 16);
} arena SEC(".maps");

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 key = 0;

	bpf_map_lookup_elem(&arena, &key);
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
