/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests that come by the clock, whether or not anybody is free for them: an open loop. Each
 * worker has an inbox of its own that its message thread fills in turn. Who is late for a request
 * is late for all that wait behind it, and that shows, because a request counts from the moment it
 * was due.
 *
 * The rate is given, or follows from how busy the CPUs are to be and what a request has cost.
 */
#ifndef SCHEDTUI_ARRIVALS_H
#define SCHEDTUI_ARRIVALS_H

#include "cadence.h"
#include "workload.h"

enum { INBOX = 128 }; /* more would only be a longer wait */

/* Written by one message thread, read by one worker. */
struct inbox {
	_Alignas(CACHE_LINE) _Atomic uint64_t put;
	_Alignas(CACHE_LINE) _Atomic uint64_t taken;
	int64_t due[INBOX];
};

static inline bool put_request(struct inbox *inbox, int64_t due)
{
	uint64_t put = atomic_load(&inbox->put);

	if (put - atomic_load(&inbox->taken) == INBOX)
		return false;
	inbox->due[put % INBOX] = due;
	atomic_store(&inbox->put, put + 1);
	return true;
}

static inline bool take_request(struct inbox *inbox, int64_t *due)
{
	uint64_t taken = atomic_load(&inbox->taken);

	if (taken == atomic_load(&inbox->put))
		return false;
	*due = inbox->due[taken % INBOX];
	atomic_store(&inbox->taken, taken + 1);
	return true;
}

/* ---- the rate ----------------------------------------------------------------------------- */

static long rate_per_s, busy_pct;  /* exactly one of them is set where requests come by the clock */
static _Atomic int64_t spacing_ns; /* between two requests, over all message threads */

static inline void set_spacing(double requests_per_s)
{
	double spacing = NS_PER_S / (requests_per_s > 1 ? requests_per_s : 1);

	atomic_store(&spacing_ns, spacing > 1000 ? (int64_t)spacing : 1000);
}

/* The rate at which requests that cost so much CPU time each keep the CPUs busy as wanted. */
static inline void set_spacing_by_cost(double cost_ns)
{
	double cpus = (double)sysconf(_SC_NPROCESSORS_ONLN);

	set_spacing((double)busy_pct / 100 * cpus * NS_PER_S / (cost_ns > 1 ? cost_ns : 1));
}

/* Look ten times a second at what a request costs now: waiting for locks is part of it. */
static inline void follow_cost(int64_t now, uint64_t served)
{
	static int64_t next_look, last_cpu_ns;
	static uint64_t last_served;
	int64_t cpu_ns;

	if (!busy_pct || now < next_look || served < last_served + 4)
		return;
	cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	if (next_look)
		set_spacing_by_cost((double)(cpu_ns - last_cpu_ns) /
				    (double)(served - last_served));
	next_look = now + 100 * NS_PER_MS;
	last_cpu_ns = cpu_ns;
	last_served = served;
}

#endif
