/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F13a - says that its licence is a secret one
 * stops: rules SRC024
 * object: OBJ018
 */
#include <schedtui.h>

char own_license[] SEC("license") = "Proprietary";

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
