/* SPDX-License-Identifier: Apache-2.0
 *
 * What all workloads share: clock, histogram, options, reports and an orderly end.
 *
 * The programs run as an unprivileged user in a guest that holds nothing else, so they open no
 * files, start no other program and need no library. Every run ends by itself or on SIGTERM,
 * and no child outlives its parent, however the parent ended.
 */
#ifndef SCHEDTUI_WORKLOAD_H
#define SCHEDTUI_WORKLOAD_H

#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S 1000000000LL
#define NS_PER_MS 1000000LL
#define NS_PER_US 1000LL
/* Counters written by different CPUs must not share a cache line: the false sharing would be
 * measured together with the scheduler. */
#define CACHE_LINE 64

/* ---- clock ------------------------------------------------------------------------------ */

static inline int64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static inline int64_t now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

static inline struct timespec as_timespec(int64_t ns)
{
	return (struct timespec){ .tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S };
}

static inline void sleep_ns(int64_t ns)
{
	struct timespec pause = as_timespec(ns);

	nanosleep(&pause, NULL);
}

/* Burn CPU until `clock` (a CPU-time clock) has advanced by `ns`. CPU time, not iterations, so
 * that a job is equally long on a fast host and in an emulated guest. */
static inline void burn(clockid_t clock, int64_t ns)
{
	int64_t end = clock_ns(clock) + ns;

	do {
		for (uint32_t i = 0; i < 2000; i++)
			__asm__ volatile("" : : "r"(i));
	} while (clock_ns(clock) < end);
}

/* xorshift64: repeatable from the seed, which a trial needs. */
static inline uint64_t next_random(uint64_t *state)
{
	uint64_t x = *state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return *state = x;
}

/* ---- futex ------------------------------------------------------------------------------ */

static inline void futex_wait(_Atomic uint32_t *word, uint32_t expected)
{
	syscall(SYS_futex, word, FUTEX_WAIT, expected, NULL, NULL, 0);
}

static inline void futex_wake(_Atomic uint32_t *word, int count)
{
	syscall(SYS_futex, word, FUTEX_WAKE, count, NULL, NULL, 0);
}

/* Set a word that one task sleeps on; the system call is saved when it was set already. */
static inline void post(_Atomic uint32_t *word)
{
	if (atomic_exchange(word, 1) == 0)
		futex_wake(word, 1);
}

static inline void wait_for_post(_Atomic uint32_t *word)
{
	while (atomic_load(word) == 0)
		futex_wait(word, 0);
}

/* ---- memory that survives fork ------------------------------------------------------------ */

static inline void *shared_memory(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED) {
		fprintf(stderr, "not enough memory: %zu bytes\n", bytes);
		exit(1);
	}
	return memory;
}

/* ---- histogram ---------------------------------------------------------------------------
 * Everything below 1.024 us is one bucket; above it every power of two has 64 equal steps, up
 * to about 68 s. A percentile is the upper edge of its bucket: at most 1.6 % too high, never
 * too low. Counts only grow, so a reader takes differences and writers never wait. */

enum { HIST_SHIFT = 10, HIST_OCTAVES = 26, HIST_STEPS = 64 };
enum { HIST_BUCKETS = 1 + HIST_OCTAVES * HIST_STEPS };

struct histogram {
	_Atomic uint64_t counts[HIST_BUCKETS];
};

static inline void record(struct histogram *histogram, int64_t ns)
{
	int bucket = 0;

	if (ns >= 1 << HIST_SHIFT) {
		int octave = 63 - __builtin_clzll((unsigned long long)ns);
		int step = (int)(ns >> (octave - 6)) & (HIST_STEPS - 1);

		bucket = 1 + (octave - HIST_SHIFT) * HIST_STEPS + step;
		if (bucket >= HIST_BUCKETS)
			bucket = HIST_BUCKETS - 1;
	}
	atomic_fetch_add_explicit(&histogram->counts[bucket], 1, memory_order_relaxed);
}

static inline double upper_edge_us(int bucket)
{
	int octave = HIST_SHIFT + (bucket - 1) / HIST_STEPS;
	int step = (bucket - 1) % HIST_STEPS;

	if (bucket == 0)
		return (double)(1LL << HIST_SHIFT) / NS_PER_US;
	return (double)((1LL << octave) + ((step + 1LL) << (octave - 6))) / NS_PER_US;
}

