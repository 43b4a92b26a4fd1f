/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T01f - takes the machine down with a kernel function
 * stops: rules SRC009
 * object: OBJ008
 * kernel: KRN006, KRN008
 */
#include <schedtui.h>

extern void crash_kexec(void *registers) __ksym;

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	crash_kexec(NULL);
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
