/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F22b - makes a hundred thousand queues
 * stops: rules SRC058
 * object: accepts
 * kernel: KRN004, KRN010
 */
#include <schedtui.h>

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

s32 SCHEDTUI_SLEEPABLE_OP(init)
{
	for (u32 i = 0; i < 100000; i++) {
		s32 error = scx_bpf_create_dsq(i, -1);

		if (error)
			return error;
	}
	return 0;
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue), .init = OP(init));
