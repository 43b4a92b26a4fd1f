/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F42h - the kernel is asked for two gigabytes for a dump
 * stops: rules SRC023
 * harm: splat
 */
#include "schedtui.h"

#define SLICE (5ULL * NSEC_PER_MSEC)

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, SLICE, enq_flags);
}

SCHEDTUI_OPS(dump_two_gib, .enqueue = OP(enqueue), .exit_dump_len = 0x80000000);
