/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F28a - takes a task out of a queue where only inserting is allowed
 * stops: rules SRC042, SRC044
 * object: accepts
 * kernel: accepts
 * kernel on 7.2: KRN006
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_move_to_local(SCX_DSQ_GLOBAL);
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
