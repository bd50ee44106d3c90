#include "notify_edge.h"

#include "buf.h"
#include "hub.h"
#include "log.h"
#include "mem.h"
#include "notify_frame.h"
#include "pipe_server.h"

#define PEERS_MAX 512	 /* api_workers and so on allow a fifth of that */
#define ANSWER_MAX 65536 /* 1,000 ids are 27 kB */
#define UNREAD_MAX 262144

/* One worker. */
struct peer {
	struct pipe_peer pipe; /* must be first */
	struct notify_decoder *frames;
	struct hub_worker worker; /* HUB_NOTIFY is 0 */
	bool hello, bye;
};

struct notify_edge {
	struct pipe_server *server;
	struct hub *hub;
	struct notify_edge_stats stats;
};

static void peer_done(struct pipe_peer *pipe)
{
	notify_decoder_free(((struct peer *)pipe)->frames);
}

/* What it had to say may be lost: somebody has to look. */
static void lose_peer(struct pipe_peer *pipe, void *user)
{
	struct notify_edge *edge = user;
	const struct peer *peer = (const struct peer *)pipe;

	if (peer->bye)
		return;
	edge->stats.lost++;
	hub_worker_lost(edge->hub, peer->worker.position);
}

static void notify_edge_give_up(struct notify_edge *edge, struct peer *peer)
{
	log_warning("notify.sock: malformed frame; closed");
	edge->stats.malformed++;
	peer->bye = false; /* not even that may be right */
	pipe_peer_lose(&peer->pipe);
}

static bool answer_presence(const struct notify_edge *edge, struct peer *peer,
			    const struct notify_frame *question)
{
	struct buf answer;
	bool good;

	buf_init(&answer, ANSWER_MAX);
	good = hub_worker_question(edge->hub, question, &answer);
	if (good)
		pipe_peer_write(&peer->pipe, answer.data, answer.len);
	buf_done(&answer);
	return good;
}

/* False: malformed. */
static bool notify_edge_take(const struct notify_edge *edge, struct peer *peer,
			     const struct notify_frame *frame)
{
	bool first = !peer->hello;

	if (peer->bye || first != (frame->kind == NOTIFY_HELLO))
		return false;
	switch (frame->kind) {
	case NOTIFY_HELLO:
		peer->hello = true;
		return hub_worker_hello(edge->hub, &peer->worker, frame);
	case NOTIFY_BYE:
		peer->bye = true;
		return true;
	case NOTIFY_PRESENCE:
		return answer_presence(edge, peer, frame);
	case NOTIFY_COMMAND:
	case NOTIFY_RESULT:
		return false;
	default:
		return hub_worker_frame(edge->hub, &peer->worker, frame);
	}
}

static void notify_edge_read(struct pipe_peer *pipe, const char *data,
			     size_t len, void *user)
{
	struct peer *peer = (struct peer *)pipe;
	struct notify_edge *edge = user;
	struct notify_frame frame;
	enum notify_status status = NOTIFY_NEED_MORE;

	if (peer->frames == NULL)
		peer->frames = notify_decoder_new();
	notify_decoder_feed(peer->frames, data, len);
	while (!pipe->closing &&
	       (status = notify_decoder_next(peer->frames, &frame)) ==
		       NOTIFY_FRAME) {
		if (!notify_edge_take(edge, peer, &frame))
			notify_edge_give_up(edge, peer);
	}
	if (!pipe->closing && status == NOTIFY_MALFORMED)
		notify_edge_give_up(edge, peer);
}

static const struct pipe_protocol protocol = {
	.peer_size = sizeof(struct peer),
	.peers_max = PEERS_MAX,
	.unread_max = UNREAD_MAX,
	.read = notify_edge_read,
	.lost = lose_peer,
	.done = peer_done,
};

struct notify_edge *notify_edge_new(uv_loop_t *loop, struct hub *hub,
				    const char *path, char **error)
{
	struct notify_edge *edge = xcalloc(1, sizeof(*edge));

	edge->hub = hub;
	edge->server = pipe_server_new(loop, path, &protocol, edge, error);
	if (edge->server != NULL)
		return edge;
	free(edge);
	return NULL;
}

void notify_edge_close(struct notify_edge *edge)
{
	if (edge == NULL)
		return;
	pipe_server_close(edge->server);
	free(edge);
}

void notify_edge_read_stats(const struct notify_edge *edge,
			    struct notify_edge_stats *out)
{
	*out = edge->stats;
	out->connected = pipe_server_peers(edge->server);
}
