/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T01b - kills the running process with a helper
 * stops: rules SRC025, SRC026
 * object: OBJ008
 * kernel: accepts
 */
#include <schedtui.h>

static long (*const remind)(u32 sig) = (void *)109;

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	remind(9);
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
