/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F05b - cuts the word include in two with a continued line
 * stops: rules SRC007
 * compile: CMP001, CMP005
 */
#inc\
lude "/etc/passwd"
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
