/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F48 - its first enqueues count to millions, so that whoever enables it waits
 * stops: rules SRC009
 */
#include "schedtui.h"

#define SLICE (5ULL * NSEC_PER_MSEC)
#define SLOW_ONES 60

struct bpf_iter_num {
	u64 words[1];
} __attribute__((aligned(8)));

extern int bpf_iter_num_new(struct bpf_iter_num *it, int first, int end) __ksym;
extern int *bpf_iter_num_next(struct bpf_iter_num *it) __ksym;
extern void bpf_iter_num_destroy(struct bpf_iter_num *it) __ksym;

static u64 spun;
static s64 enqueued;

static __always_inline void spin(int steps)
{
	struct bpf_iter_num it;

	bpf_iter_num_new(&it, 0, steps);
	while (bpf_iter_num_next(&it))
		spun++;
	bpf_iter_num_destroy(&it);
}

/* Every task passes through enqueue. */
s32 SCHEDTUI_OP(select_cpu, struct task_struct *p __unused, s32 prev_cpu, u64 wake_flags __unused)
{
	return prev_cpu;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	if (add_shared(&enqueued, 1) < SLOW_ONES)
		spin(3000000);
	queue_insert(p, SCX_DSQ_GLOBAL, SLICE, enq_flags);
}

SCHEDTUI_OPS(spin_while_enabling, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue));
