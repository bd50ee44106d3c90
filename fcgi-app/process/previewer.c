#include "previewer.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"
#include "mem.h"

#define OURS "PALABRE_" /* settings, maybe with what opens a store */

/* One is served, and a queue of Linux has one more than it is told. */
#define BESIDE_QUEUE 2

char *previewer_find(void)
{
	static const char *const places[] = {
		"palabre-preview",
		"../preview/palabre-preview",
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

int previewer_run(const char *program, int listen_fd, pid_t supervisor)
{
	char *const words[] = {(char *)program, NULL};

	/* It may have died before this call. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != supervisor)
		return 0;
	if (dup2(listen_fd, STDIN_FILENO) == STDIN_FILENO &&
	    close_range(STDERR_FILENO + 1, ~0U, 0) == 0)
		execve(program, words, previewer_environment());
	log_error("%s: %s", program, strerror(errno));
	return 127;
}
