/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F08b - includes a pipe on which nothing will ever come
 * stops: rules SRC005
 * compile: CMP001, CMP002, CMP003, CMP005, CMP009
 */
#include "/proc/self/fd/1"
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
