/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F78 - every enqueue writes a line to the trace log
 * stops: rules SRC026
 */
/* attached: stays */
#include "schedtui.h"

#define SLICE (5ULL * NSEC_PER_MSEC)

static long (*const print_line)(const char *format, u32 size, ...) = (void *)6;

/* Every task passes through enqueue. */
s32 SCHEDTUI_OP(select_cpu, struct task_struct *p __unused, s32 prev_cpu, u64 wake_flags __unused)
{
	return prev_cpu;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	char line[] = "enqueue of %d";

	print_line(line, sizeof(line), p->pid);
	queue_insert(p, SCX_DSQ_GLOBAL, SLICE, enq_flags);
}

SCHEDTUI_OPS(printk_flood, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue));
