/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * fault: F33a - calls functions that call functions, so that the verifier walks millions of steps
 * stops: kernel KRN004, KRN010
 */
#include <schedtui.h>

static u64 slots[64];

static __noinline u64 level0(u64 seed)
{
	seed += READ_ONCE(slots[seed & 63]);
	seed += READ_ONCE(slots[seed & 63]);
	seed += READ_ONCE(slots[seed & 63]);
	seed += READ_ONCE(slots[seed & 63]);
	seed += READ_ONCE(slots[seed & 63]);
	seed += READ_ONCE(slots[seed & 63]);
	seed += READ_ONCE(slots[seed & 63]);
	seed += READ_ONCE(slots[seed & 63]);
	return seed;
}

static __noinline u64 level1(u64 seed)
{
	seed = level0(seed);
	seed = level0(seed);
	seed = level0(seed);
	seed = level0(seed);
	seed = level0(seed);
	seed = level0(seed);
	seed = level0(seed);
	seed = level0(seed);
	seed = level0(seed);
	seed = level0(seed);
	return seed;
}

static __noinline u64 level2(u64 seed)
{
	seed = level1(seed);
	seed = level1(seed);
	seed = level1(seed);
	seed = level1(seed);
	seed = level1(seed);
	seed = level1(seed);
	seed = level1(seed);
	seed = level1(seed);
	seed = level1(seed);
	seed = level1(seed);
	return seed;
}

static __noinline u64 level3(u64 seed)
{
	seed = level2(seed);
	seed = level2(seed);
	seed = level2(seed);
	seed = level2(seed);
	seed = level2(seed);
	seed = level2(seed);
	seed = level2(seed);
	seed = level2(seed);
	seed = level2(seed);
	seed = level2(seed);
	return seed;
}

static __noinline u64 level4(u64 seed)
{
	seed = level3(seed);
	seed = level3(seed);
	seed = level3(seed);
	seed = level3(seed);
	seed = level3(seed);
	seed = level3(seed);
	seed = level3(seed);
	seed = level3(seed);
	seed = level3(seed);
	seed = level3(seed);
	return seed;
}

static __noinline u64 level5(u64 seed)
{
	seed = level4(seed);
	seed = level4(seed);
	seed = level4(seed);
	seed = level4(seed);
	seed = level4(seed);
	seed = level4(seed);
	seed = level4(seed);
	seed = level4(seed);
	seed = level4(seed);
	seed = level4(seed);
	return seed;
}

void SCHEDTUI_OP(enqueue, struct task_struct *p, u64 enq_flags)
{
	enq_flags ^= level5(p->pid) & 0x1000;
	queue_insert(p, SCX_DSQ_GLOBAL, 5 * NSEC_PER_MSEC, enq_flags);
}

SCHEDTUI_OPS(candidate, .enqueue = OP(enqueue));
