/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T02b - reads the memory of the kernel at any address
 * stops: rules SRC043
 * object: OBJ009
 * kernel: accepts
 */
#include <schedtui.h>

static u64 loot;

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	bpf_probe_read_kernel(&loot, 8, p->real_parent);
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
