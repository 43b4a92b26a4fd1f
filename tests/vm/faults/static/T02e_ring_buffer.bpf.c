/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T02e - sends the names of all tasks out through a ring
 * stops: rules SRC025, SRC026
 * object: OBJ010, OBJ015
 * kernel: accepts
 */
#include <schedtui.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

static long (*const send)(void *ring, void *data, u64 size, u64 flags) = (void *)130;

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 word = p->pid;

	send(&ring, &word, 8, 0);
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
