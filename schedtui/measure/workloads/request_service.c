/* SPDX-License-Identifier: Apache-2.0
 *
 * A request service: message threads hand work to worker threads, in a closed loop.
 *
 * A worker reports for work and sleeps on a futex. Its message thread wakes it. The worker then
 * serves one request: it sleeps briefly, as if for I/O, takes the spin lock of the CPU it is on
 * and multiplies matrices under it. With more workers than CPUs this shows what preemption does
 * to lock holders: whoever comes next on that CPU spins through its whole slice, and nothing
 * gets done. A scheduler that lets a worker finish what it began avoids that.
 *
 * wakeup_*: from the message thread's wake-up call to the worker running.
 * request_*: from the worker running to the end of its request, sleep and lock included.
 * service_p50_us: CPU time of the multiplication alone, the floor under every request.
 */
#include "workload.h"

enum { MAX_CPUS = 1024, MAX_GROUPS = 64, MAX_WORKERS = 1024 };

struct worker {
	_Alignas(CACHE_LINE) _Atomic uint32_t woken;
	int64_t woken_at;
	struct worker *next;
	struct message_thread *boss;
	uint64_t *matrices;
};

struct message_thread {
	_Alignas(CACHE_LINE) _Atomic uint32_t posted;
	_Atomic(struct worker *) waiting;
};

struct cpu_lock {
	_Alignas(CACHE_LINE) _Atomic int held;
};

static long groups = 1, workers_per_group, operations = 5, footprint_kb = 256, sleep_us = 100;
static bool without_locks;

static struct message_thread bosses[MAX_GROUPS];
static struct worker workers[MAX_WORKERS];
static struct cpu_lock locks[MAX_CPUS];
static struct histogram wakeups, requests, services;
static _Atomic uint64_t served, failures;
static size_t side;

static inline void relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

/* A lock per CPU serialises the workers of one CPU, as per-CPU data does in real services. */
static struct cpu_lock *lock_this_cpu(void)
{
	for (;;) {
		int cpu = sched_getcpu();
		struct cpu_lock *lock = &locks[(unsigned int)cpu % MAX_CPUS];

		while (atomic_exchange_explicit(&lock->held, 1, memory_order_acquire))
			relax();
		if (sched_getcpu() == cpu)
			return lock;
		atomic_store_explicit(&lock->held, 0, memory_order_release);
	}
}

static void multiply(uint64_t *matrices)
{
	const uint64_t *left = matrices, *right = left + side * side;
	uint64_t *product = matrices + 2 * side * side;

	for (size_t row = 0; row < side; row++) {
		for (size_t column = 0; column < side; column++) {
			uint64_t sum = 0;

			for (size_t i = 0; i < side; i++)
				sum += left[row * side + i] * right[i * side + column];
			product[row * side + column] = sum;
		}
	}
	/* Nobody reads the product; without this the compiler would drop the work. */
	__asm__ volatile("" : : "r"(product) : "memory");
}

static void serve(struct worker *self)
{
	struct cpu_lock *lock = NULL;
	int64_t began;

	if (sleep_us)
		sleep_ns(sleep_us * NS_PER_US);
	if (!without_locks)
		lock = lock_this_cpu();
	began = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	for (long i = 0; i < operations; i++)
		multiply(self->matrices);
	record(&services, clock_ns(CLOCK_THREAD_CPUTIME_ID) - began);
	if (lock)
		atomic_store_explicit(&lock->held, 0, memory_order_release);
}

static void report_for_work(struct worker *self)
{
	struct worker *head = atomic_load(&self->boss->waiting);

	atomic_store(&self->woken, 0);
	do {
		self->next = head;
	} while (!atomic_compare_exchange_weak(&self->boss->waiting, &head, self));
	post(&self->boss->posted);
	wait_for_post(&self->woken);
}

static void *work(void *argument)
{
	struct worker *self = argument;

	name_task(role_names[0]);
	for (;;) {
		int64_t began;

		report_for_work(self);
		began = now_ns();
		record(&wakeups, began - self->woken_at);
		serve(self);
		record(&requests, now_ns() - began);
		atomic_fetch_add_explicit(&served, 1, memory_order_relaxed);
	}
	return NULL;
}

