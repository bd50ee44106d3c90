/*
 * palabre-preview - makes small copies of pictures, one after the other.
 *
 *     palabre-preview < LISTENING-SOCKET
 *
 * Decoders are attacked, so each picture has a process of its own, which holds
 * two files and nothing else, and is over after some seconds in any case. What
 * it is told is in handover.h. It ends with whoever started it.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "handover.h"
#include "picture.h"
#include "sandbox.h"

#define WALL_MS 5000 /* a picture may take so long, and its request to come */
#define NICE 10	     /* what people wait for goes first */

static const struct sandbox_limits child_limits = {
	.memory = 768UL << 20,
	.cpu_s = 4,
	.file_max = 1UL << 20,
};

static void child_say(int connection, const struct picture_size *size)
{
	char line[32] = "-\n";

	if (size != NULL)
		snprintf(line, sizeof(line), "%d %d\n", size->width,
			 size->height);
	if (write(connection, line, strlen(line)) < 0)
		_exit(1); /* who asked has gone */
}

/* Never returns. Who asked hears "-" from the parent if this one dies. */
static void child_run(int connection, int picture, int copy)
{
	struct picture_size size;

	close(STDIN_FILENO);
	if (!sandbox_enter(&child_limits))
		_exit(1);
	if (!picture_shrink(picture, copy, &size))
		_exit(1);
	child_say(connection, &size);
	_exit(0);
}

/* True when it has said what the copy's size is. */
static bool child_wait(pid_t child)
{
	int status = 0;
	const struct timespec pause = {0, 2 * 1000 * 1000};

	for (int waited_ms = 0; waitpid(child, &status, WNOHANG) == 0;
	     waited_ms += 2) {
		if (waited_ms > WALL_MS)
			kill(child, SIGKILL);
		nanosleep(&pause, NULL);
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void serve_one(int connection)
{
	const struct timeval wait = {WALL_MS / 1000, 0};
	int picture, copy;
	bool good = false;

	setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	if (!handover_receive(connection, &picture, &copy))
		return;

	pid_t child = fork();

	if (child == 0)
		child_run(connection, picture, copy);
	if (child > 0)
		good = child_wait(child);
	if (!good)
		child_say(connection, NULL);
	close(picture);
	close(copy);
}

int main(void)
{
	pid_t parent = getppid();

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		return 1;
	signal(SIGPIPE, SIG_IGN);
	if (nice(NICE) == -1)
		errno = 0; /* it goes on as it is */
	picture_prepare();
	for (;;) {
		struct pollfd listener = {STDIN_FILENO, POLLIN, 0};
		int connection = poll(&listener, 1, -1) == 1
					 ? accept(STDIN_FILENO, NULL, NULL)
					 : -1;

		if (connection >= 0) {
			serve_one(connection);
			close(connection);
		} else if (errno != EINTR && errno != EAGAIN &&
			   errno != ECONNABORTED) {
			fprintf(stderr, "palabre-preview: %s\n",
				strerror(errno));
			return 1;
		}
	}
}
