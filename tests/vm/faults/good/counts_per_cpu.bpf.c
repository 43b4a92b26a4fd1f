/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * counts_per_cpu: a global line that counts its turns per CPU for whoever looks.
 *
 * Idea. The counters are a per-CPU array, so counting costs no shared cache line. It measures what
 * a round of direct and queued turns is worth before a policy is built on it.
 */
#include <schedtui.h>

const volatile u64 slice_us = 5000;

#define WAITING 0ULL

enum turn { DIRECT, QUEUED, TURNS };

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, TURNS);
	__type(key, u32);
	__type(value, u64);
} counts SEC(".maps");

static __always_inline void count(u32 what)
{
	u64 *seen = bpf_map_lookup_elem(&counts, &what);

	if (seen)
		*seen += 1;
}

s32 SCHEDTUI_OP(select_cpu, struct task_struct *p, s32 prev_cpu, u64 wake_flags)
{
	bool idle = false;
	s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &idle);

	if (idle) {
		count(DIRECT);
		queue_insert(p, SCX_DSQ_LOCAL, slice_us * NSEC_PER_USEC, 0);
	}
	return cpu;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	count(QUEUED);
	queue_insert(p, WAITING, slice_us * NSEC_PER_USEC, enq_flags);
	kick_idle_cpu(p);
}

void SCHEDTUI_OP(dispatch, s32 cpu __unused, struct task_struct *prev __unused)
{
	queue_take(WAITING);
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	return scx_bpf_create_dsq(WAITING, -1);
}

SCHEDTUI_OPS(counts_per_cpu, .select_cpu = OP(select_cpu), .enqueue = OP(enqueue),
	     .dispatch = OP(dispatch), .init = OP(init));
