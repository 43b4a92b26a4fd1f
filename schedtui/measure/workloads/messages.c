/* SPDX-License-Identifier: Apache-2.0
 *
 * Message passing: groups of senders and receivers over socket pairs.
 *
 * Every sender writes to every receiver of its group, so that tasks block and wake all the
 * time. The work per message is next to nothing: what is left is the cost of wake-ups and
 * switches, and of whatever observes them.
 *
 * rate_per_s: messages received per second.
 * total_ms: from the common start until the last message was received, or the time run.
 */
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "workload.h"

enum { MAX_GROUPS = 64, MAX_SIDE = 64, MESSAGE_BYTES = 100 };

struct tally {
	_Alignas(CACHE_LINE) _Atomic uint64_t received;
};

static long groups = 2, tasks_per_side = 4, loops;
static bool with_threads;

static struct shared {
	struct gate gate;
	_Atomic uint32_t receivers_left;
	_Atomic uint32_t cancelled[MAX_GROUPS];
	_Atomic int64_t ended_at;
	_Atomic uint64_t received;
	struct tally tallies[MAX_GROUPS * MAX_SIDE];
} *shared;

struct member {
	long group;
	long index;
	bool sends;
};

static struct member members[2 * MAX_GROUPS * MAX_SIDE];
static pid_t pids[2 * MAX_GROUPS * MAX_SIDE];
static int sockets[MAX_GROUPS][MAX_SIDE][2];
static long member_count, started;
static uint64_t failures;
static int done_fd;
static int64_t started_at;

static void send_all(const struct member *self)
{
	char message[MESSAGE_BYTES] = { 0 };

	for (long round = 0; !loops || round < loops; round++)
		for (long i = 0; i < tasks_per_side; i++)
			if (send(sockets[self->group][i][0], message, sizeof(message),
				 MSG_NOSIGNAL) < 0)
				return;
}

static void receiver_done(void)
{
	uint64_t one = 1;

	if (atomic_fetch_sub(&shared->receivers_left, 1) != 1)
		return;
	atomic_store(&shared->ended_at, now_ns());
	if (write(done_fd, &one, sizeof(one)) < 0)
		_exit(1);
}

static void receive_all(const struct member *self)
{
	struct tally *tally = &shared->tallies[self->group * MAX_SIDE + self->index];
	uint64_t wanted = (uint64_t)(loops * tasks_per_side);
	char message[MESSAGE_BYTES];

	for (uint64_t count = 1; !wanted || count <= wanted; count++) {
		if (recv(sockets[self->group][self->index][1], message, sizeof(message), 0) <= 0)
			return;
		atomic_store_explicit(&tally->received, count, memory_order_relaxed);
	}
	receiver_done();
}

static void *take_part(void *argument)
{
	const struct member *self = argument;

	name_task(role_names[!self->sends]);
	gather(&shared->gate);
	/* A group that lacks a member could block for ever, so it does not begin at all. */
	if (atomic_load(&shared->cancelled[self->group]))
		return NULL;
	if (self->sends)
		send_all(self);
	else
		receive_all(self);
	return NULL;
}

static bool start_member(struct member *member, pid_t parent)
{
	pthread_t thread;
	pid_t pid;

	if (with_threads)
		return pthread_create(&thread, NULL, take_part, member) == 0;
	pid = fork();
	if (pid == 0) {
		begin_child(role_names[!member->sends], parent);
		take_part(member);
		_exit(0);
	}
	pids[member - members] = pid > 0 ? pid : 0;
	return pid > 0;
}

static bool open_sockets(long group)
{
	for (long i = 0; i < tasks_per_side; i++)
		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets[group][i]) < 0)
			return false;
	return true;
}

static void start_group(long group)
{
	pid_t parent = getpid();
	bool whole = open_sockets(group);

	if (!whole)
		failures++;
	for (long i = 0; whole && i < 2 * tasks_per_side; i++) {
		struct member *member = &members[member_count++];

		*member = (struct member){ group, i / 2, i % 2 == 0 };
		whole = start_member(member, parent);
		started += whole;
		failures += !whole;
	}
	if (whole)
		atomic_fetch_add(&shared->receivers_left, (uint32_t)tasks_per_side);
	else
		atomic_store(&shared->cancelled[group], 1);
}

static void stop(void)
{
	for (long i = 0; i < member_count; i++)
		if (pids[i] > 0)
			kill(pids[i], SIGKILL);
}

static bool child_ended(void)
{
	pid_t pid;

	/* A finished pid must be forgotten: its number may come to belong to someone else. */
	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		for (long i = 0; i < member_count; i++)
			if (pids[i] == pid)
				pids[i] = 0;
	return false;
}

static struct counter received_counter;

static void report(enum report_kind kind, double elapsed_s)
{
	int64_t ended_at = atomic_load(&shared->ended_at);
	uint64_t total = 0;
	double count;

	for (long i = 0; i < MAX_GROUPS * MAX_SIDE; i++)
		total += atomic_load_explicit(&shared->tallies[i].received, memory_order_relaxed);
	atomic_store(&shared->received, total);
	count = counted(&received_counter, kind);
	if (kind == REPORT_START || kind == REPORT_SKIP)
		return;
	if (kind == REPORT_FINAL && ended_at)
		elapsed_s = seconds_between(started_at, ended_at);
	report_begin(kind);
	report_metric("rate_per_s", elapsed_s > 0 ? count / elapsed_s : 0);
	report_metric("total_ms", elapsed_s * 1000);
	report_metric("messages", count);
	report_metric("fork_failures", (double)failures);
	report_end();
}

int main(int argc, char **argv)
{
	const struct option_row options[] = {
		NUMBER_OPTION("-g", groups, 1, MAX_GROUPS, "groups"),
		NUMBER_OPTION("-t", tasks_per_side, 1, MAX_SIDE,
			      "senders, and receivers, per group"),
		NUMBER_OPTION("-l", loops, 0, 100000000,
			      "messages per sender and receiver, 0 endless"),
		TOGGLE_OPTION("--threads", with_threads, "threads instead of processes"),
		NAMES_OPTION("senders,receivers"),
		COMMON_OPTIONS,
	};
	struct session session = { .child_ended = child_ended, .report = report, .stop = stop };

	parse_options(options, argc, argv);
	take_names(options, 2, PLAIN_NAMES);
	prepare(PLAIN_NAME);
	shared = shared_memory(sizeof(*shared));
	received_counter.live = &shared->received;
	session.done_fd = done_fd = eventfd(0, EFD_CLOEXEC);
	for (long i = 0; i < groups; i++)
		start_group(i);
	if (!atomic_load(&shared->receivers_left)) {
		fprintf(stderr, "no group could be started\n");
		stop();
		return 1;
	}
	await_gathered(&shared->gate, (uint32_t)started);
	started_at = now_ns();
	open_gate(&shared->gate);
	/* Ends by itself after `loops`, so the start counts; without loops the first bit is warm-up. */
	session.warm_up_ns = loops ? 0 : 250 * NS_PER_MS;
	run_session(&session);
	_exit(0); /* threads may sleep in recv */
}
