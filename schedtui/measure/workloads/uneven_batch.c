/* SPDX-License-Identifier: Apache-2.0
 *
 * An uneven batch: many short jobs and few long ones, all ready at the same moment.
 *
 * Fair sharing lets the long job crawl beside the short ones and leaves it alone on one CPU at
 * the end. Starting the longest first shortens the whole batch; starting the shortest first
 * shortens the mean completion. The jobs' names tell the kind but not its size, and the order in
 * which they are made is shuffled, so that a policy can win only by what it learned or was told.
 */
#include "batch.h"

int main(int argc, char **argv)
{
	const struct option_row options[] = {
		NUMBER_OPTION("--short", short_jobs, 0, 1024, "short jobs"),
		NUMBER_OPTION("--short-ms", short_ms, 1, 600000, "CPU time of each"),
		NUMBER_OPTION("--long", long_jobs, 0, 1024, "long jobs"),
		NUMBER_OPTION("--long-ms", long_ms, 1, 600000, "CPU time of each"),
		NAMES_OPTION("short,long jobs"),
		BATCH_OPTIONS,
		COMMON_OPTIONS,
	};

	short_jobs = 39;
	short_ms = 50;
	long_jobs = 1;
	long_ms = 1000;
	parse_options(options, argc, argv);
	take_names(options, 2, "stage-a,stage-b");
	prepare(PLAIN_NAME);
	return run_batch();
}
