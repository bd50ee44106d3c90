#include "listener.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"

char *listener_make_directory(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *error = NULL;

	if (slash == NULL || slash == path)
		return NULL;
	char *directory = xstrndup(path, (size_t)(slash - path));

	if ((mkdir(directory, 0750) != 0 && errno != EEXIST) ||
	    access(directory, W_OK | X_OK) != 0)
		error = xasprintf("socket directory %s: %s", directory,
				  strerror(errno));
	free(directory);
	return error;
}

/* A record lock, because children do not inherit it: workers that outlive a
 * killed supervisor for a moment do not keep the next one out. */
int listener_lock(const char *path, char **error)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char *name = xasprintf("%s.lock", path);
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	*error = NULL;
	if (fd < 0)
		*error = xasprintf("socket lock %s: %s", name, strerror(errno));
	else if (fcntl(fd, F_SETLK, &lock) != 0) {
		fcntl(fd, F_GETLK, &lock);
		*error = xasprintf("socket %s: another palabre-api (pid %d) "
				   "serves it",
				   path, (int)lock.l_pid);
		close(fd);
		fd = -1;
	}
	free(name);
	return fd;
}
