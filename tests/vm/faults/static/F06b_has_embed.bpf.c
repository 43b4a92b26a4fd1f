/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F06b - asks the same with __has_embed
 * stops: rules SRC008, SRC009
 */
#if __has_embed("/etc/passwd")
#error it is there
#endif
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
