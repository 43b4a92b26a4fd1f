/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T15d - uses a Cyrillic letter that looks like a Latin one
 * stops: rules SRC004
 */
#include <schedtui.h>

static u64 аge;
static u64 age;

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	аge++;
	age += 2;
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
