/* SPDX-License-Identifier: Apache-2.0
 *
 * Exercises of the battery in which tasks wait for each other: pipes, a lock, a herd, and
 * hundreds of threads that keep changing the CPU they are bound to.
 */
#ifndef SCHEDTUI_BATTERY_WAITS_H
#define SCHEDTUI_BATTERY_WAITS_H

#include "battery.h"

/* ---- ping_pong ---------------------------------------------------------------------------- */

enum { PING, PONG, PIPES };
static int pipes[2 * MAX_CPUS][PIPES][2];

static inline void serve_pong(long index)
{
	int (*pair)[2] = pipes[index];
	char byte;

	arrive();
	while (read(pair[PING][0], &byte, 1) == 1 && write(pair[PONG][1], &byte, 1) == 1)
		;
}

static inline void play_ping(long index)
{
	int (*pair)[2] = pipes[index];
	long own = FIRST_OWN_WAIT + index;
	char byte = 0;

	arrive();
	for (;;) {
		wait_begins(own, now_ns());
		if (write(pair[PING][1], &byte, 1) != 1 || read(pair[PONG][0], &byte, 1) != 1)
			return;
		wait_ends(own, now_ns());
		atomic_fetch_add_explicit(&shared->done, 1, memory_order_relaxed);
	}
}

static inline void start_ping_pong(void)
{
	for (long i = 0; i < 2 * cpu_count; i++) {
		if (pipe2(pipes[i][PING], O_CLOEXEC) < 0 || pipe2(pipes[i][PONG], O_CLOEXEC) < 0)
			return;
		start_task(serve_pong, i);
		start_task(play_ping, i);
		waits_used = FIRST_OWN_WAIT + i + 1;
	}
}

/* ---- convoy ------------------------------------------------------------------------------- */

/* 0 free, 1 taken, 2 taken and somebody may sleep. */
static _Atomic uint32_t *mutex;

static inline void lock_mutex(void)
{
	uint32_t expected = 0;

	if (atomic_compare_exchange_strong(mutex, &expected, 1))
		return;
	while (atomic_exchange(mutex, 2) != 0)
		futex_wait(mutex, 2);
}

static inline void unlock_mutex(void)
{
	if (atomic_exchange(mutex, 0) == 2)
		futex_wake(mutex, 1);
}

static inline void join_convoy(long index)
{
	long own = FIRST_OWN_WAIT + index;

	arrive();
	for (;;) {
		wait_begins(own, now_ns());
		lock_mutex();
		wait_ends(own, now_ns());
		burn(CLOCK_PROCESS_CPUTIME_ID, 200 * NS_PER_US);
		unlock_mutex();
		atomic_fetch_add_explicit(&shared->done, 1, memory_order_relaxed);
		burn(CLOCK_PROCESS_CPUTIME_ID, 50 * NS_PER_US);
	}
}

static inline void start_convoy(void)
{
	long members = 4 * cpu_count + 4;

	mutex = shared_memory(CACHE_LINE);
	start_tasks(join_convoy, members);
	waits_used = FIRST_OWN_WAIT + members;
}

/* ---- threads of one process --------------------------------------------------------------- */

enum { THREAD_STACK = 1 << 16 };

/* Start threads numbered from `first` on; returns how many there are then. */
static inline long start_threads(void *(*body)(void *), long first, long count)
{
	long started = first;
	pthread_attr_t small;
	pthread_t thread;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, THREAD_STACK);
	for (long i = 0; i < count; i++) {
		atomic_fetch_add(&shared->forks, 1);
		if (pthread_create(&thread, &small, body, (void *)(intptr_t)started) != 0)
			atomic_fetch_add(&shared->forks_failed, 1);
		else
			started++;
	}
	return started;
}

/* ---- wakeups ------------------------------------------------------------------------------ */

enum { HERD = 96, HERD_STEP = 16 };
static _Atomic uint32_t alarm_count;

static inline void *graze(void *argument)
{
	long own = FIRST_OWN_WAIT + (intptr_t)argument;
	uint32_t seen = 0;

	for (;;) {
		while (atomic_load(&alarm_count) == seen)
			futex_wait(&alarm_count, seen);
		seen = atomic_load(&alarm_count);
		wait_ends(own, now_ns());
		atomic_fetch_add_explicit(&shared->done, 1, memory_order_relaxed);
		burn(CLOCK_THREAD_CPUTIME_ID, 20 * NS_PER_US);
	}
	return NULL;
}

/* The herd's waits begin here: who sleeps cannot take the time. */
static inline void raise_alarm(void)
{
	int64_t now = now_ns();

	for (long i = FIRST_OWN_WAIT; i < waits_used; i++)
		if (!atomic_load(&shared->waits[i].since))
			wait_begins(i, now);
	atomic_fetch_add(&alarm_count, 1);
	futex_wake(&alarm_count, INT_MAX);
}

static inline void lead_herd(long index)
{
	uint64_t random = random_state(index);
	long size = 0;

	arrive();
	for (;;) {
		/* The herd grows while it is already being woken: on a slow machine it takes long. */
		if (size < HERD)
			size = start_threads(graze, size,
					     HERD - size < HERD_STEP ? HERD - size : HERD_STEP);
		waits_used = FIRST_OWN_WAIT + size;
		raise_alarm();
		sleep_ns(random_between(&random, 15, 25) * NS_PER_MS);
	}
}

static inline void start_wakeups(void)
{
	start_task(lead_herd, 0);
	waits_used = FIRST_OWN_WAIT + HERD;
}

/* ---- pins512 ------------------------------------------------------------------------------ */

enum { MOVERS = 512 };

static inline void *keep_moving(void *argument)
{
	long index = (intptr_t)argument, own = FIRST_OWN_WAIT + index;
	uint64_t random = random_state(1000 + index);

	wait_for_post(&shared->gate.open);
	for (;;) {
		int64_t pause_ns = random_between(&random, 50, 150) * NS_PER_MS;
		cpu_set_t set;

		CPU_ZERO(&set);
		CPU_SET(cpus[random_between(&random, 0, cpu_count - 1)], &set);
		/* On time it may still be: only what comes after the end of the pause is a wait. */
		wait_begins(own, now_ns() + pause_ns);
		sleep_ns(pause_ns);
		if (sched_setaffinity(0, sizeof(set), &set) < 0)
			atomic_fetch_add(&shared->failed, 1);
		wait_ends(own, now_ns());
		burn(CLOCK_THREAD_CPUTIME_ID, 20 * NS_PER_US);
		atomic_fetch_add_explicit(&shared->done, 1, memory_order_relaxed);
	}
	return NULL;
}

static inline void lead_movers(long index)
{
	(void)index;
	/* Starting them all takes so long that it is a part of the exercise. */
	arrive();
	start_threads(keep_moving, 0, MOVERS);
	for (;;)
		pause();
}

static inline void start_pins512(void)
{
	start_task(lead_movers, 0);
	waits_used = FIRST_OWN_WAIT + MOVERS;
}

#endif
