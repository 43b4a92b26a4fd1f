/* SPDX-License-Identifier: Apache-2.0
 *
 * Exercises of the battery that fill the CPUs: plain, pinned, of unlike weight, beside
 * real-time tasks, beside tasks that do nothing but yield.
 */
#ifndef SCHEDTUI_BATTERY_SPINNERS_H
#define SCHEDTUI_BATTERY_SPINNERS_H

#include "battery_processes.h"

static inline void be_born(int status)
{
	wait_ends(FIRST_OWN_WAIT, now_ns());
	_exit(status);
}

/* Who has never run knows nothing of a policy, and some policies forget such tasks for long. */
static inline void bear(long index)
{
	(void)index;
	arrive();
	for (;;) {
		int status;
		pid_t pid;

		wait_begins(FIRST_OWN_WAIT, now_ns());
		pid = fork_short(be_born, 1);
		if (pid < 0)
			wait_ends(FIRST_OWN_WAIT, 0);
		else if (waitpid(pid, &status, 0) == pid)
			count_ending(status, 1, false);
		sleep_ns(20 * NS_PER_MS);
	}
}

static inline void start_saturated(void)
{
	start_spinners(spin_freely, 3 * cpu_count, true);
	start_task(bear, 0);
	waits_used = FIRST_OWN_WAIT + 1;
}

/* ---- pinned ------------------------------------------------------------------------------- */

enum { SLEEPERS_PER_CPU = 2 };

static inline void spin_pinned(long index)
{
	pin_to(cpus[index % cpu_count]);
	spin(index);
}

static inline void sleep_pinned(long index)
{
	long own = FIRST_OWN_WAIT + index;

	pin_to(cpus[index % cpu_count]);
	arrive();
	for (;;) {
		burn(CLOCK_PROCESS_CPUTIME_ID, 100 * NS_PER_US);
		wait_ends(own, now_ns());
		wait_begins(own, now_ns());
		sleep_ns(2 * NS_PER_MS);
	}
}

static inline void start_pinned(void)
{
	long sleepers = SLEEPERS_PER_CPU * cpu_count;

	start_spinners(spin_pinned, cpu_count, true);
	start_tasks(sleep_pinned, sleepers);
	waits_used = FIRST_OWN_WAIT + sleepers;
}

/* ---- nice --------------------------------------------------------------------------------- */

static inline void spin_high(long index)
{
	setpriority(PRIO_PROCESS, 0, -20);
	spin(index);
}

static inline void spin_low(long index)
{
	setpriority(PRIO_PROCESS, 0, 19);
	spin(index);
}

/* Only the high ones get enough in a second to be judged among themselves. */
static inline void start_nice(void)
{
	start_spinners(spin_high, 2 * cpu_count, true);
	start_spinners(spin_freely, cpu_count, false);
	start_spinners(spin_low, cpu_count, false);
}

static inline double given_ms(long first, long count)
{
	uint64_t sum = 0;

	for (long i = first; i < first + count; i++)
		sum += atomic_load(&shared->spinners[i].cpu_ns);
	return (double)sum / NS_PER_MS / (double)count;
}

/* CPU time that one spinner of each weight was given, on average. */
static inline void report_nice(void)
{
	report_metric("nice_high_ms", given_ms(0, 2 * cpu_count));
	report_metric("nice_zero_ms", given_ms(2 * cpu_count, cpu_count));
	report_metric("nice_low_ms", given_ms(3 * cpu_count, cpu_count));
}

/* ---- rt_hog ------------------------------------------------------------------------------- */

/* A real-time task that takes two thirds of its CPU and leaves gaps, so that the guest lives. */
static inline void hog(long index)
{
	pin_to(cpus[index % cpu_count]);
	become_realtime(HOG_RANK);
	arrive();
	for (;;) {
		burn(CLOCK_PROCESS_CPUTIME_ID, 8 * NS_PER_MS);
		sleep_ns(4 * NS_PER_MS);
	}
}

static inline void start_rt_hog(void)
{
	start_tasks(hog, cpu_count);
	start_spinners(spin_freely, 2 * cpu_count, true);
}

/* ---- yield_storm -------------------------------------------------------------------------- */

static inline void yield_always(long index)
{
	(void)index;
	arrive();
	for (;;) {
		sched_yield();
		atomic_fetch_add_explicit(&shared->done, 1, memory_order_relaxed);
	}
}

static inline void start_yield_storm(void)
{
	start_tasks(yield_always, 2 * cpu_count);
	/* Their share depends on who yields beside them, so they are not compared. */
	start_spinners(spin_freely, 2 * cpu_count, false);
}

#endif
