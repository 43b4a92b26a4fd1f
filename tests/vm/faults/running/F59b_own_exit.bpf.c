/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F59b - the scheduler leaves by itself with a number of its own
 * stops: rules SRC009
 */
/* attached: unregistered from BPF: left by itself */
#include "schedtui.h"

#define SLICE (5ULL * NSEC_PER_MSEC)

extern void scx_bpf_exit_bstr(s64 exit_code, char *format, unsigned long long *data,
			      u32 data__sz) __ksym;

static char words[] = "left by itself";

/* Every task passes through enqueue. */
s32 SCHEDTUI_OP(select_cpu, struct task_struct *p __unused, s32 prev_cpu, u64 wake_flags __unused)
{
	return prev_cpu;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	unsigned long long none = 0;

	scx_bpf_exit_bstr(0x1234, words, &none, 0);
	queue_insert(p, SCX_DSQ_GLOBAL, SLICE, enq_flags);
}

SCHEDTUI_OPS(own_exit, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue));
