/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F21b - waits until another CPU writes a word
 * stops: kernel KRN004
 */
#include <schedtui.h>

static u64 word;

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	while (!READ_ONCE(word))
		barrier();
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
