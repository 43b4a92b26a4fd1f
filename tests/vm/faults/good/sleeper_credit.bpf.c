/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * sleeper_credit: who sleeps often earns a few turns at the head of the line.
 *
 * Idea. Credits are counted per task in its own storage, at most four, and each is spent by one
 * wake-up. A task that only computes never earns any; one that pretends to sleep runs dry.
 */
#include <schedtui.h>

const volatile u64 slice_us = 5000;
const volatile u32 most_credits = 4;

#define WAITING 0ULL

struct account {
	u32 credits;
	u32 turns;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct account);
} accounts SEC(".maps");

static __always_inline bool spends(struct task_struct *p, u64 enq_flags)
{
	struct account *account = bpf_task_storage_get(&accounts, p, NULL, 0);

	if (!(enq_flags & SCX_FLAG(enq_flags, SCX_ENQ_WAKEUP)) || !account || !account->credits)
		return false;
	account->credits--;
	return true;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 slice = slice_us * NSEC_PER_USEC;

	if (spends(p, enq_flags))
		queue_insert(p, WAITING, slice, enq_flags | SCX_FLAG(enq_flags, SCX_ENQ_HEAD));
	else
		queue_insert(p, WAITING, slice, enq_flags);
	kick_idle_cpu(p);
}

void SCHEDTUI_OP(dispatch, s32 cpu __unused, struct task_struct *prev __unused)
{
	queue_take(WAITING);
}

void SCHEDTUI_OP(stopping, struct task_struct *p, bool runnable)
{
	struct account *account = bpf_task_storage_get(&accounts, p, NULL, 0);

	if (!account)
		return;
	account->turns++;
	/* One credit for every second turn that ended in sleep. */
	if (!runnable && account->turns % 2 == 0 && account->credits < most_credits)
		account->credits++;
}

s32 SCHEDTUI_OP(init_task, struct task_struct *p, struct scx_init_task_args *args __unused)
{
	bpf_task_storage_get(&accounts, p, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	return 0;
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	return scx_bpf_create_dsq(WAITING, -1);
}

SCHEDTUI_OPS(sleeper_credit, .enqueue = OP(enqueue), .dispatch = OP(dispatch),
	     .stopping = OP(stopping), .init_task = OP(init_task), .init = OP(init));
