/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F28b - inserts a task where only looking is allowed
 * stops: rules SRC044
 * object: accepts
 * kernel: accepts
 * kernel on 7.2: KRN006
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

void SCHEDTUI_OP(tick, struct task_struct *p)
{
	queue_insert(p, SCX_DSQ_GLOBAL, NSEC_PER_MSEC, 0);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue), .tick = OP(tick));
