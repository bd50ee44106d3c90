#include "pipe_server.h"

#include <string.h>
#include <unistd.h>

#include "mem.h"
#include "unix_socket.h"

#define BACKLOG 128 /* libuv listens anew */
#define MODE 0660
#define READ_SIZE 65536

struct pipe_server {
	uv_pipe_t pipe;
	char *path; /* NULL: not listening */
	const struct pipe_protocol *protocol;
	void *user;
	LIST_HEAD(, pipe_peer) peers; /* without those that are closing */
	size_t count;
	size_t handles; /* that libuv has not closed yet */
};

/* ---- peers ---- */

static void handle_closed(struct pipe_server *server)
{
	if (--server->handles > 0)
		return;
	free(server->path);
	free(server);
}

static void on_peer_closed(uv_handle_t *handle)
{
	struct pipe_peer *peer = handle->data;
	struct pipe_server *server = peer->server;

	if (server->protocol->done != NULL)
		server->protocol->done(peer);
	free(peer);
	handle_closed(server);
}

static void close_peer(struct pipe_peer *peer)
{
	peer->closing = true;
	LIST_REMOVE(peer, link);
	peer->server->count--;
	uv_close((uv_handle_t *)&peer->pipe, on_peer_closed);
}

void pipe_peer_lose(struct pipe_peer *peer)
{
	const struct pipe_server *server = peer->server;

	if (peer->closing)
		return;
	close_peer(peer);
	if (server->protocol->lost != NULL)
		server->protocol->lost(peer, server->user);
}

static void pipe_on_alloc(uv_handle_t *handle, size_t wanted, uv_buf_t *out)
{
	/* Read and taken within one callback: one for all is enough. What is
	 * read before the sockets are flushed decides how much they get in
	 * one write: hence the size. */
	static char space[READ_SIZE];

	(void)handle;
	(void)wanted;
	*out = uv_buf_init(space, sizeof(space));
}

/* libuv reads up to 32 times until there is nothing, then serves others. */
static void pipe_on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *data)
{
	struct pipe_peer *peer = stream->data;
	const struct pipe_server *server = peer->server;

	if (len > 0)
		server->protocol->read(peer, data->base, (size_t)len,
				       server->user);
	else if (len < 0)
		pipe_peer_lose(peer);
}

static void on_connection(uv_stream_t *stream, int status)
{
	struct pipe_server *server = stream->data;
	struct pipe_peer *peer;

	if (status != 0)
		return;
	peer = xcalloc(1, server->protocol->peer_size);
	peer->server = server;
	uv_pipe_init(stream->loop, &peer->pipe, 0);
	peer->pipe.data = peer;
	LIST_INSERT_HEAD(&server->peers, peer, link);
	server->count++;
	server->handles++;
	if (uv_accept(stream, (uv_stream_t *)&peer->pipe) != 0 ||
	    server->count > server->protocol->peers_max ||
	    uv_read_start((uv_stream_t *)&peer->pipe, pipe_on_alloc,
			  pipe_on_read) != 0)
		pipe_peer_lose(peer);
}

struct copy {
	uv_write_t write;
	char data[];
};

static void pipe_on_written(uv_write_t *write, int status)
{
	(void)status; /* reading notices the end */
	free(write->data);
}

void pipe_peer_write(struct pipe_peer *peer, const void *data, size_t len)
{
	uv_stream_t *stream = (uv_stream_t *)&peer->pipe;
	struct copy *copy;
	uv_buf_t out;

	if (peer->closing)
		return;
	if (uv_stream_get_write_queue_size(stream) + len >
	    peer->server->protocol->unread_max) {
		pipe_peer_lose(peer);
		return;
	}
	copy = xmalloc(sizeof(*copy) + len);
	memcpy(copy->data, data, len);
	copy->write.data = copy;
	out = uv_buf_init(copy->data, (unsigned)len);
	if (uv_write(&copy->write, stream, &out, 1, pipe_on_written) != 0) {
		free(copy);
		pipe_peer_lose(peer);
	}
}

/* ---- life ---- */

static void pipe_on_closed(uv_handle_t *handle)
{
	handle_closed(handle->data);
}

static char *pipe_server_start(struct pipe_server *server, const char *path)
{
	char *error;
	int fd = unix_socket_listen(path, MODE, UNIX_SOCKET_DEAD, &error);
	int status;

	if (fd < 0)
		return error;
	server->path = xstrdup(path);
	status = uv_pipe_open(&server->pipe, fd);
	if (status == 0)
		status = uv_listen((uv_stream_t *)&server->pipe, BACKLOG,
				   on_connection);
	else
		close(fd);
	return status == 0 ? NULL
			   : xasprintf("%s: %s", path, uv_strerror(status));
}

struct pipe_server *pipe_server_new(uv_loop_t *loop, const char *path,
				    const struct pipe_protocol *protocol,
				    void *user, char **error)
{
	struct pipe_server *server = xcalloc(1, sizeof(*server));

	server->protocol = protocol;
	server->user = user;
	server->handles = 1;
	LIST_INIT(&server->peers);
	uv_pipe_init(loop, &server->pipe, 0);
	server->pipe.data = server;
	*error = pipe_server_start(server, path);
	if (*error == NULL)
		return server;
	pipe_server_close(server);
	return NULL;
}

void pipe_server_close(struct pipe_server *server)
{
	if (server == NULL)
		return;
	while (!LIST_EMPTY(&server->peers))
		close_peer(LIST_FIRST(&server->peers));
	if (server->path != NULL)
		unlink(server->path);
	uv_close((uv_handle_t *)&server->pipe, pipe_on_closed);
}

size_t pipe_server_peers(const struct pipe_server *server)
{
	return server->count;
}
