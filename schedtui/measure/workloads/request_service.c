/* SPDX-License-Identifier: Apache-2.0
 *
 * A request service: message threads hand work to worker threads.
 *
 * In a closed loop a worker reports for work and sleeps on a futex. Its message thread wakes it. The
 * worker then serves one request: it sleeps briefly, as if for I/O, takes the spin lock of the CPU
 * it is on and multiplies matrices under it. With more workers than CPUs this shows what preemption
 * does to lock holders: whoever comes next on that CPU spins through its whole slice, and nothing
 * gets done. A scheduler that lets a worker finish what it began avoids that.
 *
 * -R and -A make it an open loop: requests come by the clock. -C leaves locks and sleep out, for
 * the floor under a request. -p leaves all work out but copying a message there and back.
 *
 * wakeup_*: from the message thread's wake-up call to the worker running.
 * request_*: from the worker running to the end of its request, sleep and lock included; in an open
 * loop from the moment it was due, its wait for a worker included; with -C without the sleep.
 * service_p50_us: CPU time of the multiplication alone, the floor under every request.
 * rate_per_s: requests served, or messages copied there and back, per second.
 * workers, sleep_us: of the closed loop, for its bounds.
 * due_per_s: rate at which requests come in an open loop; left_out_pct: share of those that came to a
 * full inbox, and are not served; busy_pct: CPU time used, of what all CPUs have.
 */
#include "arrivals.h"
#include "cadence.h"
#include "locked_work.h"
#include "workload.h"

enum { MAX_GROUPS = 64, MAX_WORKERS = 1024 };

struct worker {
	_Alignas(CACHE_LINE) _Atomic uint32_t woken;
	_Atomic int64_t woken_at;
	struct worker *next;
	struct message_thread *boss;
	uint64_t *matrices;
	char *sent, *returned; /* with -p */
	struct inbox inbox;
};

struct message_thread {
	_Alignas(CACHE_LINE) _Atomic uint32_t posted;
	_Atomic(struct worker *) waiting;
};

static long groups = 1, workers_per_group, operations = 5, footprint_kb = 256, sleep_us = 100;
static long message_bytes;
static bool without_locks, calibrating;

static struct message_thread bosses[MAX_GROUPS];
static struct worker workers[MAX_WORKERS];
static struct histogram wakeups, requests, services;
static _Atomic uint64_t served, came, left_out, used_ns, failures;

static bool by_the_clock(void)
{
	return rate_per_s || busy_pct;
}

static void compute(struct worker *self)
{
	int64_t began = clock_ns(CLOCK_THREAD_CPUTIME_ID);

	for (long i = 0; i < operations; i++)
		multiply(self->matrices);
	record(&services, clock_ns(CLOCK_THREAD_CPUTIME_ID) - began);
}

static void serve(struct worker *self, int64_t began)
{
	struct cpu_lock *lock = NULL;

	if (sleep_us)
		sleep_ns(sleep_us * NS_PER_US);
	if (calibrating)
		began = now_ns();
	if (!without_locks)
		lock = lock_this_cpu();
	compute(self);
	if (lock)
		atomic_store_explicit(&lock->held, 0, memory_order_release);
	record(&requests, now_ns() - began);
}

static void copy_message(char *to, const char *from)
{
	memcpy(to, from, (size_t)message_bytes);
	/* Nobody reads it; without this the compiler would drop the copy. */
	__asm__ volatile("" : : "r"(to) : "memory");
}

/* Sleep until woken; returns when it ran again. */
static int64_t await_wakeup(struct worker *self)
{
	int64_t now;

	wait_for_post(&self->woken);
	now = now_ns();
	record(&wakeups, now - atomic_load(&self->woken_at));
	return now;
}

static int64_t report_for_work(struct worker *self)
{
	struct worker *head = atomic_load(&self->boss->waiting);

	atomic_store(&self->woken, 0);
	do {
		self->next = head;
	} while (!atomic_compare_exchange_weak(&self->boss->waiting, &head, self));
	post(&self->boss->posted);
	return await_wakeup(self);
}

/* Return when the next request was due, which may be long ago. */
static int64_t await_request(struct worker *self)
{
	int64_t due;

	while (!take_request(&self->inbox, &due)) {
		atomic_store(&self->woken, 0);
		/* It may have come meanwhile: then nobody will wake us for it. */
		if (take_request(&self->inbox, &due))
			break;
		await_wakeup(self);
	}
	return due;
}

static void *work(void *argument)
{
	struct worker *self = argument;

	name_task(role_names[0]);
	for (;;) {
		int64_t began = by_the_clock() ? await_request(self) : report_for_work(self);

		if (message_bytes)
			copy_message(self->returned, self->sent);
		else
			serve(self, began);
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

			if (message_bytes)
				copy_message(list->sent, list->returned);
			atomic_store(&list->woken_at, now);
			post(&list->woken);
			list = next;
		}
	}
	return NULL;
}

static void hand_over(struct worker *worker, int64_t due)
{
	atomic_fetch_add(&came, 1);
	if (!put_request(&worker->inbox, due)) {
		atomic_fetch_add(&left_out, 1);
		return;
	}
	/* One that was woken and has not run yet keeps the stamp of its wake-up. */
	if (atomic_load(&worker->woken) == 0) {
		atomic_store(&worker->woken_at, now_ns());
		post(&worker->woken);
	}
}

/* Nobody handed out for so long: all at once they would only fill the inboxes. Returns how long
 * those took to come that are left out. */
