#include "unix_socket.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "mem.h"

static bool fill_address(const char *path, struct sockaddr_un *address)
{
	size_t len = strlen(path);

	static_assert(sizeof(address->sun_path) == UNIX_SOCKET_PATH_MAX + 1,
		      "unix(7)");
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (len > UNIX_SOCKET_PATH_MAX)
		return false;
	memcpy(address->sun_path, path, len + 1);
	return true;
}

static int unix_socket_open(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static int close_failed(int fd)
{
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
	return -1;
}

static int unix_socket_connect_fd(const struct sockaddr_un *address)
{
	int fd = unix_socket_open();

	if (fd >= 0 && connect(fd, (const struct sockaddr *)address,
			       sizeof(*address)) == 0)
		return fd;
	return close_failed(fd);
}

int unix_socket_connect(const char *path)
{
	struct sockaddr_un address;

	if (fill_address(path, &address))
		return unix_socket_connect_fd(&address);
	errno = ENAMETOOLONG;
	return -1;
}

int unix_socket_connect_waiting(const char *path, int64_t patience_ms)
{
	const struct timeval patience = {
		.tv_sec = patience_ms / 1000,
		.tv_usec = patience_ms % 1000 * 1000,
	};
	int fd = unix_socket_connect(path);

	if (fd < 0)
		return -1;
	fcntl(fd, F_SETFL, 0);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

/* ---- listening ---- */

/* bind() says "No such file", which could be any. */
static bool directory_is_there(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct stat status;

	if (slash == NULL || slash == path)
		return true;
	char *directory = xstrndup(path, (size_t)(slash - path));
	bool there = stat(directory, &status) == 0;

	free(directory);
	return there;
}

/* NULL: nobody listens. */
static const char *use_of(const struct sockaddr_un *address)
{
	int fd = unix_socket_connect_fd(address);

	if (fd >= 0)
		close(fd);
	if (fd >= 0 || errno == EAGAIN)
		return "in use by another process";
	return errno == ECONNREFUSED ? NULL : strerror(errno);
}

/* NULL: nothing is in the way, or bind() will say what. */
static const char *make_free(const struct sockaddr_un *address,
			     enum unix_socket_claim claim)
{
	const char *use = NULL;
	struct stat status;

	if (!directory_is_there(address->sun_path))
		return "there is no such directory";
	if (lstat(address->sun_path, &status) != 0)
		return NULL;
	if (!S_ISSOCK(status.st_mode))
		return "exists and is no socket";
	if (claim == UNIX_SOCKET_DEAD)
		use = use_of(address);
	if (use == NULL && unlink(address->sun_path) != 0)
		use = strerror(errno);
	return use;
}

/* Never open to more than mode, not even for a moment: hence the umask. */
static int bind_to(const struct sockaddr_un *address, mode_t mode)
{
	mode_t mask = umask(~mode & 0777);
	int fd = unix_socket_open();
	bool bound = fd >= 0 && bind(fd, (const struct sockaddr *)address,
				     sizeof(*address)) == 0;

	umask(mask);
	return bound ? fd : close_failed(fd);
}

int unix_socket_bind(const char *path, mode_t mode,
		     enum unix_socket_claim claim, char **error)
{
	struct sockaddr_un address;
	const char *why = "too long for a socket";
	int fd = -1;

	if (fill_address(path, &address))
		why = make_free(&address, claim);
	if (why == NULL) {
		fd = bind_to(&address, mode);
		why = fd < 0 ? strerror(errno) : NULL;
	}
	*error = why == NULL ? NULL : xasprintf("%s: %s", path, why);
	return fd;
}

int unix_socket_listen(const char *path, mode_t mode,
		       enum unix_socket_claim claim, char **error)
{
	int fd = unix_socket_bind(path, mode, claim, error);

	if (fd < 0 || listen(fd, UNIX_SOCKET_BACKLOG) == 0)
		return fd;
	*error = xasprintf("%s: %s", path, strerror(errno));
	return close_failed(fd);
}
