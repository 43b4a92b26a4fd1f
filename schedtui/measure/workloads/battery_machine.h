/* SPDX-License-Identifier: Apache-2.0
 *
 * Exercises of the battery that change the machine: cgroups, CPUs that come and go, memory.
 *
 * They run in a guest only, as its root. Each has a tidy function that puts everything back and
 * may be called at any time, also when nothing was changed.
 */
#ifndef SCHEDTUI_BATTERY_MACHINE_H
#define SCHEDTUI_BATTERY_MACHINE_H

#include <sys/stat.h>

#include "battery.h"
#include "battery_processes.h"
#include "battery_spinners.h"

/* ---- cgroups ------------------------------------------------------------------------------ */

#define CGROUPS "/sys/fs/cgroup"
enum { CGROUPS_PER_TASK = 4, CGROUP_TASKS = 2, RMDIR_TRIES = 40 };
static char home_cgroup[128];
static bool controller_added;
static long neighbours; /* index of the first of the tasks that are moved about */

static inline void read_home_cgroup(void)
{
	int fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
	char text[100] = "";
	ssize_t length = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	text[length > 0 ? length : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	snprintf(home_cgroup, sizeof(home_cgroup), CGROUPS "%s",
		 strncmp(text, "0::/", 4) == 0 ? text + 3 : "");
}

static inline bool tell_cgroup(const char *cgroup, const char *file, long number)
{
	char path[192], text[24];

	snprintf(path, sizeof(path), "%s/%s", cgroup, file);
	snprintf(text, sizeof(text), "%ld", number);
	return tell_kernel(path, text);
}

/* A process that has just been reaped may be counted for a moment longer. */
static inline bool remove_cgroup(const char *cgroup)
{
	for (int i = 0; i < RMDIR_TRIES; i++) {
		if (rmdir(cgroup) == 0 || errno == ENOENT)
			return true;
		if (errno != EBUSY)
			return false;
		sleep_ns(NS_PER_MS);
	}
	return false;
}

static inline void cgroup_path(char path[64], long task, long number)
{
	snprintf(path, 64, CGROUPS "/%.11s-%ld-%ld", stem, task, number);
}

/* Into a new cgroup with a child and a neighbour, another weight, out again, away with it. */
static inline bool visit_cgroup(const char *cgroup, pid_t neighbour, uint64_t *random)
{
	bool well = mkdir(cgroup, 0755) == 0;
	int status = 0;
	pid_t child;

	well &= tell_cgroup(cgroup, "cpu.weight", random_between(random, 1, 10000));
	well &= tell_cgroup(cgroup, "cgroup.procs", getpid());
	child = fork_short(live_shortly, 1);
	well &= tell_cgroup(cgroup, "cgroup.procs", neighbour);
	well &= tell_cgroup(cgroup, "cpu.weight", random_between(random, 1, 10000));
	if (child > 0 && waitpid(child, &status, 0) == child &&
	    !(WIFEXITED(status) && WEXITSTATUS(status) == 1))
		atomic_fetch_add(&shared->children_lost, 1);
	well &= tell_cgroup(home_cgroup, "cgroup.procs", neighbour);
	well &= tell_cgroup(home_cgroup, "cgroup.procs", getpid());
	return remove_cgroup(cgroup) && well;
}

static inline void wander_cgroups(long index)
{
	pid_t neighbour = tasks[neighbours + index % cpu_count];
	uint64_t random = random_state(index);
	char path[64];

	arrive();
	for (long i = 0;; i++) {
		cgroup_path(path, index, i % CGROUPS_PER_TASK);
		if (visit_cgroup(path, neighbour, &random))
			atomic_fetch_add(&shared->done, 1);
		else
			atomic_fetch_add(&shared->failed, 1);
		sleep_ns(random_between(&random, 1, 3) * NS_PER_MS);
	}
}

static inline void start_cgroups(void)
{
	read_home_cgroup();
	controller_added = tell_kernel(CGROUPS "/cgroup.subtree_control", "+cpu");
	if (!controller_added)
		atomic_fetch_add(&shared->failed, 1);
	neighbours = task_count;
	start_spinners(spin_freely, cpu_count, false);
	start_tasks(wander_cgroups, CGROUP_TASKS);
}

static inline void tidy_cgroups(void)
{
	char path[64], kill_file[80];

	for (long task = 0; task < CGROUP_TASKS; task++)
		for (long i = 0; i < CGROUPS_PER_TASK; i++) {
			cgroup_path(path, task, i);
			snprintf(kill_file, sizeof(kill_file), "%s/cgroup.kill", path);
			tell_kernel(kill_file, "1");
			remove_cgroup(path);
		}
	if (controller_added)
		tell_kernel(CGROUPS "/cgroup.subtree_control", "-cpu");
}

/* ---- lowly -------------------------------------------------------------------------------- */

/* Most tasks of a machine are in some group; these are in none, and never sleep. */
static inline void spin_in_root(long index)
{
	tell_cgroup(CGROUPS, "cgroup.procs", getpid());
	spin(index);
}

/* Light, but not so light that a fair share of it would take longer than a watchdog waits. */
static inline void spin_lightly(long index)
{
	setpriority(PRIO_PROCESS, 0, 10);
	spin(index);
}

/* Who is served only when nobody else wants to run is never served here. */
static inline void start_lowly(void)
{
	start_spinners(spin_in_root, 2 * cpu_count, true);
	start_spinners(spin_lightly, cpu_count, false);
	start_spinners(spin_freely, cpu_count, false);
}

static inline void report_lowly(void)
{
	report_metric("light_ms", given_ms(2 * cpu_count, cpu_count));
	report_metric("grouped_ms", given_ms(3 * cpu_count, cpu_count));
}

/* ---- weights ------------------------------------------------------------------------------ */

enum { HEAVIER, LIGHTER, WEIGHED_GROUPS };
static const long group_weights[WEIGHED_GROUPS] = { 300, 100 };

static inline void group_path(char path[64], long group)
{
	snprintf(path, 64, CGROUPS "/%.11s-weighed-%ld", stem, group);
}

static inline void spin_in_group(long index)
{
	char path[64];

	group_path(path, index < cpu_count ? HEAVIER : LIGHTER);
	if (!tell_cgroup(path, "cgroup.procs", getpid()))
		atomic_fetch_add(&shared->failed, 1);
	spin(index);
}

/* The lighter group has more tasks: who counts tasks and not groups gives it more. */
static inline void start_weights(void)
{
	bool well = controller_added = tell_kernel(CGROUPS "/cgroup.subtree_control", "+cpu");
	char path[64];

	for (long i = 0; i < WEIGHED_GROUPS; i++) {
		group_path(path, i);
		well &= mkdir(path, 0755) == 0;
		well &= tell_cgroup(path, "cpu.weight", group_weights[i]);
	}
	if (!well)
		atomic_fetch_add(&shared->failed, 1);
	start_spinners(spin_in_group, 3 * cpu_count, false);
}

/* CPU time of all tasks of a group. */
static inline void report_weights(void)
{
	report_metric("heavier_ms", (double)cpu_count * given_ms(0, cpu_count));
	report_metric("lighter_ms", 2.0 * (double)cpu_count * given_ms(cpu_count, 2 * cpu_count));
}

static inline void tidy_weights(void)
{
	char path[64], kill_file[80];

	for (long i = 0; i < WEIGHED_GROUPS; i++) {
		group_path(path, i);
		snprintf(kill_file, sizeof(kill_file), "%s/cgroup.kill", path);
		tell_kernel(kill_file, "1");
		remove_cgroup(path);
	}
	if (controller_added)
		tell_kernel(CGROUPS "/cgroup.subtree_control", "-cpu");
}

/* ---- hotplug ------------------------------------------------------------------------------ */

static inline bool set_online(int cpu, const char *word)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/online", cpu);
	return tell_kernel(path, word);
}

