/* SPDX-License-Identifier: Apache-2.0
 *
 * The battery: exercises that a scheduler must survive, one per run: battery NAME [OPTIONS].
 *
 * Beside each exercise's own load runs a victim, which sleeps 1 ms and works 50 us, again and
 * again. Unlike other workloads this one runs as root, and only in a guest: it needs real-time
 * tasks, negative nice values, cgroups and CPU hotplug. The first process of a run, its
 * supervisor, is a real-time task, so that a run ends on time whatever the policy under test
 * does; all others are ordinary tasks.
 *
 * victim_gap_ms: longest time between two steps of the victim, its sleep included. For every such
 * wait there is also the longest without what a CPU stood still meanwhile: victim_gap_awake_ms.
 * victim_p99_ms: 99th percentile of the same.
 * newborn_ms: longest time from the call of fork to the child's first step.
 * kthread_delay_ms: longest time that work queued on every CPU's kernel thread took.
 * children_lost: children that ended in a way they should not, long-lived ones included.
 * tasks_missing: tasks that never began or did not live to the end.
 * least_progress_pct, jain_pct: CPU time of equal-weight spinners, the least as a share of the
 * mean, and Jain's index. busy_pct: share of all CPU time that spinners were given. work: units
 * of work per second that all spinners finished.
 */
#include "battery.h"
#include "battery_machine.h"
#include "battery_processes.h"
#include "battery_report.h"
#include "battery_spinners.h"
#include "battery_waits.h"

struct exercise {
	const char *name;
	void (*start)(void);
	void (*tidy)(void);	  /* puts the machine back; NULL: nothing to put back */
	void (*report)(void);	  /* figures of its own beyond those named here */
	const char *rate_name;	  /* of `done`, per second */
	const char *count_name;	  /* of `done` */
	const char *failed_name;  /* of `failed` */
	const char *longest_name; /* of its own waits, without unit */
	int needs_cpus;
	bool guest_only;
};

static void start_idle(void)
{
}

static const struct exercise exercises[] = {
	{ .name = "idle", .start = start_idle },
	{ .name = "saturated", .start = start_saturated, .longest_name = "newborn" },
	{ .name = "forks", .start = start_forks, .rate_name = "forks_per_s" },
	{ .name = "execs", .start = start_execs, .rate_name = "execs_per_s" },
	{ .name = "pinned", .start = start_pinned, .longest_name = "pinned_gap" },
	{ .name = "nice", .start = start_nice, .report = report_nice },
	{ .name = "rt_hog", .start = start_rt_hog, .guest_only = true },
	{ .name = "ping_pong",
	  .start = start_ping_pong,
	  .rate_name = "round_trips_per_s",
	  .longest_name = "round_trip" },
	{ .name = "convoy",
	  .start = start_convoy,
	  .rate_name = "locks_per_s",
	  .longest_name = "lock_wait" },
	{ .name = "cgroups",
	  .start = start_cgroups,
	  .tidy = tidy_cgroups,
	  .count_name = "cgroups",
	  .failed_name = "cgroups_failed",
	  .guest_only = true },
	{ .name = "lowly", .start = start_lowly, .report = report_lowly, .guest_only = true },
	{ .name = "weights",
	  .start = start_weights,
	  .tidy = tidy_weights,
	  .report = report_weights,
	  .failed_name = "weights_failed",
	  .guest_only = true },
	{ .name = "hotplug",
	  .start = start_hotplug,
	  .tidy = tidy_hotplug,
	  .count_name = "hotplugs",
	  .failed_name = "hotplugs_failed",
	  .needs_cpus = 2,
	  .guest_only = true },
	{ .name = "memory",
	  .start = start_memory,
	  .report = report_memory,
	  .count_name = "memory_rounds",
	  .failed_name = "memory_failed",
	  .guest_only = true },
	{ .name = "wakeups",
	  .start = start_wakeups,
	  .rate_name = "wakeups_per_s",
	  .longest_name = "herd" },
	{ .name = "pins512",
	  .start = start_pins512,
	  .rate_name = "moves_per_s",
	  .failed_name = "moves_failed",
	  .longest_name = "pin_late" },
	{ .name = "yield_storm", .start = start_yield_storm, .rate_name = "yields_per_s" },
};

enum { EXERCISES = sizeof(exercises) / sizeof(exercises[0]) };

