/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F23 - makes a queue where nothing may sleep
 * stops: rules SRC039
 * object: accepts
 * kernel: KRN006
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_create_dsq(7, -1);
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
