/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T15f - brings markup that would press a button in a careless screen
 * stops: rules SRC004, SRC012
 * compile: CMP001
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	[@click=app.deploy]approve[/];
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
