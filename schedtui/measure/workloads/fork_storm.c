/* SPDX-License-Identifier: Apache-2.0
 *
 * A storm of short-lived processes: fork, a little CPU time, exit.
 *
 * Each parent keeps a number of children alive and replaces one as soon as it has reaped it, as
 * a build or a shell script does. What is measured is how a scheduler treats tasks that it has
 * never seen and will never see again.
 *
 * rate_per_s: children forked, run to their end and reaped, per second, over all parents.
 * start_*: from the parent calling fork to the child running.
 * life_*: from the parent calling fork to the parent having reaped the child.
 */
#include "crew.h"

enum { MAX_PARENTS = 64, MAX_AT_ONCE = 64 };

static long parents = 2, at_once = 2, work_us = 500;

static struct shared {
	struct histogram starts, lives;
	_Atomic uint64_t ended, lost, failures;
} *shared;

struct child {
	pid_t pid; /* 0: none */
	int64_t asked_at;
};

static _Noreturn void live(int64_t asked_at, pid_t parent)
{
	record(&shared->starts, now_ns() - asked_at);
	begin_child(role_names[1], parent);
	burn(CLOCK_PROCESS_CPUTIME_ID, work_us * NS_PER_US);
	_exit(0);
}

static void spawn(struct child *child, pid_t self)
{
	child->asked_at = now_ns();
	child->pid = fork();
	if (child->pid == 0)
		live(child->asked_at, self);
	if (child->pid > 0)
		return;
	child->pid = 0;
	atomic_fetch_add(&shared->failures, 1);
	sleep_ns(20 * NS_PER_MS); /* try again later rather than spin */
}

static void reap_one(struct child *children)
{
	int status;
	pid_t pid = waitpid(-1, &status, 0);
	int64_t now = now_ns();

	for (long i = 0; pid > 0 && i < at_once; i++) {
		if (children[i].pid != pid)
			continue;
		children[i].pid = 0;
		record(&shared->lives, now - children[i].asked_at);
		atomic_fetch_add(status ? &shared->lost : &shared->ended, 1);
	}
}

static void blow(long index)
{
	struct child children[MAX_AT_ONCE] = { 0 };
	pid_t self = getpid();

	(void)index;
	for (;;) {
		for (long i = 0; i < at_once; i++)
			if (!children[i].pid)
				spawn(&children[i], self);
		reap_one(children);
	}
}

static struct meter start_meter, life_meter;
static struct counter ended_counter;

static void report(enum report_kind kind, double elapsed_s)
{
	double ended = counted(&ended_counter, kind);

	collect(&start_meter, kind);
	collect(&life_meter, kind);
	if (kind == REPORT_START || kind == REPORT_SKIP)
		return;
	report_begin(kind);
	report_metric("rate_per_s", per_second(ended, elapsed_s));
	report_percentile("start_p50_us", &start_meter, 0.50);
	report_percentile("start_p99_us", &start_meter, 0.99);
	report_percentile("life_p50_us", &life_meter, 0.50);
	report_percentile("life_p99_us", &life_meter, 0.99);
	report_metric("children", ended);
	report_metric("lost_children", (double)atomic_load(&shared->lost));
	report_metric("fork_failures", (double)atomic_load(&shared->failures));
	report_end();
}

int main(int argc, char **argv)
{
	const struct option_row options[] = {
		NUMBER_OPTION("--parents", parents, 1, MAX_PARENTS, "processes that fork"),
		NUMBER_OPTION("--at-once", at_once, 1, MAX_AT_ONCE, "children of each at a time"),
		NUMBER_OPTION("--work-us", work_us, 1, 10000000, "CPU time of each child"),
		NAMES_OPTION("parents,children"),
		COMMON_OPTIONS,
	};

	parse_options(options, argc, argv);
	take_names(options, 2, PLAIN_NAMES);
	prepare(PLAIN_NAME);
	shared = shared_memory(sizeof(*shared));
	start_meter.live = &shared->starts;
	life_meter.live = &shared->lives;
	ended_counter.live = &shared->ended;
	return run_crew(enlist_many(role_names[0], blow, parents), report, 250 * NS_PER_MS);
}
