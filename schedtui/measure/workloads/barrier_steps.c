/* SPDX-License-Identifier: Apache-2.0
 *
 * Steps with a barrier: workers burn equal CPU time, then wait for the last of them.
 *
 * A parallel computation advances at the pace of its slowest worker. A scheduler that holds one
 * worker back holds all of them back, however well the others fare.
 *
 * rate_per_s: steps per second.
 * step_*: from the release of all workers to the arrival of the last one at the barrier.
 * straggler_ratio_*: of each step, the time of the slowest worker divided by the median worker's,
 * both from the release to the arrival. 1 is ideal where there is a CPU for each worker.
 * service_p50_us: CPU time that all workers together spent on a step. With the number of workers
 * it bounds the rate: workers / service is one worker on a CPU of its own, CPUs / service is all
 * CPUs busy.
 */
#include "crew.h"

enum { MAX_WORKERS = 64, RATIO_ONE = 1000000 };

struct worker {
	_Alignas(CACHE_LINE) int64_t took_ns;
	int64_t cpu_ns;
};

static long workers = 4, work_us = 2000, slow_pct;

static struct shared {
	_Alignas(CACHE_LINE) _Atomic uint32_t step;
	_Alignas(CACHE_LINE) _Atomic uint32_t arrived;
	_Atomic int64_t released_at; /* 0: still in the first step, which is not counted */
	_Atomic uint64_t done;
	struct worker workers[MAX_WORKERS];
	/* A ratio of 1 stands there as 1 ms. */
	struct histogram steps, ratios, services;
} *shared;

static int by_size(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

	return (a > b) - (a < b);
}

static void record_step(int64_t took_ns)
{
	int64_t times[MAX_WORKERS], cpu_ns = 0, median;

	for (long i = 0; i < workers; i++) {
		times[i] = shared->workers[i].took_ns;
		cpu_ns += shared->workers[i].cpu_ns;
	}
	qsort(times, (size_t)workers, sizeof(times[0]), by_size);
	median = (times[(workers - 1) / 2] + times[workers / 2]) / 2;
	record(&shared->steps, took_ns);
	record(&shared->services, cpu_ns);
	record(&shared->ratios, (int64_t)((double)times[workers - 1] / (double)median * RATIO_ONE));
	atomic_fetch_add(&shared->done, 1);
}

static void release_all(void)
{
	int64_t released_at = atomic_load(&shared->released_at);

	if (released_at)
		record_step(now_ns() - released_at);
	atomic_store(&shared->arrived, 0);
	atomic_store(&shared->released_at, now_ns());
	atomic_fetch_add(&shared->step, 1);
	futex_wake(&shared->step, INT_MAX);
}

static void take_step(struct worker *self, int64_t work_ns)
{
	int64_t began = clock_ns(CLOCK_PROCESS_CPUTIME_ID);

	burn(CLOCK_PROCESS_CPUTIME_ID, work_ns);
	self->cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - began;
	self->took_ns = now_ns() - atomic_load(&shared->released_at);
}

static void work(long index)
{
	int64_t work_ns = work_us * NS_PER_US * (index ? 100 : 100 + slow_pct) / 100;

	for (;;) {
		uint32_t step = atomic_load(&shared->step);

		take_step(&shared->workers[index], work_ns);
		if (atomic_fetch_add(&shared->arrived, 1) + 1 == (uint32_t)workers)
			release_all();
		while (atomic_load(&shared->step) == step)
			futex_wait(&shared->step, step);
	}
}

static struct meter step_meter, ratio_meter, service_meter;
static struct counter done_counter;

static void report_ratio(const char *name, double share)
{
	if (ratio_meter.total > 0)
		report_metric(name, percentile_us(&ratio_meter, share) * NS_PER_US / RATIO_ONE);
}

static void report(enum report_kind kind, double elapsed_s)
{
	double done = counted(&done_counter, kind);

	collect(&step_meter, kind);
	collect(&ratio_meter, kind);
	collect(&service_meter, kind);
	if (kind == REPORT_START || kind == REPORT_SKIP)
		return;
	report_begin(kind);
	report_metric("rate_per_s", per_second(done, elapsed_s));
	report_percentile("step_p50_us", &step_meter, 0.50);
	report_percentile("step_p99_us", &step_meter, 0.99);
	report_ratio("straggler_ratio_p50", 0.50);
	report_ratio("straggler_ratio_p99", 0.99);
	report_percentile("service_p50_us", &service_meter, 0.50);
	report_metric("workers", (double)workers);
	report_metric("sleep_us", 0);
	report_end();
}

int main(int argc, char **argv)
{
	const struct option_row options[] = {
		NUMBER_OPTION("--workers", workers, 2, MAX_WORKERS, "workers"),
		NUMBER_OPTION("--work-us", work_us, 1, 10000000, "CPU time of each per step"),
		NUMBER_OPTION("--slow-pct", slow_pct, 0, 10000, "per cent more for the first"),
		NAMES_OPTION("workers,unused"),
		COMMON_OPTIONS,
	};
	bool started;

	parse_options(options, argc, argv);
	take_names(options, 2, PLAIN_NAMES);
	prepare(PLAIN_NAME);
	shared = shared_memory(sizeof(*shared));
	step_meter.live = &shared->steps;
	ratio_meter.live = &shared->ratios;
	service_meter.live = &shared->services;
	done_counter.live = &shared->done;
	started = enlist_many(role_names[0], work, workers);
	return run_crew(started, report, 250 * NS_PER_MS);
}
