/*
 * fcgi-empty - answers every FastCGI request with two bytes of JSON: what a
 * request costs before anything is done for it.
 *
 *     fcgi-empty SOCKET PROCESSES
 *
 * It prints "listening" and the pid of each process; the end of its input ends
 * it.
 */
#include <fcgiapp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define PROCESSES_MAX 64
#define BACKLOG 511

static int listen_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (strlen(path) >= sizeof(address.sun_path))
		return -1;
	memcpy(address.sun_path, path, strlen(path) + 1);
	unlink(path);
	if (fd < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    chmod(path, 0666) != 0 || listen(fd, BACKLOG) != 0)
		return -1;
	return fd;
}

static void serve(int fd)
{
	static const char answer[] =
		"Status: 200 OK\r\n"
		"Content-Type: application/json; charset=utf-8\r\n"
		"Content-Length: 2\r\n"
		"Cache-Control: no-store\r\n\r\n{}";
	FCGX_Request request;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (FCGX_Init() != 0 || FCGX_InitRequest(&request, fd, 0) != 0)
		_exit(1);
	while (FCGX_Accept_r(&request) == 0) {
		FCGX_PutStr(answer, sizeof(answer) - 1, request.out);
		FCGX_Finish_r(&request);
	}
	_exit(1);
}

int main(int argc, char **argv)
{
	int count = argc == 3 ? atoi(argv[2]) : 0;
	char rest[64];

	if (count < 1 || count > PROCESSES_MAX) {
		fprintf(stderr, "usage: fcgi-empty SOCKET PROCESSES\n");
		return 1;
	}
	int fd = listen_at(argv[1]);

	if (fd < 0) {
		perror(argv[1]);
		return 1;
	}
	printf("listening");
	for (int i = 0; i < count; i++) {
		fflush(stdout); /* or the child would have it, too */

		pid_t child = fork();

		if (child < 0)
			return 1;
		if (child == 0)
			serve(fd);
		printf(" %d", (int)child);
	}
	puts("");
	fflush(stdout);
	while (read(STDIN_FILENO, rest, sizeof(rest)) > 0)
		;
	unlink(argv[1]);
	return 0; /* and the others with it */
}
