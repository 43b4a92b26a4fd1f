/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F35a - sets the watchdog a second time, to a minute
 * stops: rules SRC023
 * compile: CMP001
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue), .timeout_ms = 60000);
