/* SPDX-License-Identifier: Apache-2.0
 *
 * A program in phases of fixed length, again and again: burn CPU time, exchange messages, idle.
 *
 * The same pairs of tasks do all three, so that nothing but their behaviour changes: who watches
 * has change points to find, and a scheduler has to forget what it learnt. In the message phase
 * the first of a pair sends a byte through a pipe and sleeps until the second has sent it back.
 *
 * All figures are of the time that was spent in the phase concerned, and are left out when it
 * was too little to say anything; "per phase" is scaled to the length of a whole one.
 * burnt_ms: CPU time burned per CPU-bound phase, over all tasks.
 * burnt_pct: the same as a share of what all CPUs together have in that phase.
 * messages: round trips per message phase, over all pairs.
 * rate_per_s: round trips per second of message phase.
 * round_trip_*: from sending the byte to having read it again.
 * wakeup_max_us: how late a task ran after the end of the idle phase was due; the longest.
 * phase: the phase when the line was written: 0 burns, 1 exchanges messages, 2 is idle.
 */
#include "crew.h"

enum { MAX_PAIRS = 64 };
enum phase { BURNING, MESSAGES, IDLE, PHASES };
enum { ASK, ANSWER, PIPES };

static const char MORE = 1, LAST = 0;

static long pairs = 2, phase_ms = 1000;
static int pipes[MAX_PAIRS][PIPES][2];

static struct shared {
	struct histogram round_trips, wakeups;
	_Alignas(CACHE_LINE) _Atomic uint64_t burnt_ns;
	_Alignas(CACHE_LINE) _Atomic uint64_t messages;
} *shared;

static int64_t length_ns(void)
{
	return phase_ms * NS_PER_MS;
}

/* ---- the tasks ---- */

static void burn_until(int64_t end)
{
	while (now_ns() < end) {
		burn(CLOCK_PROCESS_CPUTIME_ID, NS_PER_MS / 4);
		atomic_fetch_add_explicit(&shared->burnt_ns, NS_PER_MS / 4, memory_order_relaxed);
	}
}

/* The last byte lets the other one go as well. */
static void ask_until(int64_t end, int ask, int answer)
{
	int64_t sent_at = now_ns();

	while (sent_at < end) {
		char byte = MORE;

		if (write(ask, &byte, 1) != 1 || read(answer, &byte, 1) != 1)
			_exit(1);
		record(&shared->round_trips, now_ns() - sent_at);
		atomic_fetch_add_explicit(&shared->messages, 1, memory_order_relaxed);
		sent_at = now_ns();
	}
	if (write(ask, &LAST, 1) != 1)
		_exit(1);
}

static void answer_all(int ask, int answer)
{
	char byte;

	do {
		if (read(ask, &byte, 1) != 1)
			_exit(1);
	} while (byte == MORE && write(answer, &byte, 1) == 1);
}

/* Who comes late to a phase is late for nothing: the ends of all phases are fixed. */
static void live(long index)
{
	int (*own)[2] = pipes[index / 2];
	int64_t end = atomic_load(&crew_start->at);

	sleep_exactly();
	for (;;) {
		burn_until(end += length_ns());
		end += length_ns();
		if (index % 2)
			answer_all(own[ASK][0], own[ANSWER][1]);
		else
			ask_until(end, own[ASK][1], own[ANSWER][0]);
		record(&shared->wakeups, sleep_until(end += length_ns()));
	}
}

/* ---- the report ---- */

static struct meter round_trip_meter, wakeup_meter;
static struct counter burnt_counter, messages_counter;

/* How much of the time from the beginning until `at` was spent in `phase`. */
static int64_t spent_until(int64_t at, enum phase phase)
{
	int64_t since = at - atomic_load(&crew_start->at), cycle = PHASES * length_ns();
	int64_t rest = since % cycle - phase * length_ns();

	rest = rest < 0 ? 0 : rest > length_ns() ? length_ns() : rest;
	return since / cycle * length_ns() + rest;
}

static double spent_s(int64_t from, int64_t to, enum phase phase)
{
	return (double)(spent_until(to, phase) - spent_until(from, phase)) / NS_PER_S;
}

/* Of a few milliseconds, work begun late or ended late is all there is to see. */
static bool is_telling(double seconds)
{
	double whole_s = (double)phase_ms / 1000;

	return seconds > 0.1 * (whole_s < 1 ? whole_s : 1);
}

static void report_burning(double burnt_ns, double seconds)
{
	if (!is_telling(seconds))
		return;
	report_metric("burnt_ms", burnt_ns / NS_PER_MS * (double)phase_ms / 1000 / seconds);
	report_metric("burnt_pct", cpu_share_pct(burnt_ns, seconds));
}

static void report_messages(double messages, double seconds)
{
	if (!is_telling(seconds))
		return;
	report_metric("messages", messages * (double)phase_ms / 1000 / seconds);
	report_metric("rate_per_s", messages / seconds);
	report_percentile("round_trip_p50_us", &round_trip_meter, 0.50);
	report_percentile("round_trip_p99_us", &round_trip_meter, 0.99);
}

static void report(enum report_kind kind, double elapsed_s)
{
	static int64_t last;
	double burnt_ns = counted(&burnt_counter, kind),
	       messages = counted(&messages_counter, kind);
	int64_t began_at = atomic_load(&crew_start->at), now = now_ns();
	int64_t from = kind == REPORT_FINAL || !last ? began_at : last;

	(void)elapsed_s; /* the phases do not begin with the session */
	collect(&round_trip_meter, kind);
	collect(&wakeup_meter, kind);
	last = now;
	if (kind == REPORT_START || kind == REPORT_SKIP)
		return;
	report_begin(kind);
	report_burning(burnt_ns, spent_s(from, now, BURNING));
	report_messages(messages, spent_s(from, now, MESSAGES));
	report_percentile("wakeup_max_us", &wakeup_meter, 1.00);
	report_metric("phase", (double)((now - began_at) / length_ns() % PHASES));
	report_end();
}

static bool start_pairs(void)
{
	for (long i = 0; i < pairs; i++)
		if (!enlist(role_names[0], live, 2 * i) || !enlist(role_names[1], live, 2 * i + 1))
			return false;
	return true;
}

int main(int argc, char **argv)
{
	const struct option_row options[] = {
		NUMBER_OPTION("--pairs", pairs, 1, MAX_PAIRS, "pairs of tasks"),
		NUMBER_OPTION("--phase-ms", phase_ms, 10, 600000, "length of each phase"),
		NAMES_OPTION("first,second of a pair"),
		COMMON_OPTIONS,
	};

	parse_options(options, argc, argv);
	take_names(options, 2, PLAIN_NAMES);
	prepare(PLAIN_NAME);
	shared = shared_memory(sizeof(*shared));
	round_trip_meter.live = &shared->round_trips;
	wakeup_meter.live = &shared->wakeups;
	burnt_counter.live = &shared->burnt_ns;
	messages_counter.live = &shared->messages;
	/* No warm-up: the first phase counts like any other. */
	return run_crew(lay_pipes(pipes[0], pairs * PIPES) && start_pairs(), report, 0);
}
