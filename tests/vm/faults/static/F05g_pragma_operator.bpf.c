/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F05g - asks the same with the pragma operator
 * stops: rules SRC009
 */
#include <schedtui.h>

_Pragma("GCC dependency \"/etc/passwd\"")

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
