/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F34d - has a name of 40 letters
 * stops: rules SRC021
 * object: OBJ022, OBJ035
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(a_name_of_forty_letters_is_too_long_to_be, .enqueue = OP(enqueue));