static void *hand_out(void *argument)
{
	struct message_thread *self = argument;

	name_task(role_names[1]);
	for (;;) {
		struct worker *list;
		int64_t now;

		wait_for_post(&self->posted);
		atomic_store(&self->posted, 0);
		list = atomic_exchange(&self->waiting, NULL);
		/* One stamp for the whole list: when the first worker preempts this thread, the
		 * others' wait shows in their latency. */
		now = now_ns();
		while (list) {
			struct worker *next = list->next;

			list->woken_at = now;
			post(&list->woken);
			list = next;
		}
	}
	return NULL;
}

static bool start_thread(void *(*body)(void *), void *argument)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, body, argument) == 0)
		return true;
	atomic_fetch_add(&failures, 1);
	return false;
}

static long start_workers(void)
{
	long started = 0;

	for (long i = 0; i < groups; i++) {
		if (!start_thread(hand_out, &bosses[i]))
			break;
		for (long j = 0; j < workers_per_group; j++) {
			struct worker *worker = &workers[i * workers_per_group + j];

			worker->boss = &bosses[i];
			worker->matrices = calloc(3 * side * side, sizeof(uint64_t));
			if (!worker->matrices)
				atomic_fetch_add(&failures, 1);
			else
				started += start_thread(work, worker);
		}
	}
	return started;
}

static long started_workers;
static struct meter wakeup_meter = { .live = &wakeups };
static struct meter request_meter = { .live = &requests };
static struct meter service_meter = { .live = &services };
static struct counter served_counter = { .live = &served };

static void report(enum report_kind kind, double elapsed_s)
{
	double count = counted(&served_counter, kind);

	collect(&wakeup_meter, kind);
	collect(&request_meter, kind);
	collect(&service_meter, kind);
	if (kind == REPORT_START || kind == REPORT_SKIP)
		return;
	report_begin(kind);
	report_percentile("wakeup_p50_us", &wakeup_meter, 0.50);
	report_percentile("wakeup_p99_us", &wakeup_meter, 0.99);
	report_percentile("request_p50_us", &request_meter, 0.50);
	report_percentile("request_p99_us", &request_meter, 0.99);
	report_percentile("service_p50_us", &service_meter, 0.50);
	report_metric("rate_per_s", elapsed_s > 0 ? count / elapsed_s : 0);
	report_metric("workers", (double)started_workers);
	report_metric("sleep_us", (double)sleep_us);
	report_metric("fork_failures", (double)atomic_load(&failures));
	report_end();
}

static void stop(void)
{
	/* Threads end with the process. */
}

static size_t side_of(long kilobytes)
{
	size_t words = (size_t)kilobytes * 1024 / sizeof(uint64_t) / 3, root = 1;

	while ((root + 1) * (root + 1) <= words)
		root++;
	return root;
}

int main(int argc, char **argv)
{
	const struct option_row options[] = {
		NUMBER_OPTION("-m", groups, 1, MAX_GROUPS, "message threads"),
		NUMBER_OPTION("-t", workers_per_group, 1, MAX_WORKERS, "workers of each"),
		NUMBER_OPTION("-n", operations, 1, 10000, "multiplications per request"),
		NUMBER_OPTION("-F", footprint_kb, 1, 65536, "KB of matrices per worker"),
		NUMBER_OPTION("-s", sleep_us, 0, 1000000, "microseconds slept per request"),
		TOGGLE_OPTION("-L", without_locks, "no spin locks"),
		NAMES_OPTION("workers,message threads"),
		COMMON_OPTIONS,
	};
	struct session session = {
		.warm_up_ns = 250 * NS_PER_MS,
		.done_fd = -1,
		.report = report,
		.stop = stop,
	};

	parse_options(options, argc, argv);
	take_names(options, 2, PLAIN_NAMES);
	prepare(PLAIN_NAME);
	if (!workers_per_group)
		workers_per_group = (sysconf(_SC_NPROCESSORS_ONLN) + groups - 1) / groups;
	if (groups * workers_per_group > MAX_WORKERS)
		refuse(options, "too many workers", "-m times -t");
	side = side_of(footprint_kb);
	started_workers = start_workers();
	if (!started_workers) {
		fprintf(stderr, "no worker could be started\n");
		return 1;
	}
	run_session(&session);
	_exit(0); /* workers may hold or spin on locks; nothing needs tidying */
}