static int64_t leave_out(int64_t late, int64_t spacing)
{
	int64_t missed = late / spacing;

	atomic_fetch_add(&came, (uint64_t)missed);
	atomic_fetch_add(&left_out, (uint64_t)missed);
	return missed * spacing;
}

static void *hand_out_by_the_clock(void *argument)
{
	struct message_thread *self = argument;
	struct worker *own = &workers[(self - bosses) * workers_per_group];
	/* The message threads take turns. */
	int64_t due = now_ns() + (self - bosses) * atomic_load(&spacing_ns);

	name_task(role_names[1]);
	sleep_exactly();
	for (long turn = 0;; turn = (turn + 1) % workers_per_group) {
		int64_t late = sleep_until(due);

		if (late > NS_PER_S)
			due += leave_out(late, atomic_load(&spacing_ns) * groups);
		hand_over(&own[turn], due);
		if (self == bosses)
			follow_cost(now_ns(), atomic_load(&served));
		due += atomic_load(&spacing_ns) * groups;
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

static void give_memory(void)
{
	for (long i = 0; i < groups * workers_per_group; i++) {
		struct worker *worker = &workers[i];

		worker->boss = &bosses[i / workers_per_group];
		worker->matrices = calloc(3 * side * side, sizeof(uint64_t));
		worker->sent = calloc(2, (size_t)message_bytes + 1);
		worker->returned = worker->sent + message_bytes;
	}
}

static long start_workers(long group)
{
	long started = 0;

	for (long i = 0; i < workers_per_group; i++) {
		struct worker *worker = &workers[group * workers_per_group + i];

		if (!worker->matrices || !worker->sent)
			atomic_fetch_add(&failures, 1);
		else
			started += start_thread(work, worker);
	}
	return started;
}

static long start_groups(void)
{
	void *(*body)(void *) = by_the_clock() ? hand_out_by_the_clock : hand_out;
	long started = 0;

	for (long i = 0; i < groups; i++)
		if (start_thread(body, &bosses[i]))
			started += start_workers(i);
	return started;
}

/* Until the first have been served, a request costs what it costs alone. */
static void set_first_spacing(void)
{
	int64_t began;

	if (!busy_pct || !workers[0].matrices) {
		set_spacing((double)rate_per_s);
		return;
	}
	compute(&workers[0]); /* touches its memory */
	began = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	compute(&workers[0]);
	set_spacing_by_cost((double)(clock_ns(CLOCK_THREAD_CPUTIME_ID) - began));
}

static long started_workers;
static struct meter wakeup_meter = { .live = &wakeups };
static struct meter request_meter = { .live = &requests };
static struct meter service_meter = { .live = &services };
static struct counter served_counter = { .live = &served };
static struct counter came_counter = { .live = &came };
static struct counter left_out_counter = { .live = &left_out };
static struct counter used_counter = { .live = &used_ns };

static void report_requests(void)
{
	report_percentile("request_p50_us", &request_meter, 0.50);
	report_percentile("request_p99_us", &request_meter, 0.99);
	report_percentile("service_p50_us", &service_meter, 0.50);
}

static void report_arrivals(double due, double lost, double elapsed_s)
{
	report_metric("due_per_s", per_second(due, elapsed_s));
	if (due > 0)
		report_metric("left_out_pct", 100 * lost / due);
}

static void report(enum report_kind kind, double elapsed_s)
{
	double count = counted(&served_counter, kind), due = counted(&came_counter, kind);
	double lost = counted(&left_out_counter, kind), used_cpu_ns;

	atomic_store(&used_ns, (uint64_t)clock_ns(CLOCK_PROCESS_CPUTIME_ID));
	used_cpu_ns = counted(&used_counter, kind);
	collect(&wakeup_meter, kind);
	collect(&request_meter, kind);
	collect(&service_meter, kind);
	if (kind == REPORT_START || kind == REPORT_SKIP)
		return;
	report_begin(kind);
	report_percentile("wakeup_p50_us", &wakeup_meter, 0.50);
	report_percentile("wakeup_p99_us", &wakeup_meter, 0.99);
	report_requests();
	report_metric("rate_per_s", per_second(count, elapsed_s));
	report_metric("busy_pct", cpu_share_pct(used_cpu_ns, elapsed_s));
	if (by_the_clock())
		report_arrivals(due, lost, elapsed_s);
	/* The bounds of a closed loop hold for nothing else. */
	if (!by_the_clock() && !calibrating && !message_bytes) {
		report_metric("workers", (double)started_workers);
		report_metric("sleep_us", (double)sleep_us);
	}
	report_metric("fork_failures", (double)atomic_load(&failures));
	report_end();
}

static void stop(void)
{
	/* Threads end with the process. */
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
		NUMBER_OPTION("-R", rate_per_s, 1, 1000000, "open loop: requests per second"),
		NUMBER_OPTION("-A", busy_pct, 1, 100, "open loop: per cent of all CPUs to be busy"),
		TOGGLE_OPTION("-C", calibrating, "no spin locks, requests without their sleep"),
		NUMBER_OPTION("-p", message_bytes, 1, 1 << 20,
			      "bytes of a message to copy there and back, no other work"),
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
	if (!!rate_per_s + !!busy_pct + calibrating + !!message_bytes > 1)
		refuse(options, "only one of them is possible", "-R -A -C -p");
	without_locks = without_locks || calibrating;
	side = side_of(footprint_kb);
	give_memory();
	set_first_spacing();
	started_workers = start_groups();
	if (!started_workers) {
		fprintf(stderr, "no worker could be started\n");
		return 1;
	}
	run_session(&session);
	_exit(0); /* workers may hold or spin on locks; nothing needs tidying */
}
