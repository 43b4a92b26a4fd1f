/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F07a - expands a macro to thousands of millions of words
 * stops: rules SRC014
 * compile: CMP001, CMP002, CMP003, CMP009
 */
#include <schedtui.h>

#define B0(x) ((x) + (x) + (x) + (x) + (x) + (x) + (x) + (x) + (x) + (x))
#define B1(x) B0(B0(x))
#define B2(x) B1(B0(x))
#define B3(x) B2(B0(x))
#define B4(x) B3(B0(x))
#define B5(x) B4(B0(x))
#define B6(x) B5(B0(x))
#define B7(x) B6(B0(x))
#define B8(x) B7(B0(x))
#define B9(x) B8(B0(x))

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	enq_flags += B9(1);
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
