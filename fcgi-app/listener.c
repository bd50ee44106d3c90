#include "listener.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "mem.h"

#define BACKLOG 1024

char *listener_make_directory(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *error = NULL;

	if (slash == NULL || slash == path)
		return NULL;
	char *directory = xstrndup(path, (size_t)(slash - path));

	if (mkdir(directory, 0750) != 0 && errno != EEXIST)
		error = xasprintf("socket directory %s: %s", directory,
				  strerror(errno));
	else if (access(directory, W_OK | X_OK) != 0)
		error = xasprintf("socket directory %s: %s", directory,
				  strerror(errno));
	free(directory);
	return error;
}

/* Bound under umask 0117, so that it is never wider than 0660. */
static int bind_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);

	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	mode_t mask = umask(0117);
	int status = bind(fd, (struct sockaddr *)&address, sizeof(address));

	umask(mask);
	if (status == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	int saved = errno;

	close(fd);
	errno = saved;
	return -1;
}

int listener_open(const char *path, char **error)
{
	struct stat st;
	int fd = -1;

	*error = NULL;
	if (lstat(path, &st) == 0 && !S_ISSOCK(st.st_mode)) {
		*error = xasprintf("socket %s: there is a file of that name",
				   path);
		return -1;
	}
	/* Ours alone to replace: see listener_lock(). */
	if (unlink(path) == 0 || errno == ENOENT)
		fd = bind_at(path);
	if (fd < 0)
		*error = xasprintf("socket %s: %s", path, strerror(errno));
	return fd;
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
