#include "notify_edge.h"

#include <string.h>
#include <sys/queue.h>

#include "buf.h"
#include "clock.h"
#include "hub.h"
#include "log.h"
#include "mem.h"
#include "notify_frame.h"
#include "pipes.h"

#define PEERS_MAX 512
#define READ_SIZE 65536
#define ANSWER_MAX 65536 /* 1,000 ids are 27 kB */
#define UNREAD_MAX 262144

/* One worker. */
struct peer {
	uv_pipe_t pipe;
	LIST_ENTRY(peer) link;
	struct notify_edge *edge;
	struct notify_decoder *frames;
	bool hello, bye, closing;
};

struct notify_edge {
	uv_pipe_t pipe;
	struct hub *hub;
	LIST_HEAD(, peer) peers;
	bool closing;
	struct notify_edge_stats stats;
};

static void free_if_done(struct notify_edge *edge)
{
	if (edge->closing && LIST_EMPTY(&edge->peers) &&
	    edge->pipe.data == NULL)
		free(edge);
}

static void on_peer_closed(uv_handle_t *handle)
{
	struct peer *peer = handle->data;
	struct notify_edge *edge = peer->edge;

	LIST_REMOVE(peer, link);
	notify_decoder_free(peer->frames);
	free(peer);
	free_if_done(edge);
}

static void close_peer(struct peer *peer)
{
	if (peer->closing)
		return;
	peer->closing = true;
	peer->edge->stats.connected--;
	uv_close((uv_handle_t *)&peer->pipe, on_peer_closed);
}

/* What it had to say may be lost: somebody has to look. */
static void lose_peer(struct peer *peer, const char *why)
{
	struct notify_edge *edge = peer->edge;

	if (peer->closing)
		return;
	if (why != NULL) {
		log_warning("notify.sock: %s; closed", why);
		edge->stats.malformed++;
	}
	edge->stats.lost++;
	close_peer(peer);
	hub_missed(edge->hub, clock_now_ms());
}

static bool answer_presence(struct peer *peer,
			    const struct notify_frame *question)
{
	struct buf answer;
	bool good;

	buf_init(&answer, ANSWER_MAX);
	good = hub_presence(peer->edge->hub, question, &answer);
	if (good && !pipes_write((uv_stream_t *)&peer->pipe, answer.data,
				 answer.len, UNREAD_MAX))
		lose_peer(peer, NULL);
	buf_done(&answer);
	return good;
}

/* False: malformed. */
static bool take_frame(struct peer *peer, const struct notify_frame *frame)
{
	bool first = !peer->hello;

	if (peer->bye || first != (frame->kind == NOTIFY_HELLO))
		return false;
	switch (frame->kind) {
	case NOTIFY_HELLO:
		peer->hello = true;
		/* It may have written before it could say so. */
		hub_missed(peer->edge->hub, clock_now_ms());
		return true;
	case NOTIFY_BYE:
		peer->bye = true;
		return true;
	case NOTIFY_PRESENCE:
		return answer_presence(peer, frame);
	case NOTIFY_COMMAND:
	case NOTIFY_RESULT:
		return false;
	default:
		return hub_frame(peer->edge->hub, frame, HUB_NOTIFY);
	}
}

static void take_bytes(struct peer *peer, const char *data, size_t len)
{
	struct notify_frame frame;
	enum notify_status status = NOTIFY_NEED_MORE;

	while (len > 0 && !peer->closing) {
		size_t taken = notify_decoder_feed(peer->frames, data, len);

		data += taken;
		len -= taken;
		while (!peer->closing &&
		       (status = notify_decoder_next(peer->frames, &frame)) ==
			       NOTIFY_FRAME) {
			if (!take_frame(peer, &frame))
				lose_peer(peer, "malformed frame");
		}
		if (status == NOTIFY_MALFORMED)
			lose_peer(peer, "malformed frame");
	}
}

static void on_alloc(uv_handle_t *handle, size_t wanted, uv_buf_t *out)
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
static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *data)
{
	struct peer *peer = stream->data;

	if (len > 0)
		take_bytes(peer, data->base, (size_t)len);
	else if (len < 0 && peer->bye)
		close_peer(peer);
	else if (len < 0)
		lose_peer(peer, NULL);
}

static size_t count_peers(const struct notify_edge *edge)
{
	return (size_t)edge->stats.connected;
}

static void on_connection(uv_stream_t *server, int status)
{
	struct notify_edge *edge = server->data;
	struct peer *peer;

	if (status != 0 || edge->closing)
		return;
	peer = xcalloc(1, sizeof(*peer));
	peer->edge = edge;
	peer->frames = notify_decoder_new();
	uv_pipe_init(server->loop, &peer->pipe, 0);
	peer->pipe.data = peer;
	LIST_INSERT_HEAD(&edge->peers, peer, link);
	edge->stats.connected++;
	if (uv_accept(server, (uv_stream_t *)&peer->pipe) != 0 ||
	    count_peers(edge) > PEERS_MAX ||
	    uv_read_start((uv_stream_t *)&peer->pipe, on_alloc, on_read) != 0)
		close_peer(peer);
}

static void on_closed(uv_handle_t *handle)
{
	struct notify_edge *edge = handle->data;

	handle->data = NULL;
	free_if_done(edge);
}

struct notify_edge *notify_edge_new(uv_loop_t *loop, struct hub *hub,
				    const char *path, char **error)
{
	struct notify_edge *edge = xcalloc(1, sizeof(*edge));

	edge->hub = hub;
	LIST_INIT(&edge->peers);
	*error = pipes_listen(loop, &edge->pipe, path, on_connection);
	edge->pipe.data = edge;
	if (*error == NULL)
		return edge;
	notify_edge_close(edge);
	return NULL;
}

void notify_edge_close(struct notify_edge *edge)
{
	struct peer *peer;

	if (edge == NULL)
		return;
	edge->closing = true;
	uv_close((uv_handle_t *)&edge->pipe, on_closed);
	LIST_FOREACH(peer, &edge->peers, link)
	close_peer(peer);
}

void notify_edge_read_stats(const struct notify_edge *edge,
			    struct notify_edge_stats *out)
{
	*out = edge->stats;
}
