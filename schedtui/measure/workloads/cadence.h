/* SPDX-License-Identifier: Apache-2.0
 *
 * What comes at its time, and how much comes per time.
 */
#ifndef SCHEDTUI_CADENCE_H
#define SCHEDTUI_CADENCE_H

#include "workload.h"

/* Sleep until `due` and return how late it has become. */
static inline int64_t sleep_until(int64_t due)
{
	struct timespec wake = as_timespec(due);

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &wake, NULL) == EINTR)
		;
	return now_ns() - due;
}

/* Timer slack would show as lateness that no scheduler can take away. */
static inline void sleep_exactly(void)
{
	prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
}

static inline double per_second(double count, double elapsed_s)
{
	return elapsed_s > 0 ? count / elapsed_s : 0;
}

/* CPU time as a share of what all CPUs together have in that time. */
static inline double cpu_share_pct(double cpu_ns, double elapsed_s)
{
	double all_ns = elapsed_s * NS_PER_S * (double)sysconf(_SC_NPROCESSORS_ONLN);

	return all_ns > 0 ? 100 * cpu_ns / all_ns : 0;
}

#endif
