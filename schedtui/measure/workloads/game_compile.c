/* SPDX-License-Identifier: Apache-2.0
 *
 * A game's frame loop beside a compile.
 *
 * The game must finish every frame before the next one is due. Each frame is little work,
 * shared by the main thread and two helpers that it wakes by futex. The compile is a storm of
 * short-lived processes in parallel chains that always wants all CPUs: each job is forked and
 * executes anew, as a compiler does.
 *
 * wakeup_*: how late the frame thread ran after its timer was due.
 * frame_*: from the moment a frame was due to begin until it was finished.
 * missed_frames_pct: frames not finished when the next one was due, or left out altogether.
 * low1_fps: frame rate of the slowest hundredth, from the time between two finished frames.
 */
#include "workload.h"

enum { HELPERS = 2, MAX_CHAINS = 256 };
enum { GAME, CHAIN, JOB, ROLES };

struct helper {
	_Alignas(CACHE_LINE) _Atomic uint32_t go;
	_Atomic uint32_t done;
};

static long hertz = 60, work_us = 4000, chains = 4, seed = 1, job_us;

static struct shared {
	struct histogram wakeups, frames, intervals;
	_Atomic uint64_t due, missed, jobs, failures;
} *shared;

static struct helper helpers[HELPERS];
static pid_t game, chain_pids[MAX_CHAINS];

static void fork_failed(void)
{
	atomic_fetch_add(&shared->failures, 1);
	sleep_ns(20 * NS_PER_MS); /* try again later rather than spin */
}

/* ---- the game ---- */

static void burn_share(void)
{
	burn(CLOCK_THREAD_CPUTIME_ID, work_us * NS_PER_US / (HELPERS + 1));
}

static void *help(void *argument)
{
	struct helper *self = argument;

	name_task(role_names[GAME]);
	for (;;) {
		wait_for_post(&self->go);
		atomic_store(&self->go, 0);
		burn_share();
		post(&self->done);
	}
	return NULL;
}

static void draw_frame(int active)
{
	for (int i = 0; i < active; i++)
		post(&helpers[i].go);
	burn_share();
	for (int i = 0; i < active; i++) {
		wait_for_post(&helpers[i].done);
		atomic_store(&helpers[i].done, 0);
	}
	/* A helper that could not be started leaves its share to the main thread. */
	for (int i = active; i < HELPERS; i++)
		burn_share();
}

static int start_helpers(void)
{
	int started = 0;
	pthread_t thread;

	while (started < HELPERS && pthread_create(&thread, NULL, help, &helpers[started]) == 0)
		started++;
	if (started < HELPERS)
		atomic_fetch_add(&shared->failures, (uint64_t)(HELPERS - started));
	return started;
}

static _Noreturn void play(void)
{
	const int64_t period = NS_PER_S / hertz;
	int active = start_helpers();
	int64_t due = now_ns() + period, last_end = 0;

	/* Timer slack would show as lateness that no scheduler can take away. */
	prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
	for (;;) {
		struct timespec wake = as_timespec(due);
		int64_t end, late;

		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &wake, NULL);
		record(&shared->wakeups, now_ns() - due);
		draw_frame(active);
		end = now_ns();
		record(&shared->frames, end - due);
		if (last_end)
			record(&shared->intervals, end - last_end);
		last_end = end;
		/* Frames whose time has passed are left out, as a game does, and count as missed. */
		late = (end - due) / period;
		atomic_fetch_add(&shared->due, (uint64_t)late + 1);
		atomic_fetch_add(&shared->missed, (uint64_t)late);
		due += (late + 1) * period;
	}
}

/* ---- the compile ---- */

static _Noreturn void compile_one(const char *name, long microseconds)
{
	name_task(name);
	burn(CLOCK_PROCESS_CPUTIME_ID, microseconds * NS_PER_US);
	_exit(0);
}

static _Noreturn void exec_job(pid_t parent, long microseconds)
{
	char number[24];
	char *arguments[] = { role_names[JOB], "--job-us", number, NULL };

	begin_child(role_names[JOB], parent);
	snprintf(number, sizeof(number), "%ld", microseconds);
	execv("/proc/self/exe", arguments);
	/* Without /proc the storm still blows, only without exec. */
	compile_one(role_names[JOB], microseconds);
}

