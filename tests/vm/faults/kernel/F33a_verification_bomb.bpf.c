/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F33a - makes the kernel's verifier walk two million million paths
 * stops: kernel KRN004, KRN010
 */
#include <schedtui.h>

static u64 slots[64];

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	u64 total = 0;

	if (enq_flags & (1ULL << 0))
		total += READ_ONCE(slots[(total + 0) & 63]);
	if (enq_flags & (1ULL << 1))
		total += READ_ONCE(slots[(total + 1) & 63]);
	if (enq_flags & (1ULL << 2))
		total += READ_ONCE(slots[(total + 2) & 63]);
	if (enq_flags & (1ULL << 3))
		total += READ_ONCE(slots[(total + 3) & 63]);
	if (enq_flags & (1ULL << 4))
		total += READ_ONCE(slots[(total + 4) & 63]);
	if (enq_flags & (1ULL << 5))
		total += READ_ONCE(slots[(total + 5) & 63]);
	if (enq_flags & (1ULL << 6))
		total += READ_ONCE(slots[(total + 6) & 63]);
	if (enq_flags & (1ULL << 7))
		total += READ_ONCE(slots[(total + 7) & 63]);
	if (enq_flags & (1ULL << 8))
		total += READ_ONCE(slots[(total + 8) & 63]);
	if (enq_flags & (1ULL << 9))
		total += READ_ONCE(slots[(total + 9) & 63]);
	if (enq_flags & (1ULL << 10))
		total += READ_ONCE(slots[(total + 10) & 63]);
	if (enq_flags & (1ULL << 11))
		total += READ_ONCE(slots[(total + 11) & 63]);
	if (enq_flags & (1ULL << 12))
		total += READ_ONCE(slots[(total + 12) & 63]);
	if (enq_flags & (1ULL << 13))
		total += READ_ONCE(slots[(total + 13) & 63]);
	if (enq_flags & (1ULL << 14))
		total += READ_ONCE(slots[(total + 14) & 63]);
	if (enq_flags & (1ULL << 15))
		total += READ_ONCE(slots[(total + 15) & 63]);
	if (enq_flags & (1ULL << 16))
		total += READ_ONCE(slots[(total + 16) & 63]);
	if (enq_flags & (1ULL << 17))
		total += READ_ONCE(slots[(total + 17) & 63]);
	if (enq_flags & (1ULL << 18))
		total += READ_ONCE(slots[(total + 18) & 63]);
	if (enq_flags & (1ULL << 19))
		total += READ_ONCE(slots[(total + 19) & 63]);
	if (enq_flags & (1ULL << 20))
		total += READ_ONCE(slots[(total + 20) & 63]);
	if (enq_flags & (1ULL << 21))
		total += READ_ONCE(slots[(total + 21) & 63]);
	if (enq_flags & (1ULL << 22))
		total += READ_ONCE(slots[(total + 22) & 63]);
	if (enq_flags & (1ULL << 23))
		total += READ_ONCE(slots[(total + 23) & 63]);
	queue_insert(p, SCX_DSQ_GLOBAL, MAX(total & 0xfffff, NSEC_PER_MSEC), enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
