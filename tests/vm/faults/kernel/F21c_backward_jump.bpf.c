/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F21c - jumps back without end
 * stops: kernel KRN004
 */
#include <schedtui.h>

static u64 spins;

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	again:
	WRITE_ONCE(spins, spins + 1);
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
	goto again;
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
