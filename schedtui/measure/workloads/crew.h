/* SPDX-License-Identifier: Apache-2.0
 *
 * A crew: processes that live as long as the run. All are let go at once; when one of them is
 * gone, so is what was to be measured.
 */
#ifndef SCHEDTUI_CREW_H
#define SCHEDTUI_CREW_H

#include <fcntl.h>

#include "cadence.h"
#include "workload.h"

enum { MAX_CREW = 512 };

static struct start {
	struct gate gate;
	_Atomic int64_t at; /* when all were let go */
} *crew_start;

static pid_t crew[MAX_CREW];
static long crew_size, crew_lost;

/* Start a process that runs `body` when all are let go. False: it could not be started. */
static inline bool enlist(const char *name, void (*body)(long), long index)
{
	pid_t parent = getpid(), pid;

	if (!crew_start)
		crew_start = shared_memory(sizeof(*crew_start));
	if (crew_size == MAX_CREW)
		return false;
	pid = fork();
	if (pid == 0) {
		begin_child(name, parent);
		gather(&crew_start->gate);
		body(index);
		_exit(1);
	}
	if (pid > 0)
		crew[crew_size++] = pid;
	return pid > 0;
}

/* The same for numbers from 0 on. */
static inline bool enlist_many(const char *name, void (*body)(long), long count)
{
	bool started = true;

	for (long i = 0; started && i < count; i++)
		started = enlist(name, body, i);
	return started;
}

/* Kill all, without waiting: `stop` of a session. */
static inline void dismiss(void)
{
	for (long i = 0; i < crew_size; i++)
		if (crew[i] > 0)
			kill(crew[i], SIGKILL);
}

/* `child_ended` of a session: none of the crew ends by itself. Others may be left to us. */
static inline bool crew_ended(void)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
		for (long i = 0; i < crew_size; i++) {
			if (crew[i] != pid)
				continue;
			crew[i] = 0;
			crew_lost++;
		}
	}
	return crew_lost > 0;
}

/* Let all go and run to the end; returns the program's exit status. */
static inline int run_crew(bool all_started, void (*report)(enum report_kind, double),
			   int64_t warm_up_ns)
{
	const struct session session = {
		.warm_up_ns = warm_up_ns,
		.done_fd = -1,
		.child_ended = crew_ended,
		.report = report,
		.stop = dismiss,
	};

	if (!all_started) {
		fprintf(stderr, "not all processes could be started\n");
		dismiss();
		reap_all();
		return 1;
	}
	await_gathered(&crew_start->gate, (uint32_t)crew_size);
	atomic_store(&crew_start->at, now_ns());
	open_gate(&crew_start->gate);
	run_session(&session);
	return crew_lost ? 1 : 0;
}

/* ---- what several crews are made of ------------------------------------------------------- */

/* Take all CPU time there is, and count it. */
static inline _Noreturn void hog(_Atomic uint64_t *burnt_ns)
{
	for (;;) {
		burn(CLOCK_PROCESS_CPUTIME_ID, NS_PER_MS);
		atomic_fetch_add_explicit(burnt_ns, NS_PER_MS, memory_order_relaxed);
	}
}

/* Open so many pipes, for all that are started after it. */
static inline bool lay_pipes(int (*pipes)[2], long count)
{
	for (long i = 0; i < count; i++)
		if (pipe2(pipes[i], O_CLOEXEC) < 0)
			return false;
	return true;
}

static inline void report_wakeups(const struct meter *wakeups)
{
	report_percentile("wakeup_p50_us", wakeups, 0.50);
	report_percentile("wakeup_p99_us", wakeups, 0.99);
	report_percentile("wakeup_max_us", wakeups, 1.00);
}

#endif
