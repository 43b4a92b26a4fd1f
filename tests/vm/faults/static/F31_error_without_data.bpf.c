/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F31 - prints an error with data that is not there
 * stops: rules SRC009
 * object: accepts
 * kernel: KRN002, KRN018
 */
#include <schedtui.h>

extern void scx_bpf_error_bstr(char *format, unsigned long long *data, u32 size) __ksym __weak;

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	static char format[] = "%s";

	scx_bpf_error_bstr(format, NULL, 8);
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
