/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * interactive_and_batch: two queues; the second gets every fourth turn for certain.
 *
 * Idea. What woke up is interactive until it uses up a slice; what used up its slice is batch. Each
 * CPU serves three turns of the first queue and then looks at the second one first, so batch
 * work has a quarter of the machine even under a flood of wake-ups.
 */
#include <schedtui.h>

const volatile u64 short_us = 2000;
const volatile u64 long_us = 12000;
const volatile u32 turns_before_batch = 3;

#define INTERACTIVE 0ULL
#define BATCH 1ULL
#define CPUS_MAX 512U

static u32 served[CPUS_MAX];

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	if (enq_flags & SCX_FLAG(enq_flags, SCX_ENQ_WAKEUP))
		queue_insert(p, INTERACTIVE, short_us * NSEC_PER_USEC, enq_flags);
	else
		queue_insert(p, BATCH, slice_within_round(long_us * NSEC_PER_USEC, BATCH),
			     enq_flags);
	kick_idle_cpu(p);
}

void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev __unused)
{
	u32 *turns = &served[(u32)cpu % CPUS_MAX];

	if (*turns < turns_before_batch && queue_take(INTERACTIVE)) {
		*turns += 1;
		return;
	}
	*turns = 0;
	if (!queue_take(BATCH))
		queue_take(INTERACTIVE);
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	s32 error;

	learn_machine();
	error = scx_bpf_create_dsq(INTERACTIVE, -1);
	return error ? error : scx_bpf_create_dsq(BATCH, -1);
}

SCHEDTUI_OPS(interactive_and_batch, .enqueue = OP(enqueue), .dispatch = OP(dispatch),
	     .init = OP(init));
