/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F39 - ends itself while it begins
 * stops: rules SRC009
 * object: accepts
 * kernel: accepts
 */
#include <schedtui.h>

extern void scx_bpf_exit_bstr(s64 code, char *format, unsigned long long *data, u32 size) __ksym __weak;

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	static char format[] = "no";
	u64 none = 0;

	scx_bpf_exit_bstr(7, format, &none, 0);
	return 0;
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue), .init = OP(init));
