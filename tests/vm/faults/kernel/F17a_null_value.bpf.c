/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F17a - uses what a table gave without asking whether it gave anything
 * stops: kernel KRN002
 */
#include <schedtui.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, u32);
	__type(value, u64);
} table SEC(".maps");

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 key = p->pid;
	u64 *seen = bpf_map_lookup_elem(&table, &key);

	*seen += 1;
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
