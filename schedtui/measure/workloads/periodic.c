/* SPDX-License-Identifier: Apache-2.0
 *
 * Periodic tasks, as in audio or control, beside hogs that never sleep.
 *
 * Each task sleeps until its next period is due, burns a little CPU time and sleeps again. It
 * asks for far less than a fair share, but it asks for it at once. The tasks' periods begin
 * evenly spread over one period, so that they do not meet by design.
 *
 * wakeup_*: how late a task ran after its timer was due; max is the longest of the time shown.
 * missed_periods_pct: periods whose work was not finished when the next one was due, or that
 * were left out altogether.
 * rate_per_s: periods whose work was finished, in time or not, per second, over all tasks.
 * hogs_cpu_pct: CPU time that the hogs got, of all CPU time there was.
 */
#include "crew.h"

enum { MAX_TASKS = 64, MAX_HOGS = 256 };

static long tasks = 1, period_us = 1000, work_us = 100, hogs;

static struct shared {
	struct histogram wakeups;
	_Atomic uint64_t due, finished, missed;
	_Alignas(CACHE_LINE) _Atomic uint64_t hogs_ns;
} *shared;

static void keep_time(long index)
{
	const int64_t period = period_us * NS_PER_US;
	int64_t due = now_ns() + period + period * index / tasks;

	sleep_exactly();
	for (;;) {
		int64_t late;

		record(&shared->wakeups, sleep_until(due));
		burn(CLOCK_PROCESS_CPUTIME_ID, work_us * NS_PER_US);
		/* Periods whose time has passed are left out: catching up helps nobody. */
		late = (now_ns() - due) / period;
		atomic_fetch_add(&shared->finished, 1);
		atomic_fetch_add(&shared->due, (uint64_t)late + 1);
		atomic_fetch_add(&shared->missed, late ? (uint64_t)late + 1 : 0);
		due += (late + 1) * period;
	}
}

static void be_greedy(long index)
{
	(void)index;
	hog(&shared->hogs_ns);
}

static struct meter wakeup_meter;
static struct counter due_counter, finished_counter, missed_counter, hogs_counter;

static void report(enum report_kind kind, double elapsed_s)
{
	double due = counted(&due_counter, kind), missed = counted(&missed_counter, kind);
	double finished = counted(&finished_counter, kind), hogs_ns = counted(&hogs_counter, kind);

	collect(&wakeup_meter, kind);
	if (kind == REPORT_START || kind == REPORT_SKIP)
		return;
	report_begin(kind);
	report_wakeups(&wakeup_meter);
	if (due > 0)
		report_metric("missed_periods_pct", 100 * missed / due);
	report_metric("rate_per_s", per_second(finished, elapsed_s));
	report_metric("hogs_cpu_pct", cpu_share_pct(hogs_ns, elapsed_s));
	report_end();
}

static void attach_counters(void)
{
	wakeup_meter.live = &shared->wakeups;
	due_counter.live = &shared->due;
	finished_counter.live = &shared->finished;
	missed_counter.live = &shared->missed;
	hogs_counter.live = &shared->hogs_ns;
}

int main(int argc, char **argv)
{
	const struct option_row options[] = {
		NUMBER_OPTION("--tasks", tasks, 1, MAX_TASKS, "periodic tasks"),
		NUMBER_OPTION("--period-us", period_us, 100, 1000000, "length of a period"),
		NUMBER_OPTION("--work-us", work_us, 1, 1000000, "CPU time per period"),
		NUMBER_OPTION("--hogs", hogs, 0, MAX_HOGS, "tasks that never sleep"),
		NAMES_OPTION("tasks,hogs"),
		COMMON_OPTIONS,
	};

	parse_options(options, argc, argv);
	take_names(options, 2, PLAIN_NAMES);
	prepare(PLAIN_NAME);
	shared = shared_memory(sizeof(*shared));
	attach_counters();
	return run_crew(enlist_many(role_names[0], keep_time, tasks) &&
				enlist_many(role_names[1], be_greedy, hogs),
			report, 250 * NS_PER_MS);
}
