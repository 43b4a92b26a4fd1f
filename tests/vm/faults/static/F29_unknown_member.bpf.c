/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F29 - sets a member of the scheduler that the kernel does not know
 * stops: rules SRC005
 * object: OBJ019
 * kernel: KRN008, KRN022
 */
#include <schedtui_base.h>

struct scx_exit_info;

struct sched_ext_ops {
	void (*enqueue)(struct task_struct *p, u64 enq_flags);
	void (*exit)(struct scx_exit_info *info);
	u64 flags;
	u32 timeout_ms;
	u64 hotplug_seq;
	u64 skip_all_checks;
	char name[128];
};

extern void scx_bpf_dsq_insert(struct task_struct *p, u64 queue, u64 slice, u64 flags) __ksym;

SEC("struct_ops/enqueue")
void BPF_PROG(enqueue, struct task_struct *p, u64 enq_flags)
{
	scx_bpf_dsq_insert(p, (1ULL << 63) | 1, 5 * NSEC_PER_MSEC, enq_flags);
}

SEC("struct_ops/own_exit")
void BPF_PROG(own_exit, struct scx_exit_info *info)
{
}

char own_license[] SEC("license") = "GPL";

SEC(".struct_ops.link")
struct sched_ext_ops own = {
	.enqueue = (void *)enqueue,
	.exit = (void *)own_exit,
	.timeout_ms = 3000,
	.skip_all_checks = 1,
	.name = "candidate",
};