/* ---- reports ------------------------------------------------------------------------------ */

enum report_kind {
	REPORT_START, /* warm-up is over: forget all that was counted */
	REPORT_SKIP,  /* the load was paused: forget the running second */
	REPORT_SECOND,
	REPORT_FINAL,
};

static bool json_output;
static char report_text[1536];
static size_t report_used;
static int report_metrics;

__attribute__((format(printf, 1, 2))) static inline void report_add(const char *format, ...)
{
	va_list arguments;
	size_t room = sizeof(report_text) - report_used;
	int added;

	va_start(arguments, format);
	added = vsnprintf(report_text + report_used, room, format, arguments);
	va_end(arguments);
	if (added > 0 && (size_t)added < room)
		report_used += (size_t)added;
}

static inline void report_begin(enum report_kind kind)
{
	const char *name = kind == REPORT_FINAL ? "final" : "second";

	report_used = 0;
	report_metrics = 0;
	report_add(json_output ? "{\"kind\":\"%s\",\"metrics\":{" : "%-7s", name);
}

static inline void report_metric(const char *name, double value)
{
	const char *comma = report_metrics++ ? "," : "";

	if (json_output)
		report_add("%s\"%s\":%.3f", comma, name, value);
	else
		report_add(" %s %.1f ", name, value);
}

/* One write per line, so that a reader never sees half a line of a live program. */
static inline void report_end(void)
{
	size_t done = 0;

	report_add(json_output ? "}}\n" : "\n");
	while (done < report_used) {
		ssize_t wrote = write(STDOUT_FILENO, report_text + done, report_used - done);

		if (wrote < 0 && errno != EINTR)
			return;
		done += wrote > 0 ? (size_t)wrote : 0;
	}
}

/* A growing counter as its reader sees it: what came since the last report and since the start. */
struct counter {
	_Atomic uint64_t *live;
	uint64_t last;
	uint64_t start;
};

static inline double counted(struct counter *counter, enum report_kind kind)
{
	uint64_t now = atomic_load(counter->live);
	uint64_t since = now - (kind == REPORT_FINAL ? counter->start : counter->last);

	counter->last = now;
	if (kind == REPORT_START)
		counter->start = now;
	return (double)since;
}

/* The same for a histogram; `since` holds what the last call of `collect` found. */
struct meter {
	struct histogram *live;
	uint64_t last[HIST_BUCKETS];
	uint64_t start[HIST_BUCKETS];
	uint64_t since[HIST_BUCKETS];
	uint64_t total;
};

static inline void collect(struct meter *meter, enum report_kind kind)
{
	meter->total = 0;
	for (int i = 0; i < HIST_BUCKETS; i++) {
		uint64_t now = atomic_load_explicit(&meter->live->counts[i], memory_order_relaxed);

		meter->since[i] = now - (kind == REPORT_FINAL ? meter->start[i] : meter->last[i]);
		meter->total += meter->since[i];
		meter->last[i] = now;
		if (kind == REPORT_START)
			meter->start[i] = now;
	}
}

static inline double percentile_us(const struct meter *meter, double share)
{
	uint64_t wanted = (uint64_t)((double)meter->total * share + 0.999999);
	uint64_t seen = 0;

	for (int i = 0; i < HIST_BUCKETS; i++) {
		seen += meter->since[i];
		if (seen >= wanted && seen > 0)
			return upper_edge_us(i);
	}
	return 0;
}

/* Silence is not zero: without an observation the metric is left out. */
static inline void report_percentile(const char *name, const struct meter *meter, double share)
{
	if (meter->total > 0)
		report_metric(name, percentile_us(meter, share));
}

/* ---- options ------------------------------------------------------------------------------ */

static long run_seconds; /* 0: until told to end */
static bool held;	 /* wait for one byte on stdin first, and end when stdin closes */

struct option_row {
	const char *flag;
	long *number; /* exactly one of number, toggle and text is set */
	bool *toggle;
	const char **text;
	long minimum;
	long maximum;
	const char *meaning;
};

static inline void print_options(FILE *out, const struct option_row *rows)
{
	for (; rows->flag; rows++) {
		fprintf(out, "  %-12s %s", rows->flag, rows->meaning);
		if (rows->number)
			fprintf(out, " (%ld to %ld)", rows->minimum, rows->maximum);
		fprintf(out, "\n");
	}
}

