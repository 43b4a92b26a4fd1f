/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T15c - hides a character of no width in a name
 * stops: rules SRC003
 */
#include <schedtui.h>

static u64 wai​ting;

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	wai​ting++;
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