static const struct exercise *exercise;
static const char *seconds_text = "1.0";
static bool in_guest;

/* Longest time that the tasks may take to begin; who comes later counts from the start as well. */
#define GATHER_NS (500 * NS_PER_MS)

static void await_arrivals(void)
{
	int64_t end = now_ns() + GATHER_NS;

	while (atomic_load(&shared->gate.gathered) < tasks_wanted && now_ns() < end &&
	       !told_to_stop())
		sleep_ns(200 * NS_PER_US);
}

static void begin(void)
{
	if (in_guest)
		start_tasks(keep_pulse, cpu_count);
	start_task(be_victim, 0);
	if (in_guest)
		start_task(probe_kthreads, 0);
	exercise->start();
	await_arrivals();
	atomic_store(&shared->opened_at, now_ns());
	wait_begins(VICTIM_WAIT, now_ns());
	open_gate(&shared->gate);
}

static void run_until(int64_t end)
{
	while (now_ns() < end)
		if (next_events(-1, end) & EVENT_STOP)
			return;
}

static void report_own(int64_t end, double elapsed_s)
{
	double done = (double)atomic_load(&shared->done);

	if (exercise->rate_name)
		report_metric(exercise->rate_name, done / elapsed_s);
	if (exercise->count_name)
		report_metric(exercise->count_name, done);
	if (exercise->failed_name)
		report_count(exercise->failed_name, &shared->failed);
	if (exercise->longest_name)
		report_wait(exercise->longest_name, FIRST_OWN_WAIT, waits_used - FIRST_OWN_WAIT,
			    end);
	if (exercise->report)
		exercise->report();
}

/* ---- the run ------------------------------------------------------------------------------ */

static void stop_all(void)
{
	for (long i = 0; i < task_count; i++)
		kill(tasks[i], SIGKILL);
	reap_all();
	if (exercise->tidy)
		exercise->tidy();
}

static int64_t wanted_ns(const struct option_row *options)
{
	char *end;
	double seconds = strtod(seconds_text, &end);

	if (*end || end == seconds_text || !(seconds >= 0.1) || seconds > 600)
		refuse(options, "between 0.1 and 600 seconds are possible", seconds_text);
	return (int64_t)(seconds * NS_PER_S);
}

static void choose(const struct option_row *options, const char *name)
{
	for (int i = 0; i < EXERCISES; i++)
		if (strcmp(exercises[i].name, name) == 0)
			exercise = &exercises[i];
	if (!exercise)
		refuse(options, "there is no such exercise", name);
}

static void check_machine(const struct option_row *options)
{
	if (exercise->guest_only && !in_guest)
		refuse(options, "this exercise changes the machine: it runs in a guest only",
		       exercise->name);
	if (cpu_count < exercise->needs_cpus)
		refuse(options, "this exercise needs more CPUs", exercise->name);
}

int main(int argc, char **argv)
{
	const struct option_row options[] = {
		TEXT_OPTION("--seconds", seconds_text, "seconds to measure"),
		NUMBER_OPTION("--seed", seed, 1, INT_MAX, "seed of names, orders and pauses"),
		TEXT_OPTION("--names", stem, "how the names of all tasks begin"),
		TOGGLE_OPTION("--guest", in_guest, "this machine is a guest of ours"),
		TOGGLE_OPTION("--json", json_output, "one JSON object per line"),
		TOGGLE_OPTION("--hold", held, "start on a byte from stdin, end with stdin"),
		{ .flag = NULL },
	};
	int64_t length, end;
	char name[16];

	if (argc == 3 && strcmp(argv[1], CHILD_OPTION) == 0)
		return as_executed_child(argv[2]);
	if (argc < 2)
		refuse(options, "an exercise is missing", "NAME");
	choose(options, argv[1]);
	parse_options(options, argc - 1, argv + 1);
	length = wanted_ns(options);
	find_cpus();
	check_machine(options);
	own_name(name, 0);
	prepare(name);
	if (in_guest)
		become_realtime(SUPERVISOR_RANK);
	shared = shared_memory(sizeof(*shared));
	begin();
	run_until(atomic_load(&shared->opened_at) + length);
	end = now_ns();
	report_begin(REPORT_FINAL);
	report_common(end, seconds_between(atomic_load(&shared->opened_at), end));
	report_own(end, seconds_between(atomic_load(&shared->opened_at), end));
	stop_all();
	report_end();
	return 0;
}
