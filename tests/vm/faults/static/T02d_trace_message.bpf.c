/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T02d - writes a message to the kernel's trace for every task
 * stops: rules SRC025, SRC026
 * object: OBJ010
 * kernel: accepts
 */
#include <schedtui.h>

static long (*const say)(const char *format, u32 size, ...) = (void *)6;

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	static const char format[] = "%d";

	say(format, 3, p->pid);
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
