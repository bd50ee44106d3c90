#include "line_link.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "text.h"

#define LINE_MAX_BYTES (4 * 1024 * 1024) /* a file of 2 MiB in base64 */
#define QUEUE_MAX_BYTES (16 * 1024 * 1024)

void line_link_init(struct line_link *link)
{
	link->fd = -1;
	buf_init(&link->in, LINE_MAX_BYTES);
	buf_init(&link->out, QUEUE_MAX_BYTES);
}

void line_link_close(struct line_link *link)
{
	if (link->fd >= 0)
		close(link->fd);
	link->fd = -1;
	buf_done(&link->in);
	buf_done(&link->out);
}

static int connect_to(const struct addrinfo *address)
{
	int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, address->ai_addr, address->ai_addrlen) == 0)
		return fd;
	if (fd >= 0) {
		int error = errno;

		close(fd);
		errno = error;
	}
	return -1;
}

const char *line_link_open(struct line_link *link, const char *host,
			   const char *port)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	int error = getaddrinfo(host, port, &hints, &found);

	if (error != 0)
		return gai_strerror(error);
	for (const struct addrinfo *at = found; at != NULL && link->fd < 0;
	     at = at->ai_next)
		link->fd = connect_to(at);
	error = errno;
	freeaddrinfo(found);
	if (link->fd < 0)
		return strerror(error);
	fcntl(link->fd, F_SETFL, O_NONBLOCK);
	return NULL;
}

void line_link_send(struct line_link *link, const char *line)
{
	buf_adds(&link->out, line);
	buf_add(&link->out, "\n", 1);
}

static void drop_front(struct buf *buf, size_t len)
{
	memmove(buf->data, buf->data + len, buf->len - len);
	buf->len -= len;
}

bool line_link_flush(struct line_link *link)
{
	while (link->fd >= 0 && link->out.len > 0) {
		ssize_t sent = send(link->fd, link->out.data, link->out.len,
				    MSG_NOSIGNAL);

		if (sent < 0)
			return errno == EAGAIN || errno == EINTR;
		drop_front(&link->out, (size_t)sent);
	}
	return !link->out.overflow;
}

bool line_link_read(struct line_link *link)
{
	char bytes[16384];

	for (;;) {
		ssize_t got = recv(link->fd, bytes, sizeof(bytes), 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno == EAGAIN;
		if (got == 0)
			return false;
		buf_add(&link->in, bytes, (size_t)got);
		if (link->in.overflow)
			return false; /* no line is so long */
	}
}

char *line_link_next(struct line_link *link)
{
	const char *lf = link->in.len == 0
				 ? NULL
				 : memchr(link->in.data, '\n', link->in.len);

	if (lf == NULL)
		return NULL;

	size_t len = (size_t)(lf - link->in.data);
	char *line = text_repair(link->in.data, len);

	drop_front(&link->in, len + 1);
	return line;
}
