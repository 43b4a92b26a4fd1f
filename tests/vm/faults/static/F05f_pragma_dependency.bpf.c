/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F05f - asks with a pragma whether a file is newer than the source
 * stops: rules SRC008
 */
#pragma GCC dependency "/etc/passwd"
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
