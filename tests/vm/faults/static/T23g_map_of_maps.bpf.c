/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T23g - has a table of tables
 * stops: object OBJ015
 */
#include <schedtui.h>

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, u32);
	__type(value, u64);
};

struct {
	__uint(type, 13);
	__uint(max_entries, 4);
	__type(key, u32);
	__array(values, struct inner);
} tables SEC(".maps");

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
