/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T02g - copies memory of another process with a kernel function
 * stops: rules SRC009, SRC026
 * object: OBJ009
 * kernel: KRN006
 */
#include <schedtui.h>

extern int bpf_copy_from_user_task_str(void *to, u32 size, const void *from, struct task_struct *p, u64 flags) __ksym;

static char loot[64];

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	bpf_copy_from_user_task_str(loot, 64, (const void *)0x400000, p, 0);
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
