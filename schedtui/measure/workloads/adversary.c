/* SPDX-License-Identifier: Apache-2.0
 *
 * Tasks that abuse a scheduler, beside a victim that wants little and often.
 *
 * The victim sleeps, wakes, burns a little CPU time and sleeps again. What the abusers do is
 * said by --mode; each of them
 *   fork      forks a child that exits at once, reaps it, and again
 *   yield     gives its CPU back as soon as it has it, and never sleeps
 *   pingpong  wakes a partner through a pipe and sleeps until it is woken by it
 *   pinned    burns CPU time, bound to one CPU; they are dealt out to all CPUs in turn
 *   nice      burns CPU time, while the victim has made itself as nice as can be (19)
 *
 * wakeup_*: how late the victim ran after its timer was due; max is the longest of the time
 * shown.
 * progress_pct: rounds of sleep and work that the victim finished, of those that it would have
 * finished if it had never been late and never been interrupted.
 * abuse_per_s: what all abusers together did per second: children reaped, yields, round trips,
 * and with pinned and nice milliseconds of CPU time.
 */
#include <sys/resource.h>

#include "crew.h"

enum { MAX_ABUSERS = 128 };
enum { PING, PONG, PIPES };

static long abusers = 4, pause_us = 2000, work_us = 200;
static const char *mode_name = "yield";
static int pipes[MAX_ABUSERS][PIPES][2];

struct tally {
	_Alignas(CACHE_LINE) _Atomic uint64_t count;
};

static struct shared {
	struct histogram wakeups;
	_Atomic uint64_t rounds, abuse, failures;
	struct tally tallies[MAX_ABUSERS];
} *shared;

static void count_abuse(long index)
{
	atomic_fetch_add_explicit(&shared->tallies[index].count, 1, memory_order_relaxed);
}

/* ---- the abusers ---- */

static void fork_always(long index)
{
	pid_t self = getpid();

	for (;;) {
		pid_t pid = fork();

		if (pid == 0) {
			begin_child(role_names[0], self);
			_exit(0);
		}
		if (pid > 0 && waitpid(pid, NULL, 0) == pid) {
			count_abuse(index);
		} else {
			atomic_fetch_add(&shared->failures, 1);
			sleep_ns(20 * NS_PER_MS); /* try again later rather than spin */
		}
	}
}

static void yield_always(long index)
{
	for (;;) {
		sched_yield();
		count_abuse(index);
	}
}

static void play_ping(long index)
{
	char byte = 0;

	while (write(pipes[index][PING][1], &byte, 1) == 1 &&
	       read(pipes[index][PONG][0], &byte, 1) == 1)
		count_abuse(index);
}

static void play_pong(long index)
{
	char byte;

	while (read(pipes[index][PING][0], &byte, 1) == 1 &&
	       write(pipes[index][PONG][1], &byte, 1) == 1)
		;
}

static void burn_always(long index)
{
	hog(&shared->tallies[index].count);
}

/* The number of the CPU that is the `index`th of those we may use, from the first again after
 * the last. */
static int allowed_cpu(const cpu_set_t *allowed, long index)
{
	long left = index % CPU_COUNT(allowed);

	for (int cpu = 0;; cpu++)
		if (CPU_ISSET(cpu, allowed) && left-- == 0)
			return cpu;
}

static void burn_bound(long index)
{
	cpu_set_t allowed, own;

	CPU_ZERO(&own);
	if (sched_getaffinity(0, sizeof(allowed), &allowed) < 0)
		_exit(1);
	CPU_SET(allowed_cpu(&allowed, index), &own);
	if (sched_setaffinity(0, sizeof(own), &own) < 0)
		_exit(1);
	burn_always(index);
}

/* ---- the victim ---- */

static void want_little(long index)
{
	(void)index;
	sleep_exactly();
	for (;;) {
		record(&shared->wakeups, sleep_until(now_ns() + pause_us * NS_PER_US));
		burn(CLOCK_PROCESS_CPUTIME_ID, work_us * NS_PER_US);
		atomic_fetch_add(&shared->rounds, 1);
	}
}

static void want_little_nicely(long index)
{
	if (setpriority(PRIO_PROCESS, 0, 19) < 0)
		_exit(1);
	want_little(index);
}

/* ---- the run ---- */

static const struct mode {
	const char *name;
	void (*abuse)(long);
	void (*partner)(long); /* NULL: has none */
	void (*victim)(long);
	double unit; /* of what is counted */
} modes[] = {
	{ "fork", fork_always, NULL, want_little, 1 },
	{ "yield", yield_always, NULL, want_little, 1 },
	{ "pingpong", play_ping, play_pong, want_little, 1 },
	{ "pinned", burn_bound, NULL, want_little, NS_PER_MS },
	{ "nice", burn_always, NULL, want_little_nicely, NS_PER_MS },
};

static const struct mode *mode;

static bool find_mode(void)
{
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(modes[i].name, mode_name) == 0)
			mode = &modes[i];
	return mode != NULL;
}

static bool start_all(void)
{
	return lay_pipes(pipes[0], mode->partner ? abusers * PIPES : 0) &&
	       enlist(role_names[1], mode->victim, 0) &&
	       enlist_many(role_names[0], mode->abuse, abusers) &&
	       (!mode->partner || enlist_many(role_names[0], mode->partner, abusers));
}

static struct meter wakeup_meter;
static struct counter rounds_counter, abuse_counter;

static uint64_t all_abuse(void)
{
	uint64_t sum = 0;

	for (long i = 0; i < abusers; i++)
		sum += atomic_load_explicit(&shared->tallies[i].count, memory_order_relaxed);
	return sum;
}

static void report(enum report_kind kind, double elapsed_s)
{
	double rounds = counted(&rounds_counter, kind);
	double rounds_s = rounds * (double)(pause_us + work_us) / 1e6;
	double abuse;

	atomic_store(&shared->abuse, all_abuse());
	abuse = counted(&abuse_counter, kind);
	collect(&wakeup_meter, kind);
	if (kind == REPORT_START || kind == REPORT_SKIP)
		return;
	report_begin(kind);
	report_wakeups(&wakeup_meter);
	report_metric("progress_pct", 100 * per_second(rounds_s, elapsed_s));
	report_metric("abuse_per_s", per_second(abuse / mode->unit, elapsed_s));
	report_metric("fork_failures", (double)atomic_load(&shared->failures));
	report_end();
}

int main(int argc, char **argv)
{
	const struct option_row options[] = {
		TEXT_OPTION("--mode", mode_name, "fork, yield, pingpong, pinned or nice"),
		NUMBER_OPTION("--abusers", abusers, 0, MAX_ABUSERS, "tasks that abuse"),
		NUMBER_OPTION("--pause-us", pause_us, 1, 1000000, "sleep of the victim"),
		NUMBER_OPTION("--work-us", work_us, 1, 1000000, "CPU time of the victim after it"),
		NAMES_OPTION("abusers,victim"),
		COMMON_OPTIONS,
	};

	parse_options(options, argc, argv);
	take_names(options, 2, PLAIN_NAMES);
	if (!find_mode())
		refuse(options, "there is no such mode", mode_name);
	prepare(PLAIN_NAME);
	shared = shared_memory(sizeof(*shared));
	wakeup_meter.live = &shared->wakeups;
	rounds_counter.live = &shared->rounds;
	abuse_counter.live = &shared->abuse;
	return run_crew(start_all(), report, 250 * NS_PER_MS);
}
