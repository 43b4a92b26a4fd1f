/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: T24a - is a program of more instructions than a person could mean
 * stops: object OBJ023
 */
#include <schedtui.h>

/* A store is one instruction, and the cheapest to compile. */
static volatile u64 total;

static __always_inline void ten(void)
{
	total = 7;
	total = 7;
	total = 7;
	total = 7;
	total = 7;
	total = 7;
	total = 7;
	total = 7;
	total = 7;
	total = 7;
}

static __always_inline void hundred(void)
{
	ten();
	ten();
	ten();
	ten();
	ten();
	ten();
	ten();
	ten();
	ten();
	ten();
}

static __always_inline void thousand(void)
{
	hundred();
	hundred();
	hundred();
	hundred();
	hundred();
	hundred();
	hundred();
	hundred();
	hundred();
	hundred();
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	thousand();
	thousand();
	thousand();
	thousand();
	thousand();
	thousand();
	thousand();
	thousand();
	thousand();
	thousand();
	thousand();
	thousand();
	thousand();
	thousand();
	thousand();
	thousand();
	thousand();
	thousand();
	thousand();
	thousand();
	thousand();
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
