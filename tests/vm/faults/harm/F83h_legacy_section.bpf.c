/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F83h - the scheduler has no link and so outlives its loader
 * stops: rules SRC024
 * harm: stays
 */
#include "schedtui.h"

#define SLICE (5ULL * NSEC_PER_MSEC)

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, SLICE, enq_flags);
}

SCHEDTUI_EXIT_RECORD
char licence[] SEC("license") = "GPL";

SEC(".struct_ops")
struct sched_ext_ops legacy_section_ops = {
	.enqueue = OP(enqueue),
	.exit = OP(schedtui_exit),
	.timeout_ms = 5000,
	.name = "legacy_section",
};
