/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F80 - writes more into the kernel's dump than it has room for
 * stops: rules SRC008, SRC009
 * object: accepts
 * kernel: accepts
 */
/* The header's scheduler cannot dump, so it is given another name. Behind the rules gate nobody
 * minds: the kernel cuts a dump at exit_dump_len, and that is the loader's to set.
 */
#define sched_ext_ops ops_without_dump
#include <schedtui.h>
#undef sched_ext_ops

struct sched_ext_ops {
	void (*enqueue)(struct task_struct *p, u64 enq_flags);
	void (*dump)(struct scx_dump_ctx *ctx);
	void (*exit)(struct scx_exit_info *info);
	u64 flags;
	u32 timeout_ms;
	u32 exit_dump_len;
	char name[128];
};

extern void scx_bpf_dump_bstr(char *format, unsigned long long *data, u32 size) __ksym;

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

void SCHEDTUI_OP(dump, struct scx_dump_ctx *where __unused)
{
	static char format[] = "one of a thousand lines, each of which is fifty bytes\n";
	unsigned long long none = 0;

	for (u32 i = 0; i < 1000; i++)
		scx_bpf_dump_bstr(format, &none, 0);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue), .dump = OP(dump));
