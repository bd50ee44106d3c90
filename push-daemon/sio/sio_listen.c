#include "sio_listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mem.h"
#include "unix_socket.h"

#define BACKLOG 4096
#define ACCEPTS_PER_TURN 128

struct sio_listener {
	uv_poll_t poll;
	int fd;
	char *path; /* NULL: TCP */
	bool resting;
	sio_accepted *accepted;
	void *user;
};

static void listener_readable(uv_poll_t *poll, int status, int events)
{
	struct sio_listener *listener = poll->data;
	struct sockaddr_storage peer;
	int one = 1;

	(void)status;
	(void)events;
	for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
		socklen_t len = sizeof(peer);
		int fd = accept4(listener->fd, (struct sockaddr *)&peer, &len,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0 && (errno == EMFILE || errno == ENFILE ||
			       errno == ENOBUFS || errno == ENOMEM)) {
			/* It would be listener_readable for ever: no spinning.
			 */
			uv_poll_stop(&listener->poll);
			listener->resting = true;
		}
		if (fd < 0)
			return;
		if (listener->path == NULL)
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one,
				   sizeof(one));
		listener->accepted(fd, &peer, listener->user);
	}
}

void sio_listener_resume(struct sio_listener *listener)
{
	if (!listener->resting)
		return;
	listener->resting = false;
	uv_poll_start(&listener->poll, UV_READABLE, listener_readable);
}

static struct sio_listener *listener_start(uv_loop_t *loop, int fd,
					   const char *path,
					   sio_accepted *accepted, void *user)
{
	struct sio_listener *listener = xcalloc(1, sizeof(*listener));

	listener->fd = fd;
	listener->path = path != NULL ? xstrdup(path) : NULL;
	listener->accepted = accepted;
	listener->user = user;
	uv_poll_init(loop, &listener->poll, fd);
	listener->poll.data = listener;
	uv_poll_start(&listener->poll, UV_READABLE, listener_readable);
	return listener;
}

char *sio_listen_unix(uv_loop_t *loop, const char *path, unsigned mode,
		      sio_accepted *accepted, void *user,
		      struct sio_listener **out)
{
	char *error;
	int fd = unix_socket_listen(path, mode, UNIX_SOCKET_DEAD, &error);

	if (fd >= 0)
		*out = listener_start(loop, fd, path, accepted, user);
	return error;
}

static bool read_address(const char *text, int port,
			 struct sockaddr_storage *out, socklen_t *len)
{
	struct sockaddr_in *four = (struct sockaddr_in *)out;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)out;

	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
		four->sin_family = AF_INET;
		four->sin_port = htons((uint16_t)port);
		*len = sizeof(*four);
		return true;
	}
	if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1) {
		six->sin6_family = AF_INET6;
		six->sin6_port = htons((uint16_t)port);
		*len = sizeof(*six);
		return true;
	}
	return false;
}

static int port_of(int fd)
{
	struct sockaddr_storage own = {.ss_family = AF_UNSPEC};
	socklen_t len = sizeof(own);

	if (getsockname(fd, (struct sockaddr *)&own, &len) != 0)
		return 0;
	return ntohs(own.ss_family == AF_INET6
			     ? ((struct sockaddr_in6 *)&own)->sin6_port
			     : ((struct sockaddr_in *)&own)->sin_port);
}

char *sio_listen_tcp(uv_loop_t *loop, const char *address, int *port,
		     sio_accepted *accepted, void *user,
		     struct sio_listener **out)
{
	struct sockaddr_storage own;
	socklen_t len;
	int one = 1;

	if (!read_address(address, *port, &own, &len))
		return xasprintf("%s: not an IP address", address);
	int fd = socket(own.ss_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd < 0 || bind(fd, (struct sockaddr *)&own, len) != 0 ||
	    listen(fd, BACKLOG) != 0) {
		char *error = xasprintf("%s port %d: %s", address, *port,
					strerror(errno));
		if (fd >= 0)
			close(fd);
		return error;
	}
	*port = port_of(fd);
	*out = listener_start(loop, fd, NULL, accepted, user);
	return NULL;
}

static void listener_closed(uv_handle_t *handle)
{
	struct sio_listener *listener = handle->data;

	free(listener->path);
	free(listener);
}

void sio_listener_close(struct sio_listener *listener)
{
	uv_poll_stop(&listener->poll);
	if (listener->path != NULL)
		unlink(listener->path);
	close(listener->fd);
	uv_close((uv_handle_t *)&listener->poll, listener_closed);
}
