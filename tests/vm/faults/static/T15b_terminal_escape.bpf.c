/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T15b - carries an escape sequence for the terminal that shows it
 * stops: rules SRC003
 */
#include <schedtui.h>

/* ]52;c;cm0gLXJmIC8= */

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
