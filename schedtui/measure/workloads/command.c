/* SPDX-License-Identifier: Apache-2.0
 *
 * A command of somebody's own, run once: command [options] -- /path/of/program [argument ...]
 *
 * wall_ms: from its start to its end being noticed.
 * cpu_ms: CPU time of it and of all its children that it waited for.
 *
 * A command that does not end with status 0 gives no result: what it did instead of its work cannot
 * be compared. What it writes is not read, but for its last words on standard error when it fails.
 * With --guest it lives in the folder that its files were placed in, as nobody.
 */
#include "workload.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum { NOBODY = 65534, ERROR_BYTES = 65536, WORDS = 300 };

static const char *folder = "/tmp";
static bool in_guest;
static char **command;
static int error_fd;
static pid_t child;
static int status;
static int64_t started_at, ended_at;

static void give_up(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	exit(1);
}

/* None of its files need be in the folder that it runs in. */
static void make_folder(void)
{
	char path[PATH_MAX];
	size_t length = strlen(folder);

	if (length >= sizeof(path))
		return;
	memcpy(path, folder, length + 1);
	for (char *at = path + 1; *at; at++)
		if (*at == '/') {
			*at = '\0';
			mkdir(path, 0755);
			*at = '/';
		}
	mkdir(path, 0755);
}

static void confine(void)
{
	if (chroot("/own") < 0)
		give_up("the command's files are not there");
	make_folder();
	if (setgroups(0, NULL) < 0 || setgid(NOBODY) < 0 || setuid(NOBODY) < 0)
		give_up("the command's user cannot be taken");
	/* It was cleared with the user. */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	setenv("PATH", "/usr/local/bin:/usr/bin:/bin", 1);
	setenv("HOME", "/tmp", 1);
}

/* Of fixed size, so that a talkative command fills it up and neither memory nor a pipe. */
static int errors_file(void)
{
	int fd = memfd_create("errors", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || ftruncate(fd, ERROR_BYTES) < 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_GROW) < 0)
		give_up("there is no room for the command's errors");
	return fd;
}

static void become_command(pid_t parent)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	begin_child("command", parent);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(error_fd, STDERR_FILENO);
	execv(command[0], command);
	fprintf(stderr, "%s: %s\n", command[0], strerror(errno));
	_exit(127);
}

static bool child_ended(void)
{
	int how;
	pid_t pid;

	while ((pid = waitpid(-1, &how, WNOHANG)) > 0) {
		if (pid != child)
			continue;
		ended_at = now_ns();
		status = how;
	}
	return ended_at != 0;
}

static void stop(void)
{
	if (!ended_at)
		kill(child, SIGKILL);
}

/* The last line that it wrote, made to fit into one of ours. */
static void print_last_words(void)
{
	static char text[ERROR_BYTES + 1];
	ssize_t length = pread(error_fd, text, ERROR_BYTES, 0);
	char *line;

	text[length > 0 ? length : 0] = '\0';
	for (length = (ssize_t)strlen(text); length && text[length - 1] == '\n'; length--)
		text[length - 1] = '\0';
	line = strrchr(text, '\n');
	line = line ? line + 1 : text;
	printf("%s%.*s", *line ? ": " : "", WORDS, line);
}

static void tell_failure(void)
{
	if (WIFSIGNALED(status))
		printf("the command was ended by signal %d", WTERMSIG(status));
	else
		printf("the command ended with status %d", WEXITSTATUS(status));
	print_last_words();
	printf("\n");
}

static void report(enum report_kind kind, double elapsed_s)
{
	struct rusage used;

	(void)elapsed_s;
	if (kind != REPORT_FINAL || !ended_at || status)
		return;
	getrusage(RUSAGE_CHILDREN, &used);
	report_begin(kind);
	report_metric("wall_ms", (double)(ended_at - started_at) / NS_PER_MS);
	report_metric("cpu_ms",
		      (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e3 +
			      (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e3);
	report_end();
}

/* Return how many arguments are ours, and take the rest as the command. */
static int split(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--") == 0) {
			command = argv + i + 1;
			return i;
		}
	return argc;
}

int main(int argc, char **argv)
{
	const struct option_row options[] = {
		TEXT_OPTION("--in", folder, "folder that it runs in"),
		TOGGLE_OPTION("--guest", in_guest, "see nothing but its files, as nobody"),
		COMMON_OPTIONS,
	};
	const struct session session = {
		.done_fd = -1,
		.child_ended = child_ended,
		.report = report,
		.stop = stop,
	};
	pid_t parent;

	parse_options(options, split(argc, argv), argv);
	if (!command || !*command)
		refuse(options, "a command is needed after", "--");
	prepare(PLAIN_NAME);
	if (in_guest)
		confine();
	if (chdir(folder) < 0)
		give_up(folder);
	error_fd = errors_file();
	parent = getpid();
	started_at = now_ns();
	child = fork();
	if (child == 0)
		become_command(parent);
	if (child < 0)
		give_up("no process could be started");
	run_session(&session);
	if (!ended_at || !status)
		return 0;
	tell_failure();
	return 1;
}
