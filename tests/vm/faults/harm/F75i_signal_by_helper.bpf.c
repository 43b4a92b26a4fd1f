/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F75i - every task named victim is killed by a helper
 * stops: rules SRC026
 * harm: kill
 */
#include "schedtui.h"

#define SLICE (5ULL * NSEC_PER_MSEC)

static long (*const send)(u32 sig) = (void *)109;

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, SLICE, enq_flags);
}

void SCHEDTUI_OP(tick, struct task_struct *p)
{
	if (p->comm[0] == 'v' && p->comm[1] == 'i' && p->comm[2] == 'c')
		send(9);
}

SCHEDTUI_OPS(signal_by_helper, .enqueue = OP(enqueue), .tick = OP(tick));
