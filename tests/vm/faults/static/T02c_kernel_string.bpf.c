/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T02c - reads strings of the kernel outside of its exit operation
 * stops: rules SRC043
 * object: OBJ009
 * kernel: accepts
 */
#include <schedtui.h>

static char loot[64];

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	bpf_probe_read_kernel_str(loot, 64, p->real_parent);
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
