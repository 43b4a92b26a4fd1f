/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T01e - jumps into a program that somebody puts into a table later
 * stops: rules SRC024, SRC025, SRC026
 * object: OBJ011, OBJ015
 */
#include <schedtui.h>

struct {
	__uint(type, 3);
	__uint(max_entries, 4);
	__type(key, u32);
	__type(value, u32);
} jumps SEC(".maps");

static long (*const jump)(void *ctx, void *table, u32 index) = (void *)12;

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SEC("struct_ops/tick")
void tick(u64 *ctx)
{
	jump(ctx, &jumps, 0);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue), .tick = OP(tick));
