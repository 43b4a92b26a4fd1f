/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F37 - asks to be told of the last task, but has no enqueue
 * stops: object OBJ020, OBJ021
 * kernel: accepts
 */
#include <schedtui.h>

void SCHEDTUI_OP(tick, struct task_struct *p)
{
	p->scx.slice += 0;
}

SCHEDTUI_OPS(candidate, .tick = OP(tick), .flags = SCX_OPS_ENQ_LAST);
