#include "ctl_edge.h"

#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "buf.h"
#include "json.h"
#include "mem.h"
#include "pipes.h"

#define PEERS_MAX 32
#define LINE_MAX_BYTES 256
#define UNREAD_MAX 65536

struct peer {
	uv_pipe_t pipe;
	LIST_ENTRY(peer) link;
	struct ctl_edge *edge;
	struct buf line;
	bool closing;
};

struct ctl_edge {
	uv_pipe_t pipe;
	struct json_object *(*stats)(void *user);
	void *user;
	LIST_HEAD(, peer) peers;
	size_t count;
	bool closing;
};

static void put_pong(const struct ctl_edge *edge, struct json_object *answer)
{
	(void)edge;
	json_put_int(answer, "pid", getpid());
}

static void put_stats(const struct ctl_edge *edge, struct json_object *answer)
{
	json_put(answer, "stats", edge->stats(edge->user));
}

static const struct {
	const char *word;
	void (*put)(const struct ctl_edge *edge, struct json_object *answer);
} commands[] = {
	{"ping", put_pong},
	{"stats", put_stats},
};

static struct json_object *answer_to(const struct ctl_edge *edge,
				     const char *word)
{
	struct json_object *answer = json_new_object();
	struct json_object *error;

	for (size_t i = 0; i < COUNT_OF(commands); i++) {
		if (strcmp(commands[i].word, word) == 0) {
			json_put_bool(answer, "ok", true);
			commands[i].put(edge, answer);
			return answer;
		}
	}
	error = json_new_object();
	json_put_string(error, "code", "unknown_command");
	json_put_string(error, "message", "There is no such command.");
	json_put_bool(answer, "ok", false);
	json_put(answer, "error", error);
	return answer;
}

static void free_if_done(struct ctl_edge *edge)
{
	if (edge->closing && LIST_EMPTY(&edge->peers) &&
	    edge->pipe.data == NULL)
		free(edge);
}

static void on_peer_closed(uv_handle_t *handle)
{
	struct peer *peer = handle->data;
	struct ctl_edge *edge = peer->edge;

	LIST_REMOVE(peer, link);
	edge->count--;
	buf_done(&peer->line);
	free(peer);
	free_if_done(edge);
}

static void close_peer(struct peer *peer)
{
	if (peer->closing)
		return;
	peer->closing = true;
	uv_close((uv_handle_t *)&peer->pipe, on_peer_closed);
}

static void take_line(struct peer *peer)
{
	struct json_object *answer;
	struct buf out;
	size_t len;
	const char *text;

	if (peer->line.len > 0 && peer->line.data[peer->line.len - 1] == '\r')
		peer->line.data[--peer->line.len] = '\0';
	answer = answer_to(peer->edge,
			   peer->line.len > 0 ? peer->line.data : "");
	text = json_print(answer, &len);
	buf_init(&out, UNREAD_MAX);
	buf_add(&out, text, len);
	buf_adds(&out, "\n");
	if (!pipes_write((uv_stream_t *)&peer->pipe, out.data, out.len,
			 UNREAD_MAX))
		close_peer(peer);
	buf_done(&out);
	json_free(answer);
	buf_reset(&peer->line);
}

static void on_alloc(uv_handle_t *handle, size_t wanted, uv_buf_t *out)
{
	static char space[4096];

	(void)handle;
	(void)wanted;
	*out = uv_buf_init(space, sizeof(space));
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *data)
{
	struct peer *peer = stream->data;

	for (ssize_t i = 0; i < len && !peer->closing; i++) {
		if (data->base[i] == '\n')
			take_line(peer);
		else
			buf_add(&peer->line, &data->base[i], 1);
		if (peer->line.overflow)
			close_peer(peer);
	}
	if (len < 0)
		close_peer(peer);
}

static void on_connection(uv_stream_t *server, int status)
{
	struct ctl_edge *edge = server->data;
	struct peer *peer;

	if (status != 0 || edge->closing)
		return;
	peer = xcalloc(1, sizeof(*peer));
	peer->edge = edge;
	buf_init(&peer->line, LINE_MAX_BYTES);
	uv_pipe_init(server->loop, &peer->pipe, 0);
	peer->pipe.data = peer;
	LIST_INSERT_HEAD(&edge->peers, peer, link);
	edge->count++;
	if (uv_accept(server, (uv_stream_t *)&peer->pipe) != 0 ||
	    edge->count > PEERS_MAX ||
	    uv_read_start((uv_stream_t *)&peer->pipe, on_alloc, on_read) != 0)
		close_peer(peer);
}

static void on_closed(uv_handle_t *handle)
{
	struct ctl_edge *edge = handle->data;

	handle->data = NULL;
	free_if_done(edge);
}

struct ctl_edge *ctl_edge_new(uv_loop_t *loop, const char *path,
			      struct json_object *(*stats)(void *user),
			      void *user, char **error)
{
	struct ctl_edge *edge = xcalloc(1, sizeof(*edge));

	edge->stats = stats;
	edge->user = user;
	LIST_INIT(&edge->peers);
	*error = pipes_listen(loop, &edge->pipe, path, on_connection);
	edge->pipe.data = edge;
	if (*error == NULL)
		return edge;
	ctl_edge_close(edge);
	return NULL;
}

void ctl_edge_close(struct ctl_edge *edge)
{
	struct peer *peer;

	if (edge == NULL)
		return;
	edge->closing = true;
	uv_close((uv_handle_t *)&edge->pipe, on_closed);
	LIST_FOREACH(peer, &edge->peers, link)
	close_peer(peer);
}
