/* SPDX-License-Identifier: Apache-2.0
 *
 * The figures that every exercise of the battery reports.
 */
#ifndef SCHEDTUI_BATTERY_REPORT_H
#define SCHEDTUI_BATTERY_REPORT_H

#include "battery.h"

static inline double finished_work(void)
{
	uint64_t units = 0;

	for (long i = 0; i < spinner_count; i++)
		units += atomic_load(&shared->spinners[i].units);
	return (double)units;
}

static inline void report_fairness(double elapsed_s)
{
	double sum = 0, squares = 0, least = 0, busy = 0;
	long count = 0;

	for (long i = 0; i < spinner_count; i++) {
		double given = (double)atomic_load(&shared->spinners[i].cpu_ns) / NS_PER_MS;

		busy += given;
		if (!shared->spinners[i].judged)
			continue;
		if (!count++ || given < least)
			least = given;
		sum += given;
		squares += given * given;
	}
	if (count < 2)
		return;
	report_metric("least_progress_pct", sum > 0 ? 100 * least * (double)count / sum : 0);
	report_metric("jain_pct", squares > 0 ? 100 * sum * sum / ((double)count * squares) : 0);
	report_metric("busy_pct", busy / (10 * elapsed_s * (double)cpu_count));
}

/* Look at who has ended without reaping: ours are all meant to live until we stop them. */
static inline long count_missing(void)
{
	long late = tasks_wanted - (long)atomic_load(&shared->gate.gathered), dead = 0;

	for (long i = 0; i < task_count; i++) {
		siginfo_t info = { 0 };

		waitid(P_PID, (id_t)tasks[i], &info, WEXITED | WNOHANG | WNOWAIT);
		dead += info.si_pid == tasks[i];
	}
	atomic_fetch_add(&shared->children_lost, (uint64_t)dead);
	return dead > late ? dead : late;
}

static inline void report_count(const char *name, _Atomic uint64_t *counter)
{
	report_metric(name, (double)atomic_load(counter));
}

/* Report the longest of some waits, and the longest while all CPUs were awake. */
static inline void report_wait(const char *name, long first, long count, int64_t end)
{
	struct length longest = longest_wait(first, count, end);
	char metric[40];

	snprintf(metric, sizeof(metric), "%s_ms", name);
	report_metric(metric, (double)longest.all / NS_PER_MS);
	snprintf(metric, sizeof(metric), "%s_awake_ms", name);
	report_metric(metric, (double)longest.awake / NS_PER_MS);
}

static inline void report_victim(int64_t end)
{
	static struct meter gaps;

	gaps.live = &shared->victim_gaps;
	collect(&gaps, REPORT_FINAL);
	report_wait("victim_gap", VICTIM_WAIT, 1, end);
	if (gaps.total > 0)
		report_metric("victim_p99_ms", percentile_us(&gaps, 0.99) / 1000);
	report_count("victim_steps", &shared->victim_steps);
}

static inline void report_common(int64_t end, double elapsed_s)
{
	report_victim(end);
	report_count("forks", &shared->forks);
	report_count("forks_failed", &shared->forks_failed);
	report_count("execs", &shared->execs);
	report_count("execs_failed", &shared->execs_failed);
	report_metric("tasks_missing", (double)count_missing());
	report_count("children_lost", &shared->children_lost);
	/* An unfinished turn counts too; none at all means that this kernel offers no such file. */
	if (atomic_load(&shared->kthread_turns) || atomic_load(&shared->waits[KTHREAD_WAIT].since))
		report_wait("kthread_delay", KTHREAD_WAIT, 1, end);
	report_fairness(elapsed_s);
	if (spinner_count)
		report_metric("work", finished_work() / elapsed_s);
	report_metric("seconds", elapsed_s);
}

#endif
