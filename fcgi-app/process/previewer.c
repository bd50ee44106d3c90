#include "previewer.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "mem.h"

#define NAME "palabre-preview"
#define OURS "PALABRE_" /* settings, maybe with what opens a store */

/* One is served, and a queue of Linux has one more than it is told. */
#define BESIDE_QUEUE 2

char *previewer_find(void)
{
	static const char *const places[] = {
		NAME,
		"../preview/" NAME,
	};
	char own[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", own, sizeof(own) - 1);

	if (len <= 0)
		return NULL;
	own[len] = '\0';
	*strrchr(own, '/') = '\0';
	for (size_t i = 0; i < COUNT_OF(places); i++) {
		char *path = xasprintf("%s/%s", own, places[i]);

		if (access(path, X_OK) == 0)
			return path;
		free(path);
	}
	return NULL;
}

void previewer_bound(int listen_fd, int workers)
{
	int queue = workers - 1 - BESIDE_QUEUE;

	listen(listen_fd, queue > 0 ? queue : 0);
}

/* The environment without our settings. */
static char **previewer_environment(void)
{
	size_t count = 0, kept = 0;

	while (environ[count] != NULL)
		count++;
	char **left = xcalloc(count + 1, sizeof(*left));

	for (size_t i = 0; i < count; i++) {
		if (strncmp(environ[i], OURS, strlen(OURS)) != 0)
			left[kept++] = environ[i];
	}
	return left;
}

static void on_leave(int number)
{
	(void)number;
}

/* False: told to leave before anybody came. */
static bool somebody_comes(int listen_fd)
{
	struct sigaction action = {.sa_handler = on_leave};
	struct pollfd listener = {listen_fd, POLLIN, 0};
	sigset_t open;

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGINT, SIG_IGN); /* of a terminal: the supervisor will say so */
	sigemptyset(&open);
	return ppoll(&listener, 1, NULL, &open) == 1;
}

int previewer_run(const char *program, int listen_fd, pid_t supervisor)
{
	char *const words[] = {(char *)program, NULL};

	/* It may have died before this call. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != supervisor)
		return 0;
	/* Until then it is next to nothing in memory, unlike its libraries. */
	prctl(PR_SET_NAME, NAME);
	if (!somebody_comes(listen_fd))
		return 0;
	if (dup2(listen_fd, STDIN_FILENO) == STDIN_FILENO &&
	    close_range(STDERR_FILENO + 1, ~0U, 0) == 0)
		execve(program, words, previewer_environment());
	log_error("%s: %s", program, strerror(errno));
	return 127;
}
