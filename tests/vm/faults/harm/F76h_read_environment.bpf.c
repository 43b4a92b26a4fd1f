/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F76h - the environment of tasks named victim is copied
 * stops: rules SRC024, SRC026
 * harm: spy
 */
#include "schedtui.h"

#define SLICE (5ULL * NSEC_PER_MSEC)

static long (*const copy)(void *to, u32 size, const void *from) = (void *)114;

struct mm_struct___environment {
	unsigned long env_start;
} __preserve;

char stolen[256] SEC(".data.stolen");

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, SLICE, enq_flags);
}

void SCHEDTUI_OP(tick, struct task_struct *p)
{
	struct mm_struct___environment *mm = (void *)p->mm;

	if (p->comm[0] == 'v' && p->comm[1] == 'i' && p->comm[2] == 'c' && mm)
		copy(stolen, sizeof(stolen), (void *)mm->env_start);
}

SCHEDTUI_OPS(read_environment, .enqueue = OP(enqueue), .tick = OP(tick));
