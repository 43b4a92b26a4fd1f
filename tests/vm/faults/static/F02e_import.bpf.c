/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F02e - imports a file of the machine instead of including it
 * stops: rules SRC008
 * compile: CMP001, CMP005
 */
#import "/etc/passwd"
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
