/* SPDX-License-Identifier: Apache-2.0
 *
 * Exercises of the battery that make processes: storms of short children and of programs.
 */
#ifndef SCHEDTUI_BATTERY_PROCESSES_H
#define SCHEDTUI_BATTERY_PROCESSES_H

#include "battery.h"

enum { BURST = 8, EXEC_FAILED = 127 };

/* Argument that makes this program end at once with a given status: what is executed. */
#define CHILD_OPTION "--child"

static inline int as_executed_child(const char *status)
{
	return atoi(status) & 63;
}

static inline _Noreturn void live_shortly(int status)
{
	burn(CLOCK_PROCESS_CPUTIME_ID, 100 * NS_PER_US);
	_exit(status);
}

static inline _Noreturn void execute(int status)
{
	char text[8];
	char *const arguments[] = { "child", CHILD_OPTION, text, NULL };
	char *const environment[] = { NULL };

	snprintf(text, sizeof(text), "%d", status);
	execve("/proc/self/exe", arguments, environment);
	_exit(EXEC_FAILED);
}

static inline pid_t fork_short(void (*life)(int), int status)
{
	pid_t parent = getpid(), pid;

	atomic_fetch_add(&shared->forks, 1);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		if (getppid() != parent)
			_exit(0);
		life(status);
	}
	if (pid < 0)
		atomic_fetch_add(&shared->forks_failed, 1);
	return pid;
}

/* Each child has a status of its own, so that an ending can neither be mixed up nor forged. */
static inline void count_ending(int status, int wanted, bool executed)
{
	bool well = WIFEXITED(status) && WEXITSTATUS(status) == wanted;

	if (well && executed)
		atomic_fetch_add(&shared->execs, 1);
	else if (executed && WIFEXITED(status) && WEXITSTATUS(status) == EXEC_FAILED)
		atomic_fetch_add(&shared->execs_failed, 1);
	else if (!well)
		atomic_fetch_add(&shared->children_lost, 1);
	if (well)
		atomic_fetch_add(&shared->done, 1);
}

static inline void storm(void (*life)(int), bool executed)
{
	pid_t pids[BURST];

	arrive();
	for (;;) {
		for (int i = 0; i < BURST; i++)
			pids[i] = fork_short(life, 1 + i);
		for (int i = 0; i < BURST; i++) {
			int status;

			if (pids[i] > 0 && waitpid(pids[i], &status, 0) == pids[i])
				count_ending(status, 1 + i, executed);
		}
		/* Where every fork fails, failing must not become the load. */
		if (pids[0] < 0)
			sleep_ns(5 * NS_PER_MS);
	}
}

static inline void storm_forks(long index)
{
	(void)index;
	storm(live_shortly, false);
}

static inline void storm_execs(long index)
{
	(void)index;
	storm(execute, true);
}

static inline void start_forks(void)
{
	start_tasks(storm_forks, cpu_count + 1);
}

static inline void start_execs(void)
{
	start_tasks(storm_execs, cpu_count + 1);
}

#endif
