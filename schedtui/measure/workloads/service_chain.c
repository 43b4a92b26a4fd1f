/* SPDX-License-Identifier: Apache-2.0
 *
 * A chain of services: a request passes through stages, one process each, joined by pipes.
 *
 * A client keeps a fixed number of requests in flight and sends the next one when an answer
 * comes back from the last stage. Each stage reads a request, burns CPU time and passes it on,
 * so that every request is held up by the wake-ups of all stages and by the queues between them.
 *
 * request_*: from the client sending a request to the client reading its answer, all queues
 * included.
 * service_p50_us: CPU time that all stages together spent on a request, the pipes included: the
 * floor under every request.
 * rate_per_s: answers per second, over all chains.
 * workers: requests in flight, over all chains: what the bounds of a closed loop call workers.
 */
#include "crew.h"

enum { MAX_CHAINS = 16, MAX_STAGES = 16, MAX_IN_FLIGHT = 256 };

struct request {
	int64_t sent_at;
	int64_t cpu_ns;
};

static long chains = 1, stages = 4, in_flight = 8, work_us = 200;
/* The first pipe of a chain leads to its first stage, the last one back to the client. */
static int pipes[MAX_CHAINS][MAX_STAGES + 1][2];

static struct shared {
	struct histogram requests, services;
	_Atomic uint64_t answered;
} *shared;

static bool take(const int pipe_ends[2], struct request *request)
{
	return read(pipe_ends[0], request, sizeof(*request)) == (ssize_t)sizeof(*request);
}

static bool pass(const int pipe_ends[2], const struct request *request)
{
	return write(pipe_ends[1], request, sizeof(*request)) == (ssize_t)sizeof(*request);
}

static void serve(long index)
{
	int (*own)[2] = &pipes[index / stages][index % stages];
	int64_t last = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	struct request request;

	while (take(own[0], &request)) {
		int64_t now;

		burn(CLOCK_PROCESS_CPUTIME_ID, work_us * NS_PER_US);
		now = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
		/* Passing on is paid by the next request: it has not happened yet. */
		request.cpu_ns += now - last;
		last = now;
		if (!pass(own[1], &request))
			return;
	}
}

static bool send_new(long chain)
{
	const struct request request = { .sent_at = now_ns() };

	return pass(pipes[chain][0], &request);
}

static void ask(long chain)
{
	struct request answer;

	for (long i = 0; i < in_flight; i++)
		if (!send_new(chain))
			return;
	while (take(pipes[chain][stages], &answer)) {
		record(&shared->requests, now_ns() - answer.sent_at);
		record(&shared->services, answer.cpu_ns);
		atomic_fetch_add_explicit(&shared->answered, 1, memory_order_relaxed);
		if (!send_new(chain))
			return;
	}
}

static bool lay_all_pipes(void)
{
	for (long chain = 0; chain < chains; chain++)
		if (!lay_pipes(pipes[chain], stages + 1))
			return false;
	return true;
}

static struct meter request_meter, service_meter;
static struct counter answered_counter;

static void report(enum report_kind kind, double elapsed_s)
{
	double answered = counted(&answered_counter, kind);

	collect(&request_meter, kind);
	collect(&service_meter, kind);
	if (kind == REPORT_START || kind == REPORT_SKIP)
		return;
	report_begin(kind);
	report_percentile("request_p50_us", &request_meter, 0.50);
	report_percentile("request_p99_us", &request_meter, 0.99);
	report_percentile("service_p50_us", &service_meter, 0.50);
	report_metric("rate_per_s", per_second(answered, elapsed_s));
	report_metric("workers", (double)(chains * in_flight));
	report_metric("servers", (double)(chains * stages)); /* no more can serve at once */
	report_metric("sleep_us", 0);
	report_metric("stages", (double)stages);
	report_end();
}

int main(int argc, char **argv)
{
	const struct option_row options[] = {
		NUMBER_OPTION("--chains", chains, 1, MAX_CHAINS, "chains side by side"),
		NUMBER_OPTION("--stages", stages, 1, MAX_STAGES, "stages of each"),
		NUMBER_OPTION("--in-flight", in_flight, 1, MAX_IN_FLIGHT, "requests in each"),
		NUMBER_OPTION("--work-us", work_us, 1, 10000000, "CPU time per stage and request"),
		NAMES_OPTION("stages,clients"),
		COMMON_OPTIONS,
	};

	parse_options(options, argc, argv);
	take_names(options, 2, PLAIN_NAMES);
	prepare(PLAIN_NAME);
	shared = shared_memory(sizeof(*shared));
	request_meter.live = &shared->requests;
	service_meter.live = &shared->services;
	answered_counter.live = &shared->answered;
	return run_crew(lay_all_pipes() && enlist_many(role_names[0], serve, chains * stages) &&
				enlist_many(role_names[1], ask, chains),
			report, 250 * NS_PER_MS);
}
