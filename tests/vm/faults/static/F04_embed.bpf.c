/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F04 - places a file of the machine into the object with the preprocessor
 * stops: rules SRC008
 * compile: CMP001, CMP005
 */
#include <schedtui.h>

static const char secret[] = {
#embed "/etc/passwd"
};

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	if (secret[enq_flags & 7] == 1)
		enq_flags = 0;
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
