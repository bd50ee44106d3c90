#include "pipes.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "mem.h"

#define BACKLOG 128
#define MODE 0660

static int try_connect(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error = 0;

	if (fd < 0)
		return errno;
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		error = errno;
	close(fd);
	return error;
}

/* bind() says so less clearly, through libuv. */
static bool directory_is_there(const char *path)
{
	char *directory = xstrdup(path);
	char *slash = strrchr(directory, '/');
	struct stat status;

	if (slash != NULL)
		slash[slash == directory ? 1 : 0] = '\0';
	bool there = slash == NULL || stat(directory, &status) == 0;

	free(directory);
	return there;
}

/* NULL: the path is free now. */
static char *make_free(const char *path)
{
	struct stat status;

	if (strlen(path) >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return xasprintf("%s: too long for a socket", path);
	if (!directory_is_there(path))
		return xasprintf("%s: there is no such directory", path);
	if (lstat(path, &status) != 0)
		return NULL; /* bind will say what is wrong, if anything */
	if (!S_ISSOCK(status.st_mode))
		return xasprintf("%s: exists and is no socket", path);
	switch (try_connect(path)) {
	case 0:
	case EAGAIN: /* its backlog is full: somebody listens */
		return xasprintf("%s: in use by another process", path);
	case ECONNREFUSED:
		unlink(path);
		return NULL;
	default:
		return xasprintf("%s: %s", path, strerror(errno));
	}
}

char *pipes_listen(uv_loop_t *loop, uv_pipe_t *pipe, const char *path,
		   uv_connection_cb on_connection)
{
	char *error;
	int status;

	uv_pipe_init(loop, pipe, 0);
	error = make_free(path);
	if (error != NULL)
		return error;
	status = uv_pipe_bind(pipe, path);
	if (status == 0 && chmod(path, MODE) != 0)
		status = uv_translate_sys_error(errno);
	if (status == 0)
		status = uv_listen((uv_stream_t *)pipe, BACKLOG, on_connection);
	if (status == 0)
		return NULL;
	return xasprintf("%s: %s", path, uv_strerror(status));
}

struct copy {
	uv_write_t write;
	char data[];
};

static void on_written(uv_write_t *write, int status)
{
	(void)status; /* reading notices the end */
	free(write->data);
}

bool pipes_write(uv_stream_t *stream, const void *data, size_t len, size_t max)
{
	struct copy *copy;
	uv_buf_t out;
	int status;

	if (uv_stream_get_write_queue_size(stream) + len > max)
		return false;
	copy = xmalloc(sizeof(*copy) + len);
	memcpy(copy->data, data, len);
	copy->write.data = copy;
	out = uv_buf_init(copy->data, (unsigned)len);
	status = uv_write(&copy->write, stream, &out, 1, on_written);
	if (status != 0)
		free(copy);
	return status == 0;
}