static inline _Noreturn void refuse(const struct option_row *rows, const char *problem,
				    const char *argument)
{
	fprintf(stderr, "%s: %s\n", problem, argument);
	print_options(stderr, rows);
	exit(2);
}

static inline void set_number(const struct option_row *rows, const struct option_row *row,
			      const char *text)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (errno || *end || end == text || value < row->minimum || value > row->maximum)
		refuse(rows, "number out of range", text);
	*row->number = value;
}

static inline void parse_options(const struct option_row *rows, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const struct option_row *row = rows;

		if (strcmp(argv[i], "--help") == 0) {
			print_options(stdout, rows);
			exit(0);
		}
		while (row->flag && strcmp(row->flag, argv[i]) != 0)
			row++;
		if (!row->flag)
			refuse(rows, "unknown option", argv[i]);
		if (row->toggle) {
			*row->toggle = true;
			continue;
		}
		if (i + 1 == argc)
			refuse(rows, "a value is missing after", argv[i]);
		i++;
		if (row->text)
			*row->text = argv[i];
		else
			set_number(rows, row, argv[i]);
	}
}

#define NUMBER_OPTION(flag, variable, low, high, meaning) \
	{ flag, &(variable), NULL, NULL, low, high, meaning }
#define TOGGLE_OPTION(flag, variable, meaning) { flag, NULL, &(variable), NULL, 0, 0, meaning }
#define TEXT_OPTION(flag, variable, meaning) { flag, NULL, NULL, &(variable), 0, 0, meaning }
#define COMMON_OPTIONS                                                                       \
	NUMBER_OPTION("-r", run_seconds, 0, 86400, "seconds to run, 0 until told to end"),   \
		TOGGLE_OPTION("--json", json_output, "one JSON object per line"),            \
		TOGGLE_OPTION("--hold", held, "start on a byte from stdin, end with stdin"), \
	{                                                                                    \
		NULL, NULL, NULL, NULL, 0, 0, NULL                                           \
	}

/* ---- processes ---------------------------------------------------------------------------- */

static inline void name_task(const char *name)
{
	prctl(PR_SET_NAME, name, 0, 0, 0);
}

static inline sigset_t watched_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGCONT);
	return set;
}

/* Names say nothing of what a task does, unless somebody asks for it: a policy that goes by names
 * would else be measured by what it was told. */
#define PLAIN_NAME "task"
#define PLAIN_NAMES "task-a,task-b"

enum { MAX_ROLES = 3 };
static const char *names_text;
static char role_names[MAX_ROLES][16];

#define NAMES_OPTION(meaning) TEXT_OPTION("--names", names_text, "process names: " meaning)

/* Split `--names` into one for each role; ends the program when they do not fit. */
static inline void take_names(const struct option_row *options, int roles, const char *usual)
{
	const char *rest = names_text ? names_text : usual;

	for (int i = 0; i < roles; i++) {
		size_t length = strcspn(rest, ",");
		bool more = rest[length] != '\0';

		if (!length || length > sizeof(role_names[i]) - 1 || more != (i + 1 < roles))
			refuse(options, "names of at most 15 letters are needed", names_text);
		memcpy(role_names[i], rest, length);
		rest += length + more;
	}
}

/* First thing in every child. The parent may have died before prctl took effect, hence the
 * second look. */
static inline void begin_child(const char *name, pid_t parent)
{
	sigset_t set = watched_signals();

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent)
		_exit(0);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	name_task(name);
}

/* Reap everything that is still ours, but never wait longer than 300 ms for it. */
static inline void reap_all(void)
{
	int64_t end = now_ns() + 300 * NS_PER_MS;

	while (now_ns() < end) {
		pid_t pid = waitpid(-1, NULL, WNOHANG);

		if (pid < 0)
			return;
		if (pid == 0)
			sleep_ns(NS_PER_MS);
	}
}

static inline bool told_to_stop(void)
{
	sigset_t pending;

	sigpending(&pending);
	return sigismember(&pending, SIGTERM) || sigismember(&pending, SIGINT) ||
	       sigismember(&pending, SIGHUP);
}

/* A start line for many tasks: they gather, then all are let go at once. */
struct gate {
	_Atomic uint32_t open;
	_Atomic uint32_t gathered;
};

static inline void gather(struct gate *gate)
{
	atomic_fetch_add(&gate->gathered, 1);
	wait_for_post(&gate->open);
}

