/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F21a - waits for ever
 * stops: rules SRC057
 * object: accepts
 * kernel: KRN004
 */
#include <schedtui.h>

static u64 spins;

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	for (;;)
		WRITE_ONCE(spins, spins + 1);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
