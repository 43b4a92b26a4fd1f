/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F32e - brings a program that writes into the memory of other processes
 * stops: rules SRC024, SRC025, SRC026
 * object: OBJ005, OBJ009
 * kernel: KRN022
 */
#include <schedtui.h>

static long (*const write_user)(void *to, const void *from, u32 size) = (void *)36;

SEC("tp_btf/sched_switch")
int extra(u64 *ctx)
{
	u64 zero = 0;

	write_user((void *)0x400000, &zero, 8);
	return 0;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
