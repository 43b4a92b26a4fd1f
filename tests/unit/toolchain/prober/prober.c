/* Tries what a compiler that was taken over would try, and prints what came of each attempt: 0, or
 * the number of the kernel's refusal.
 * Arguments: a file of the host, a TCP port of the host, a process of the host.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void tell(const char *what, int result)
{
	printf("%s %d\n", what, result < 0 ? errno : 0);
}

static int connected(int port)
{
	struct sockaddr_in place = { .sin_family = AF_INET };
	int sock = socket(AF_INET, SOCK_STREAM, 0);

	place.sin_port = htons(port);
	place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return sock < 0 ? sock : connect(sock, (struct sockaddr *)&place, sizeof(place));
}

static int forked(void)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	return child;
}

int main(int argc, char **argv)
{
	char process[64];

	if (argc < 4)
		return 2;
	snprintf(process, sizeof(process), "/proc/%s/environ", argv[3]);
	tell("read", open(argv[1], O_RDONLY));
	tell("process", open(process, O_RDONLY));
	tell("write", open("made-by-prober", O_WRONLY | O_CREAT, 0600));
	tell("temporary", open("/tmp/made-by-prober", O_WRONLY | O_CREAT, 0600));
	tell("connect", connected(atoi(argv[2])));
	tell("signal", kill(atoi(argv[3]), 0));
	tell("fork", forked());
	tell("source", open("scheduler.bpf.c", O_RDONLY));
	return 0;
}
