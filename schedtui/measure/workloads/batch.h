/* SPDX-License-Identifier: Apache-2.0
 *
 * A batch: jobs that are all ready at the same moment, each a process that burns a fixed amount of
 * CPU time. The program that includes this says how many there are and how long.
 *
 * makespan_ms: from the common start to the end of the last job.
 * mean_completion_ms: mean over the jobs, from the common start to the job's own end.
 * With --loop, each second repeats the latest finished round and the end tells the means.
 */
#ifndef SCHEDTUI_BATCH_H
#define SCHEDTUI_BATCH_H

#include "workload.h"

enum { MAX_JOBS = 2048 };

struct job {
	int64_t work_ns;
	bool is_long;
	pid_t pid;	  /* 0: not running */
	int64_t ended_at; /* 0: has not ended */
	int64_t used_ns;
};

static long short_jobs, short_ms, long_jobs, long_ms, seed = 1;
static bool endless;

static struct round {
	struct gate gate;
	struct job jobs[MAX_JOBS];
} *round_now;

static long job_count, running;
static int64_t started_at;
static uint64_t random_state;
static uint64_t failures, lost, rounds;
static _Atomic uint64_t finished;
static struct counter finished_counter = { .live = &finished };

struct outcome {
	double makespan_ms, mean_completion_ms, cpu_total_ms, longest_cpu_ms;
};
static struct outcome latest, sum;

static void run_job(struct job *job, pid_t parent)
{
	begin_child(role_names[job->is_long], parent);
	gather(&round_now->gate);
	burn(CLOCK_PROCESS_CPUTIME_ID, job->work_ns);
	job->used_ns = job->work_ns;
	job->ended_at = now_ns();
	_exit(0);
}

static void shuffle(struct job *jobs, long count)
{
	for (long i = count - 1; i > 0; i--) {
		long other = (long)(next_random(&random_state) % (uint64_t)(i + 1));
		struct job kept = jobs[i];

		jobs[i] = jobs[other];
		jobs[other] = kept;
	}
}

static void lay_out_jobs(void)
{
	memset(round_now, 0, sizeof(*round_now));
	for (long i = 0; i < job_count; i++) {
		struct job *job = &round_now->jobs[i];

		job->is_long = i >= short_jobs;
		job->work_ns = (job->is_long ? long_ms : short_ms) * NS_PER_MS;
	}
	shuffle(round_now->jobs, job_count);
}

static void start_round(void)
{
	pid_t parent = getpid();

	lay_out_jobs();
	running = 0;
	for (long i = 0; i < job_count; i++) {
		struct job *job = &round_now->jobs[i];
		pid_t pid = fork();

		if (pid == 0)
			run_job(job, parent);
		if (pid > 0) {
			job->pid = pid;
			running++;
		} else {
			failures++;
		}
	}
	await_gathered(&round_now->gate, (uint32_t)running);
	started_at = now_ns();
	open_gate(&round_now->gate);
}

static void add_up(void)
{
	struct outcome outcome = { 0 };
	long ended = 0;

	for (long i = 0; i < job_count; i++) {
		const struct job *job = &round_now->jobs[i];
		double completion = (double)(job->ended_at - started_at) / NS_PER_MS;
		double used = (double)job->used_ns / NS_PER_MS;

		if (!job->ended_at)
			continue;
		ended++;
		outcome.mean_completion_ms += completion;
		outcome.cpu_total_ms += used;
		if (completion > outcome.makespan_ms)
			outcome.makespan_ms = completion;
		if (used > outcome.longest_cpu_ms)
			outcome.longest_cpu_ms = used;
	}
	if (!ended)
		return;
	outcome.mean_completion_ms /= (double)ended;
	latest = outcome;
	sum.makespan_ms += outcome.makespan_ms;
	sum.mean_completion_ms += outcome.mean_completion_ms;
	sum.cpu_total_ms += outcome.cpu_total_ms;
	sum.longest_cpu_ms += outcome.longest_cpu_ms;
	rounds++;
}

static void job_ended(pid_t pid)
{
	for (long i = 0; i < job_count; i++) {
		struct job *job = &round_now->jobs[i];

		if (job->pid != pid)
			continue;
		job->pid = 0;
		running--;
		if (job->ended_at)
			atomic_fetch_add(&finished, 1);
		else
			lost++;
	}
}

static bool child_ended(void)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		job_ended(pid);
	if (running > 0)
		return false;
	add_up();
	if (!endless)
		return true;
	start_round();
	/* Without a single process there is nothing to wait for. */
	return running == 0;
}

static void stop(void)
{
	for (long i = 0; i < job_count; i++)
		if (round_now->jobs[i].pid > 0)
			kill(round_now->jobs[i].pid, SIGKILL);
}

static void report(enum report_kind kind, double elapsed_s)
{
	bool whole = kind == REPORT_FINAL;
	double count = counted(&finished_counter, kind);
	const struct outcome *shown = whole ? &sum : &latest;
	double parts = whole && rounds ? (double)rounds : 1;

	if (kind == REPORT_START || kind == REPORT_SKIP)
		return;
	report_begin(kind);
	if (rounds) {
		report_metric("makespan_ms", shown->makespan_ms / parts);
		report_metric("mean_completion_ms", shown->mean_completion_ms / parts);
		report_metric("cpu_total_ms", shown->cpu_total_ms / parts);
		report_metric("longest_cpu_ms", shown->longest_cpu_ms / parts);
	}
	report_metric("jobs", count);
	report_metric("jobs_per_s", elapsed_s > 0 ? count / elapsed_s : 0);
	report_metric("rounds", (double)rounds);
	report_metric("lost_jobs", (double)lost);
	report_metric("fork_failures", (double)failures);
	report_end();
}

/* Run the jobs to their end, or round after round; returns the program's exit status. */
static inline int run_batch(void)
{
	const struct session session = {
		.done_fd = -1,
		.child_ended = child_ended,
		.report = report,
		.stop = stop,
	};

	/* Neighbouring seeds must not begin alike. */
	random_state = (uint64_t)seed * 0x9e3779b97f4a7c15ULL;
	round_now = shared_memory(sizeof(*round_now));
	job_count = short_jobs + long_jobs;
	start_round();
	if (!running) {
		fprintf(stderr, "no job could be started\n");
		return 1;
	}
	run_session(&session);
	return 0;
}

#define BATCH_OPTIONS                                                            \
	NUMBER_OPTION("--seed", seed, 1, INT_MAX, "seed of the starting order"), \
		TOGGLE_OPTION("--loop", endless, "begin again when all jobs have ended")

#endif
