/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F16b - uses a process id as an index into the value of a table
 * stops: kernel KRN003
 */
#include <schedtui.h>

struct lines {
	u64 words[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, u32);
	__type(value, struct lines);
} table SEC(".maps");

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 key = 0;
	struct lines *found = bpf_map_lookup_elem(&table, &key);

	if (found)
		found->words[p->tgid]++;
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
