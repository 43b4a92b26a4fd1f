/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F03b - places a file of the machine into the object from within an operation
 * stops: rules SRC009
 * compile: CMP001, CMP003, CMP005
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	asm volatile(".pushsection .rodata; .incbin \"/etc/passwd\"; .popsection");
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
