/* SPDX-License-Identifier: Apache-2.0
 *
 * A uniform batch: jobs of equal length that keep every CPU busy from beginning to end.
 *
 * All CPU time is used under any scheduler that leaves no CPU idle, so the make-span cannot become
 * shorter: whoever claims that it did has measured something else. It is what "keep the default"
 * is the right answer to.
 */
#include "batch.h"

int main(int argc, char **argv)
{
	const struct option_row options[] = {
		NUMBER_OPTION("--jobs", short_jobs, 1, 1024, "jobs"),
		NUMBER_OPTION("--job-ms", short_ms, 1, 600000, "CPU time of each"),
		NAMES_OPTION("jobs"),
		BATCH_OPTIONS,
		COMMON_OPTIONS,
	};

	short_jobs = 16;
	short_ms = 250;
	parse_options(options, argc, argv);
	take_names(options, 1, "job");
	prepare(PLAIN_NAME);
	return run_batch();
}
