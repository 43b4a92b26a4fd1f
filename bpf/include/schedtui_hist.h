/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
 *
 * Buckets of the latency histogram. schedtui/model/histogram.py describes the layout and
 * computes the same index; a test compiles this file for the host and compares the two.
 *
 * The file stands alone, so that it compiles both for BPF and for the host.
 */
#ifndef SCHEDTUI_HIST_H
#define SCHEDTUI_HIST_H

#define SCHEDTUI_HIST_BUCKETS 105

/*
 * Bucket of a duration in nanoseconds, always below SCHEDTUI_HIST_BUCKETS.
 *
 * BPF has no "count leading zeros", so the power of two is found by halving. The low eight
 * bits never matter (the finest step is 256 ns), which leaves 28 bits and 32-bit arithmetic.
 */
static inline __attribute__((always_inline)) unsigned int schedtui_bucket(unsigned long long ns)
{
	unsigned int quarter, shift = 0;

	if (ns < 1ULL << 10)
		return 0;
	if (ns >= 1ULL << 36)
		return SCHEDTUI_HIST_BUCKETS - 1;
	quarter = (unsigned int)(ns >> 8);
	if (quarter >= 1U << 18) {
		quarter >>= 16;
		shift = 16;
	}
	if (quarter >= 1U << 10) {
		quarter >>= 8;
		shift += 8;
	}
	if (quarter >= 1U << 6) {
		quarter >>= 4;
		shift += 4;
	}
	if (quarter >= 1U << 4) {
		quarter >>= 2;
		shift += 2;
	}
	if (quarter >= 1U << 3) {
		quarter >>= 1;
		shift += 1;
	}
	/* Three leading bits are left: 4 to 7, the four steps of one power of two. */
	return 1 + shift * 4 + (quarter - 4);
}

#endif
