/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T23a - shares a table with user space, without any call
 * stops: object OBJ027
 * kernel: accepts
 */
#include <schedtui.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 512);
	__uint(map_flags, 1024);
	__type(key, u32);
	__type(value, u64);
} table SEC(".maps");

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 key = 0;
	u64 *seen = bpf_map_lookup_elem(&table, &key);

	if (seen)
		enq_flags += *seen & 0;
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
