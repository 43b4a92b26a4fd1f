/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F06c - asks the same outside of a preprocessor line
 * stops: rules SRC009
 */
#include <schedtui.h>

#define THERE __has_include("/etc/passwd")

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
