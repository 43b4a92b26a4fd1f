/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F79a - every enqueue adds 200 entries to a table
 * stops: battery TRL021, TRL029
 */
/* attached: stays */
/* battery: full */
#include "schedtui.h"

#define SLICE (5ULL * NSEC_PER_MSEC)

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 400000);
	__type(key, u64);
	__type(value, u64);
} grown SEC(".maps");

static u64 last_key;

/* Every task passes through enqueue. */
s32 SCHEDTUI_OP(select_cpu, struct task_struct *p __unused, s32 prev_cpu, u64 wake_flags __unused)
{
	return prev_cpu;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	for (u32 i = 0; i < 200; i++) {
		u64 key = ++last_key;

		bpf_map_update_elem(&grown, &key, &key, BPF_ANY);
	}
	queue_insert(p, SCX_DSQ_GLOBAL, SLICE, enq_flags);
}

SCHEDTUI_OPS(growing_hash, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue));
