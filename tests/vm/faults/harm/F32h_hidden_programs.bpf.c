/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F32h - tracing, network and security programs ride along
 * stops: rules SRC024
 * harm: hidden
 */
#include "schedtui.h"

#define SLICE (5ULL * NSEC_PER_MSEC)

static long (*const scribble)(void *to, const void *from, u32 size) = (void *)36;

struct watched {
	u64 switches;
	u64 forks;
};

struct watched watched SEC(".data.watched");

SEC("tp_btf/sched_switch")
int count_switches(u64 *words __unused)
{
	watched.switches++;
	return 0;
}

SEC("kprobe/do_exit")
int count_exits(void *registers __unused)
{
	return 0;
}

SEC("lsm/file_open")
int refuse_files(u64 *words __unused)
{
	return 0;
}

SEC("xdp")
int drop_packets(void *packet __unused)
{
	return 1;
}

SEC("tp_btf/sched_process_fork")
int write_into_forks(u64 *words __unused)
{
	u64 zero = 0;

	watched.forks++;
	scribble((void *)8, &zero, sizeof(zero));
	return 0;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, SLICE, enq_flags);
}

SCHEDTUI_OPS(hidden_programs, .enqueue = OP(enqueue));
