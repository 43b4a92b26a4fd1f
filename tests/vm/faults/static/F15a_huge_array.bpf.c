/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F15a - asks for an array of 16 GiB
 * stops: object OBJ016
 * kernel: KRN001
 */
#include <schedtui.h>

struct line {
	u64 words[8];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1 << 28);
	__type(key, u32);
	__type(value, struct line);
} table SEC(".maps");

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 key = 0;
	struct line *seen = bpf_map_lookup_elem(&table, &key);

	if (seen)
		enq_flags += seen->words[0] & 0;
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
