/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F32l - brings a network congestion control beside the scheduler
 * stops: rules SRC024
 * object: OBJ002, OBJ003
 */
#include <schedtui.h>

struct tcp_congestion_ops {
	u32 (*ssthresh)(void *sk);
	void (*cong_avoid)(void *sk, u32 ack, u32 acked);
	u32 (*undo_cwnd)(void *sk);
	char name[16];
};

SEC("struct_ops/ssthresh")
u32 BPF_PROG(ssthresh, void *sk)
{
	return 1;
}

SEC(".struct_ops.link")
struct tcp_congestion_ops slow = { .ssthresh = (void *)ssthresh, .name = "slow" };

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
