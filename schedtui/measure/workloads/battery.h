/* SPDX-License-Identifier: Apache-2.0
 *
 * What all exercises of the battery share: the tasks, what is counted of them, the victim.
 */
#ifndef SCHEDTUI_BATTERY_H
#define SCHEDTUI_BATTERY_H

#include <fcntl.h>
#include <sys/resource.h>

#include "battery_pauses.h"
#include "workload.h"

enum { MAX_CPUS = 64, MAX_TASKS = 512, MAX_SPINNERS = 256, MAX_WAITS = 1024 };
enum { VICTIM_WAIT, KTHREAD_WAIT, FIRST_OWN_WAIT };
/* Real-time ranks inside the guest. The node itself runs at 10. */
enum { HOG_RANK = 1, PROBER_RANK = 3, PULSE_RANK = 4, SUPERVISOR_RANK = 5 };

/* A spinner's progress. CPU time tells what the scheduler gave; units what came out of it. */
struct spinner {
	_Alignas(CACHE_LINE) _Atomic uint64_t units;
	_Atomic uint64_t cpu_ns;
	_Atomic uint32_t judged; /* has the weight of all other judged ones */
};

/* The longest of many waits of one task, and the wait that goes on just now. */
struct wait {
	_Alignas(CACHE_LINE) _Atomic int64_t since; /* 0: does not wait */
	_Atomic int64_t longest, longest_awake;
	_Atomic int64_t paused_before[MAX_CPUS]; /* until the present one began */
};

/* How long a wait took, and how long without what one of the CPUs stood still meanwhile. */
struct length {
	int64_t all, awake;
};

static struct shared {
	struct gate gate;
	_Atomic int64_t opened_at;
	_Atomic uint64_t victim_steps, kthread_turns;
	_Atomic uint64_t forks, forks_failed, execs, execs_failed, children_lost;
	_Atomic uint64_t done, failed; /* what these are is each exercise's own matter */
	_Atomic uint64_t least_mb;
	struct histogram victim_gaps;
	struct pulse pulses[MAX_CPUS];
	struct spinner spinners[MAX_SPINNERS];
	struct wait waits[MAX_WAITS];
} *shared;

static long seed = 1;
static const char *stem = "battery";
static int cpus[MAX_CPUS];
static long cpu_count, task_count, tasks_wanted, spinner_count;
static long waits_used = FIRST_OWN_WAIT;
static pid_t tasks[MAX_TASKS];

/* ---- waits ------------------------------------------------------------------------------ */

static inline void wait_begins(long index, int64_t at)
{
	struct wait *wait = &shared->waits[index];
	int64_t now = now_ns(), begun = at < now ? at : now; /* it may begin only later */

	for (long i = 0; i < cpu_count; i++)
		atomic_store_explicit(&wait->paused_before[i],
				      paused_until(&shared->pulses[i], begun),
				      memory_order_relaxed);
	atomic_store(&wait->since, at);
}

static inline struct length length_since(struct wait *wait, int64_t since, int64_t at)
{
	int64_t all = since ? at - since : 0;
	struct length length = { .all = all, .awake = all };

	for (long i = 0; all > 0 && i < cpu_count; i++) {
		int64_t paused =
			paused_until(&shared->pulses[i], at) - atomic_load(&wait->paused_before[i]);

		if (all - paused < length.awake)
			length.awake = all - paused;
	}
	return length;
}

static inline void keep_longest(_Atomic int64_t *longest, int64_t length)
{
	if (length > atomic_load(longest))
		atomic_store(longest, length);
}

static inline int64_t wait_ends(long index, int64_t at)
{
	struct wait *wait = &shared->waits[index];
	int64_t since = atomic_exchange(&wait->since, 0);
	struct length length = length_since(wait, since, at);

	keep_longest(&wait->longest, length.all);
	keep_longest(&wait->longest_awake, length.awake);
	return length.all;
}

static inline int64_t longest_of(int64_t a, int64_t b, int64_t c)
{
	int64_t longer = a > b ? a : b;

	return longer > c ? longer : c;
}

/* The longest wait, and the longest of the other kind: they need not be the same one. A wait that
 * has not ended counts as well: the worst one never does. What ends while we read is not longer
 * than the run. */
static inline struct length longest_wait(long first, long count, int64_t at)
{
	int64_t run = at - atomic_load(&shared->opened_at);
	struct length longest = { 0 };

	for (long i = first; i < first + count; i++) {
		struct wait *wait = &shared->waits[i];
		struct length open = length_since(wait, atomic_load(&wait->since), at);

		longest.all = longest_of(longest.all, open.all, atomic_load(&wait->longest));
		longest.awake =
			longest_of(longest.awake, open.awake, atomic_load(&wait->longest_awake));
	}
	if (longest.all > run)
		longest.all = run;
	if (longest.awake > run)
		longest.awake = run;
	return longest;
}

/* ---- tasks ------------------------------------------------------------------------------ */

static inline uint64_t random_state(long salt)
{
	/* Neighbouring seeds must not begin alike. */
	uint64_t state = ((uint64_t)seed * 1000003ULL + (uint64_t)salt + 1) * 0x9e3779b97f4a7c15ULL;

	return state ? state : 1;
}

