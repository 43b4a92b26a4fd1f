/* SPDX-License-Identifier: Apache-2.0
 *
 * How long each CPU stood still.
 *
 * A guest's CPU runs when the host lets it. No scheduler in the guest can help what happens
 * meanwhile, so it is measured and told beside every wait. Each CPU has a real-time task that
 * wants to run every few milliseconds. What keeps it from running is the host, or the kernel
 * itself: programs of a policy that run for long are no excuse, so who judges asks the host too.
 */
#ifndef SCHEDTUI_BATTERY_PAUSES_H
#define SCHEDTUI_BATTERY_PAUSES_H

#include "workload.h"

#define PULSE_NS (5 * NS_PER_MS)
/* Later than this is a pause; less is the price of an emulated timer. */
#define PULSE_LATE_NS (5 * NS_PER_MS)

struct pulse {
	_Alignas(CACHE_LINE) _Atomic int64_t due; /* 0: nobody measures this CPU */
	_Atomic int64_t paused;			  /* sum of all pauses that have ended */
};

/* All pauses of a CPU up to now, with one that goes on. */
static inline int64_t paused_until(struct pulse *pulse, int64_t at)
{
	int64_t due = atomic_load(&pulse->due);
	int64_t late = due ? at - due : 0;

	return atomic_load(&pulse->paused) + (late > PULSE_LATE_NS ? late : 0);
}

static inline _Noreturn void beat(struct pulse *pulse)
{
	for (;;) {
		int64_t due = now_ns() + PULSE_NS;
		int64_t late;

		atomic_store(&pulse->due, due);
		sleep_ns(PULSE_NS);
		late = now_ns() - due;
		if (late > PULSE_LATE_NS)
			atomic_fetch_add(&pulse->paused, late);
	}
}

#endif
