/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F32a - brings a program that runs whenever a process ends
 * stops: rules SRC024
 * object: OBJ005
 * kernel: KRN022
 */
#include <schedtui.h>

SEC("kprobe/do_exit")
int extra(void *ctx)
{
	return 0;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
