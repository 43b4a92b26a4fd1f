/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F08a - includes a device that never ends
 * stops: rules SRC005
 * compile: CMP001, CMP002, CMP003, CMP005
 */
#include "/dev/zero"
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
