/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F72b - tasks bound to one CPU fill the one queue, and every CPU walks through all of it
 * stops: rules SRC009
 * object: accepts
 * kernel: accepts
 */
#include <schedtui.h>

#define WAITING 0ULL
#define SLICE (100ULL * NSEC_PER_USEC)

struct bpf_iter_scx_dsq {
	u64 words[6];
} __attribute__((aligned(8)));

extern int bpf_iter_scx_dsq_new(struct bpf_iter_scx_dsq *it, u64 queue, u64 flags) __ksym;
extern struct task_struct *bpf_iter_scx_dsq_next(struct bpf_iter_scx_dsq *it) __ksym;
extern void bpf_iter_scx_dsq_destroy(struct bpf_iter_scx_dsq *it) __ksym;
extern bool scx_bpf_dsq_move(struct bpf_iter_scx_dsq *it, struct task_struct *p, u64 queue,
			     u64 flags) __ksym;

/* Every task passes through enqueue. */
s32 SCHEDTUI_OP(select_cpu, struct task_struct *p __unused, s32 prev_cpu, u64 wake_flags __unused)
{
	return prev_cpu;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, WAITING, SLICE, enq_flags);
}

void SCHEDTUI_OP(dispatch, s32 cpu, struct task_struct *prev __unused)
{
	struct bpf_iter_scx_dsq it;
	struct task_struct *p;

	bpf_iter_scx_dsq_new(&it, WAITING, 0);
	while ((p = bpf_iter_scx_dsq_next(&it)))
		if (bpf_cpumask_test_cpu((u32)cpu, p->cpus_ptr))
			scx_bpf_dsq_move(&it, p, SCX_DSQ_LOCAL, 0);
	bpf_iter_scx_dsq_destroy(&it);
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	return scx_bpf_create_dsq(WAITING, -1);
}

SCHEDTUI_OPS(candidate, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue),
	     .dispatch = OP(dispatch), .init = OP(init));