/* Wait until `count` tasks are at the gate. A task that died on the way must not hang the run,
 * hence the limit. Sleeping in steps is fine here: nothing is measured yet. */
static inline void await_gathered(struct gate *gate, uint32_t count)
{
	int64_t end = now_ns() + 5 * NS_PER_S;

	while (atomic_load(&gate->gathered) < count && now_ns() < end && !told_to_stop())
		sleep_ns(200 * NS_PER_US);
}

static inline void open_gate(struct gate *gate)
{
	atomic_store(&gate->open, 1);
	futex_wake(&gate->open, INT_MAX);
}

/* ---- the run ------------------------------------------------------------------------------ */

struct session {
	int64_t warm_up_ns;	   /* not counted */
	int done_fd;		   /* becomes readable when the work is complete; -1: never */
	bool (*child_ended)(void); /* after SIGCHLD; true: the work is complete */
	void (*report)(enum report_kind kind, double elapsed_s);
	void (*stop)(void); /* kill all children, without waiting */
};

static int signal_fd;

/* To be called first, before any thread or child: they inherit the blocked signals, so that
 * only the event loop of the main thread takes them. */
static inline void prepare(const char *name)
{
	sigset_t set = watched_signals();
	char go;

	sigprocmask(SIG_BLOCK, &set, NULL);
	signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	name_task(name);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	if (!held)
		return;
	/* SIGKILL also ends a paused program, which a closed stdin cannot. */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (read(STDIN_FILENO, &go, 1) != 1)
		exit(0);
}

enum { EVENT_STOP = 1, EVENT_CHILD = 2, EVENT_RESUMED = 4, EVENT_DONE = 8 };

static inline int read_signals(void)
{
	struct signalfd_siginfo info;
	int events = 0;

	while (read(signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			events |= EVENT_CHILD;
		else if (info.ssi_signo == SIGCONT)
			events |= EVENT_RESUMED;
		else
			events |= EVENT_STOP;
	}
	return events;
}

/* Sleep until something happened or until `deadline`, and say what. */
static inline int next_events(int done_fd, int64_t deadline)
{
	struct pollfd fds[3] = {
		{ .fd = signal_fd, .events = POLLIN },
		{ .fd = done_fd, .events = POLLIN },
		{ .fd = held ? STDIN_FILENO : -1, .events = 0 },
	};
	int64_t left = deadline - now_ns();
	struct timespec limit = as_timespec(left > 0 ? left : 0);

	if (ppoll(fds, 3, &limit, NULL) <= 0)
		return 0;
	return (fds[0].revents ? read_signals() : 0) | (fds[1].revents ? EVENT_DONE : 0) |
	       (fds[2].revents ? EVENT_STOP : 0);
}

static inline double seconds_between(int64_t from, int64_t to)
{
	return (double)(to - from) / NS_PER_S;
}

/* Report each second until the work is complete, the time is over or a signal says stop. */
static inline void run_session(const struct session *session)
{
	int64_t start = now_ns() + session->warm_up_ns;
	int64_t last = start, end = start + run_seconds * NS_PER_S;
	bool warm = session->warm_up_ns == 0, complete = false;

	while (!complete) {
		int64_t next = !warm ? start : last + NS_PER_S;
		int64_t wanted = run_seconds && end < next ? end : next;
		int events = next_events(session->done_fd, wanted);
		int64_t now = now_ns();

		complete = (events & (EVENT_STOP | EVENT_DONE)) || (run_seconds && now >= end);
		/* Not after a stop: ended children must not start another round. */
		if (!complete && (events & EVENT_CHILD) && session->child_ended)
			complete = session->child_ended();
		if (complete || (now < next && !(events & EVENT_RESUMED)))
			continue;
		/* The pause would show as one enormous latency of nobody's making. */
		session->report(!warm			   ? REPORT_START
				: (events & EVENT_RESUMED) ? REPORT_SKIP
							   : REPORT_SECOND,
				seconds_between(last, now));
		if (!warm)
			start = now, end = start + run_seconds * NS_PER_S;
		warm = true;
		last = now;
	}
	session->stop();
	/* Only now: who has to wait for a CPU between the clock and the counters finds more counted
	 * than belongs to that time, and a scheduler would look the better for it. */
	session->report(REPORT_FINAL, seconds_between(start, now_ns()));
	reap_all();
}

#endif
