/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T02f - writes into a file that somebody reads
 * stops: rules SRC043
 * object: OBJ010
 * kernel: KRN006, KRN018
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	bpf_seq_write((void *)p, &enq_flags, 8);
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