static inline int64_t random_between(uint64_t *state, int64_t low, int64_t high)
{
	return low + (int64_t)(next_random(state) % (uint64_t)(high - low + 1));
}

/* Names change with stem and seed, so that a policy cannot tell the victim by its name. */
static inline void own_name(char name[16], long salt)
{
	uint64_t state = random_state(salt);
	int first = (int)random_between(&state, 'a', 'z');
	int second = (int)random_between(&state, 'a', 'z');

	snprintf(name, 16, "%.11s-%c%c", stem, first, second);
}

static inline void arrive(void)
{
	gather(&shared->gate);
}

/* Start a task that lives as long as the run. It calls arrive() when it is prepared. */
static inline void start_task(void (*body)(long), long index)
{
	pid_t parent = getpid(), pid;
	char name[16];

	own_name(name, 100 + tasks_wanted++);
	atomic_fetch_add(&shared->forks, 1);
	pid = fork();
	if (pid == 0) {
		begin_child(name, parent);
		body(index);
		_exit(0);
	}
	if (pid < 0)
		atomic_fetch_add(&shared->forks_failed, 1);
	else
		tasks[task_count++] = pid;
}

static inline void start_tasks(void (*body)(long), long count)
{
	for (long i = 0; i < count; i++)
		start_task(body, i);
}

static inline void pin_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static inline void become_realtime(int rank)
{
	struct sched_param param = { .sched_priority = rank };

	/* musl's own function of this name does nothing but fail. */
	if (syscall(SYS_sched_setscheduler, 0, SCHED_FIFO | SCHED_RESET_ON_FORK, &param) == 0)
		return;
	perror("cannot become a real-time task");
	_exit(EXIT_FAILURE);
}

static inline void find_cpus(void)
{
	cpu_set_t set;

	sched_getaffinity(0, sizeof(set), &set);
	for (int cpu = 0; cpu < CPU_SETSIZE && cpu_count < MAX_CPUS; cpu++)
		if (CPU_ISSET(cpu, &set))
			cpus[cpu_count++] = cpu;
}

/* Write a word to a file of the kernel. */
static inline bool tell_kernel(const char *path, const char *word)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t wrote;

	if (fd < 0)
		return false;
	wrote = write(fd, word, strlen(word));
	close(fd);
	return wrote == (ssize_t)strlen(word);
}

/* ---- spinners, victim, prober ------------------------------------------------------------- */

static inline void work_unit(void)
{
	for (uint32_t i = 0; i < 20000; i++)
		__asm__ volatile("" : : "r"(i));
}

static inline _Noreturn void spin(long index)
{
	struct spinner *spinner = &shared->spinners[index];
	int64_t start;

	arrive();
	start = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	for (;;) {
		work_unit();
		atomic_fetch_add_explicit(&spinner->units, 1, memory_order_relaxed);
		atomic_store_explicit(&spinner->cpu_ns,
				      (uint64_t)(clock_ns(CLOCK_PROCESS_CPUTIME_ID) - start),
				      memory_order_relaxed);
	}
}

/* Start spinners whose body ends in spin(); `judged` ones are compared with each other. */
static inline void start_spinners(void (*body)(long), long count, bool judged)
{
	for (long i = 0; i < count && spinner_count < MAX_SPINNERS; i++) {
		shared->spinners[spinner_count].judged = judged;
		start_task(body, spinner_count++);
	}
}

/* A plain spinner, as the body of a task. */
static inline void spin_freely(long index)
{
	spin(index);
}

/* The task that everything is about: it wants little and wants it often. */
static inline void be_victim(long index)
{
	(void)index;
	arrive();
	for (;;) {
		int64_t now;

		burn(CLOCK_PROCESS_CPUTIME_ID, 50 * NS_PER_US);
		now = now_ns();
		record(&shared->victim_gaps, wait_ends(VICTIM_WAIT, now));
		wait_begins(VICTIM_WAIT, now);
		atomic_fetch_add(&shared->victim_steps, 1);
		sleep_ns(NS_PER_MS);
	}
}

/* Measure when this CPU stands still. */
static inline void keep_pulse(long index)
{
	pin_to(cpus[index]);
	become_realtime(PULSE_RANK);
	arrive();
	beat(&shared->pulses[index]);
}

/* Writing this file queues work on a kernel thread of each CPU and waits for all of it. The
 * prober is a real-time task: what is left of the time are the kernel's own threads. */
static inline void probe_kthreads(long index)
{
	int fd = open("/proc/sys/vm/stat_refresh", O_WRONLY | O_CLOEXEC);

	(void)index;
	become_realtime(PROBER_RANK);
	arrive();
	while (fd >= 0) {
		wait_begins(KTHREAD_WAIT, now_ns());
		if (write(fd, "1", 1) != 1)
			break;
		wait_ends(KTHREAD_WAIT, now_ns());
		atomic_fetch_add(&shared->kthread_turns, 1);
		sleep_ns(20 * NS_PER_MS);
	}
	wait_ends(KTHREAD_WAIT, 0);
	for (;;)
		pause();
}

#endif