static _Noreturn void run_chain(uint64_t state)
{
	/* Most translation units are small, few are large: equal steps on a logarithmic scale. */
	static const long sizes_ms[] = { 5, 7, 10, 14, 20, 28, 40, 57, 80 };
	const uint64_t count = sizeof(sizes_ms) / sizeof(sizes_ms[0]);
	pid_t self = getpid();

	for (;;) {
		long microseconds = sizes_ms[(next_random(&state) >> 16) % count] * 1000;
		pid_t pid = fork();

		if (pid == 0)
			exec_job(self, microseconds);
		if (pid < 0) {
			fork_failed();
			continue;
		}
		if (waitpid(pid, NULL, 0) == pid)
			atomic_fetch_add(&shared->jobs, 1);
	}
}

/* ---- the run ---- */

static bool start_all(void)
{
	pid_t parent = getpid();

	game = fork();
	if (game == 0) {
		begin_child(role_names[GAME], parent);
		play();
	}
	if (game < 0)
		return false;
	for (long i = 0; i < chains; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			begin_child(role_names[CHAIN], parent);
			run_chain((uint64_t)(seed + i) * 0x9e3779b97f4a7c15ULL);
		}
		if (pid < 0)
			fork_failed();
		chain_pids[i] = pid;
	}
	return true;
}

static void stop(void)
{
	if (game > 0)
		kill(game, SIGKILL);
	/* The running job of a chain dies with its chain. */
	for (long i = 0; i < chains; i++)
		if (chain_pids[i] > 0)
			kill(chain_pids[i], SIGKILL);
}

/* True when the game is gone: without it there is nothing to measure. */
static bool child_ended(void)
{
	pid_t pid;
	bool gone = false;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
		gone = gone || pid == game;
		for (long i = 0; i < chains; i++)
			if (chain_pids[i] == pid)
				chain_pids[i] = 0;
	}
	if (gone)
		game = 0;
	return gone;
}

static struct meter wakeup_meter, frame_meter, interval_meter;
static struct counter due_counter, missed_counter, job_counter;

static void attach_meters(void)
{
	wakeup_meter.live = &shared->wakeups;
	frame_meter.live = &shared->frames;
	interval_meter.live = &shared->intervals;
	due_counter.live = &shared->due;
	missed_counter.live = &shared->missed;
	job_counter.live = &shared->jobs;
}

static void report(enum report_kind kind, double elapsed_s)
{
	double due = counted(&due_counter, kind), missed = counted(&missed_counter, kind);
	double jobs = counted(&job_counter, kind);

	collect(&wakeup_meter, kind);
	collect(&frame_meter, kind);
	collect(&interval_meter, kind);
	if (kind == REPORT_START || kind == REPORT_SKIP)
		return;
	report_begin(kind);
	if (due > 0)
		report_metric("missed_frames_pct", 100 * missed / due);
	report_percentile("frame_p50_us", &frame_meter, 0.50);
	report_percentile("frame_p99_us", &frame_meter, 0.99);
	report_percentile("wakeup_p50_us", &wakeup_meter, 0.50);
	report_percentile("wakeup_p99_us", &wakeup_meter, 0.99);
	if (interval_meter.total > 0)
		report_metric("low1_fps", 1e6 / percentile_us(&interval_meter, 0.99));
	report_metric("frames", due - missed);
	report_metric("jobs_per_s", elapsed_s > 0 ? jobs / elapsed_s : 0);
	report_metric("fork_failures", (double)atomic_load(&shared->failures));
	report_end();
}

int main(int argc, char **argv)
{
	const struct option_row options[] = {
		NUMBER_OPTION("--hz", hertz, 1, 1000, "frames per second"),
		NUMBER_OPTION("--work-us", work_us, 3, 1000000, "CPU time per frame, all threads"),
		NUMBER_OPTION("--jobs", chains, 0, MAX_CHAINS, "parallel chains of the compile"),
		NUMBER_OPTION("--seed", seed, 1, INT_MAX, "seed of the job sizes"),
		NUMBER_OPTION("--job-us", job_us, 1, 10000000, "be one job (used internally)"),
		NAMES_OPTION("game,chains,jobs"),
		COMMON_OPTIONS,
	};
	const struct session session = {
		.warm_up_ns = 250 * NS_PER_MS,
		.done_fd = -1,
		.child_ended = child_ended,
		.report = report,
		.stop = stop,
	};

	parse_options(options, argc, argv);
	if (job_us)
		compile_one(argv[0], job_us);
	take_names(options, ROLES, PLAIN_NAMES ",task-c");
	prepare(PLAIN_NAME);
	shared = shared_memory(sizeof(*shared));
	attach_meters();
	if (!start_all()) {
		fprintf(stderr, "the game could not be started\n");
		return 1;
	}
	run_session(&session);
	return 0;
}
