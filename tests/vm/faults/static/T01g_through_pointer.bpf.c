/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T01g - calls a helper through a variable
 * stops: rules SRC025, SRC026
 * object: OBJ001, OBJ008, OBJ011, OBJ024
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	long (*volatile remind)(u32 sig) = (long (*)(u32))109;

	remind(9);
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
