/*
 * palabre-preview - makes small copies of pictures, one after the other.
 *
 *     palabre-preview < LISTENING-SOCKET
 *
 * Decoders are attacked, so each picture has a process of its own, which holds
 * two files and nothing else, and is over after some seconds in any case. What
 * it is told is in handover.h. SIGTERM and SIGHUP end it after the picture
 * under way, and so does the end of whoever started it.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
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

#define WALL_MS 3000	/* a picture may take so long */
#define REQUEST_MS 1000 /* and its request to come */
#define NICE 10		/* what people wait for goes first */

static const struct sandbox_limits child_limits = {
	.memory = 768UL << 20,
	.cpu_s = 3,
	.file_max = 1UL << 20,
};

static int64_t mono_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void child_say(int connection, const struct picture_size *size)
{
	char line[32] = "-\n";

	if (size != NULL)
		snprintf(line, sizeof(line), "%d %d\n", size->width,
			 size->height);
	if (write(connection, line, strlen(line)) < 0)
		_exit(1); /* who asked has gone */
}

/* Never returns. Who asked hears "-" from the parent if this one dies, and if
 * both do, that nobody is there. */
static void child_run(pid_t parent, int connection, int picture, int copy)
{
	struct picture_size size;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
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
	int64_t late = mono_ms() + WALL_MS;
	const struct timespec pause = {0, 2 * 1000 * 1000};

	while (waitpid(child, &status, WNOHANG) == 0) {
		if (mono_ms() > late)
			kill(child, SIGKILL);
		nanosleep(&pause, NULL);
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void serve_one(int connection)
{
	const struct timeval wait = {REQUEST_MS / 1000, 0};
	pid_t mine = getpid();
	int picture, copy;
	bool good = false;

	setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	if (!handover_receive(connection, &picture, &copy))
		return;

	pid_t child = fork();

	if (child == 0)
		child_run(mine, connection, picture, copy);
	if (child > 0)
		good = child_wait(child);
	if (!good)
		child_say(connection, NULL);
	close(picture);
	close(copy);
}

/* ---- life ---- */

static volatile sig_atomic_t leave_asked;

static void on_leave(int number)
{
	(void)number;
	leave_asked = 1;
}

/* They come while it waits and at no other time. */
static void set_signals(void)
{
	struct sigaction action = {.sa_handler = on_leave};
	sigset_t later;

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN); /* of a terminal: who started it will say so */
	sigemptyset(&later);
	sigaddset(&later, SIGTERM);
	sigaddset(&later, SIGHUP);
	sigprocmask(SIG_SETMASK, &later, NULL);
}

/* -1: none is there. */
static int next_connection(void)
{
	struct pollfd listener = {STDIN_FILENO, POLLIN, 0};
	sigset_t open;

	sigemptyset(&open);
	if (ppoll(&listener, 1, NULL, &open) != 1)
		return -1;
	return accept(STDIN_FILENO, NULL, NULL);
}

static int serve(void)
{
	while (!leave_asked) {
		int connection = next_connection();

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
	return 0;
}

int main(void)
{
	pid_t parent = getppid();

	set_signals();
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		return 1;
	if (nice(NICE) == -1)
		errno = 0; /* it goes on as it is */
	picture_prepare();
	return serve();
}