static inline void plug_and_unplug(long index)
{
	uint64_t random = random_state(index);

	arrive();
	for (;;) {
		int cpu = cpus[random_between(&random, 1, cpu_count - 1)];
		bool off = set_online(cpu, "0");
		bool on;

		sleep_ns(random_between(&random, 10, 30) * NS_PER_MS);
		on = set_online(cpu, "1");
		atomic_fetch_add(off && on ? &shared->done : &shared->failed, 1);
		sleep_ns(random_between(&random, 10, 30) * NS_PER_MS);
	}
}

static inline void start_hotplug(void)
{
	start_spinners(spin_freely, cpu_count, false);
	start_task(plug_and_unplug, 0);
}

static inline void tidy_hotplug(void)
{
	/* The first CPU is never taken away. */
	for (long i = 1; i < cpu_count; i++)
		set_online(cpus[i], "1");
}

/* ---- memory ------------------------------------------------------------------------------- */

enum { CHUNK = 2 << 20, FLOOR_MB = 40, MOST_CHUNKS = 2048, GIVEN_BACK = 16 };

static inline long available_mb(void)
{
	int fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
	char text[512] = "";
	ssize_t length = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	const char *at;

	if (fd >= 0)
		close(fd);
	text[length > 0 ? length : 0] = '\0';
	at = strstr(text, "MemAvailable:");
	return at ? atol(at + strlen("MemAvailable:")) / 1024 : 0;
}

static inline long note_available(void)
{
	long left = available_mb();

	if ((uint64_t)left < atomic_load(&shared->least_mb))
		atomic_store(&shared->least_mb, (uint64_t)left);
	return left;
}

static inline void *take_chunk(void)
{
	void *chunk = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (chunk != MAP_FAILED)
		return chunk;
	atomic_fetch_add(&shared->failed, 1);
	return NULL;
}

/* Take memory until little is left, then give a part of it back and take it again. Two at work
 * at once may go one chunk below the floor. */
static inline void eat_memory(long index)
{
	static void *chunks[MOST_CHUNKS];
	long count = 0;

	(void)index;
	/* Should memory run out after all, this one is the right one to go. */
	tell_kernel("/proc/self/oom_score_adj", "1000");
	arrive();
	for (;;) {
		while (count < MOST_CHUNKS && note_available() > FLOOR_MB &&
		       (chunks[count] = take_chunk()))
			count++;
		sleep_ns(5 * NS_PER_MS);
		for (int i = 0; i < GIVEN_BACK && count > 0; i++)
			munmap(chunks[--count], CHUNK);
		atomic_fetch_add(&shared->done, 1);
	}
}

static inline void start_memory(void)
{
	atomic_store(&shared->least_mb, (uint64_t)available_mb());
	start_tasks(eat_memory, cpu_count);
}

static inline void report_memory(void)
{
	report_metric("memory_least_mb", (double)atomic_load(&shared->least_mb));
}

#endif
