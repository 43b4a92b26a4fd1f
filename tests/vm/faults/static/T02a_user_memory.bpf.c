/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T02a - copies the environment of other processes into a table
 * stops: rules SRC025, SRC026
 * object: OBJ009
 * kernel: accepts
 */
#include <schedtui.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, char[256]);
} loot SEC(".maps");

static long (*const peek)(void *to, u32 size, const void *from) = (void *)114;

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u32 key = 0;
	char *to = bpf_map_lookup_elem(&loot, &key);

	if (to)
		peek(to, 256, (const void *)p->start_time);
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
