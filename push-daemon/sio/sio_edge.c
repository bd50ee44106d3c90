#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "mem.h"
#include "sio_edge_lws.h"

#define HEADER_ROOM 8192 /* of one request; freed when it is answered */
#define SILENCE_S 10	 /* a peer that does not finish its request */
#define KEEPALIVE_S 60
#define OTHER_FILES 128

const struct eio_edge sio_edge_ops = {
	.ws_write = edge_ws_write,
	.ws_text = edge_ws_text,
	.ws_close = edge_ws_close,
	.ws_read = edge_ws_read,
	.poll_answer = edge_http_answer,
	.post_drop = edge_http_drop,
	.expired = edge_http_expired,
};

size_t sio_edge_connections(const struct sio_edge *edge)
{
	return edge->connections - edge->own;
}

/* Before the 101: a WebSocket that could not live is refused as HTTP. */
static int confirm_upgrade(struct sio_edge *edge, struct lws *wsi,
			   const char *protocol)
{
	struct edge_request request;
	struct eio_session *session;
	enum eio_error error;

	if (strcasecmp(protocol, "websocket") != 0)
		return -1;
	if (!edge_check_handshake(wsi, &error))
		return edge_answer_refuse_upgrade(wsi, error);
	edge_read_request(edge, wsi, &request);
	if (edge_judge(edge, &request, true, &session, &error) != EIO_REFUSE)
		return 0;
	return edge_answer_refuse_upgrade(wsi, error);
}

static int edge_callback(struct lws *wsi, enum lws_callback_reasons reason,
			 void *pss, void *data, size_t len)
{
	(void)pss;
	switch (reason) {
	case LWS_CALLBACK_WSI_CREATE:
		edge_of(wsi)->connections++;
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		edge_of(wsi)->connections--;
		edge_forget_loose(edge_of(wsi), wsi);
		return 0;
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
		return confirm_upgrade(edge_of(wsi), wsi, data);
	case LWS_CALLBACK_HTTP:
		return edge_http_request(edge_of(wsi), wsi);
	case LWS_CALLBACK_HTTP_BODY:
		return edge_http_body(edge_of(wsi), wsi, data, len);
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		return edge_http_complete(edge_of(wsi), wsi);
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return edge_http_writable(wsi);
	case LWS_CALLBACK_CLOSED_HTTP:
		edge_http_closed(wsi);
		return 0;
	case LWS_CALLBACK_ESTABLISHED:
		return edge_ws_established(edge_of(wsi), wsi);
	case LWS_CALLBACK_RECEIVE:
		return edge_ws_receive(edge_of(wsi), wsi, data, len);
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return edge_ws_writable(wsi);
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		return edge_ws_peer_closes(wsi);
	case LWS_CALLBACK_CLOSED:
		edge_ws_closed(wsi);
		return 0;
	default:
		return 0;
	}
}

/* rx_buffer_size is memory of every idle WebSocket; tx_packet_size would cut
 * our one write into pieces if it were smaller. */
static const struct lws_protocols protocols[] = {
	{.name = "sio",
	 .callback = edge_callback,
	 .rx_buffer_size = 512,
	 .tx_packet_size = EDGE_BATCH_SIZE + LWS_PRE},
	{.name = NULL},
};

static const struct lws_http_mount everything = {
	.mountpoint = "/",
	.mountpoint_len = 1,
	.origin_protocol = LWSMPRO_CALLBACK,
	.protocol = "sio",
};

/* Zeroed: no pings of libwebsockets' own, whose timers are a sorted list. */
static const lws_retry_bo_t no_validity;

static void free_handle(uv_handle_t *handle)
{
	free(handle);
}

/* libuv keeps a pointer for every descriptor number it has ever watched and
 * gives none back. It takes them all now, by watching the highest number once:
 * then a crowd that has left leaves the heap as it was. */
static void reserve_watchers(uv_loop_t *loop, size_t most)
{
	uv_poll_t *poll = xcalloc(1, sizeof(*poll));
	struct rlimit limit = {0};
	int low = eventfd(0, EFD_CLOEXEC);

	getrlimit(RLIMIT_NOFILE, &limit);
	if (most > limit.rlim_cur)
		most = limit.rlim_cur;

	int high = fcntl(low, F_DUPFD_CLOEXEC, (int)most - 1);

	if (high >= 0 && uv_poll_init(loop, poll, high) == 0) {
		uv_poll_start(poll, UV_READABLE, NULL);
		uv_close((uv_handle_t *)poll, free_handle);
	} else {
		free(poll);
	}
	if (high >= 0)
		close(high);
	if (low >= 0)
		close(low);
}

/* Of this process, but for files that are no connections; polling takes two for
 * each session. */
static size_t most_connections(const struct sio_config *config)
{
	size_t most = (size_t)config->max_connections * 3;
	struct rlimit limit = {0};

	getrlimit(RLIMIT_NOFILE, &limit);
	size_t left = limit.rlim_cur > 2 * OTHER_FILES
			      ? limit.rlim_cur - OTHER_FILES
			      : limit.rlim_cur / 2;

	return left < most ? left : most;
}

struct sio_edge *sio_edge_new(uv_loop_t *loop, struct sio_core *core)
{
	struct sio_edge *edge = xcalloc(1, sizeof(*edge));
	void *loops[] = {loop};
	struct lws_context_creation_info info;

	edge->core = core;
	/* Whoever links a library decides what is logged. */
	lws_set_log_level(0, NULL);
	memset(&info, 0, sizeof(info));
	info.options = LWS_SERVER_OPTION_LIBUV |
		       LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
		       LWS_SERVER_OPTION_VALIDATE_UTF8 |
		       LWS_SERVER_OPTION_DISABLE_IPV6;
	info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
	info.gid = (__typeof__(info.gid))-1; /* signed in 4.1 */
	info.uid = (__typeof__(info.uid))-1;
	info.foreign_loops = loops;
	info.user = edge;
	info.max_http_header_data = HEADER_ROOM;
	info.timeout_secs = SILENCE_S;
	info.keepalive_timeout = KEEPALIVE_S;
	info.protocols = protocols;
	info.mounts = &everything;
	info.retry_and_idle_policy = &no_validity;
	info.vhost_name = "sio";
	info.server_string = "sio";
	edge->context = lws_create_context(&info);
	if (edge->context != NULL)
		edge->vhost = lws_create_vhost(edge->context, &info);
	edge->own = edge->connections;
	TAILQ_INIT(&edge->loose);
	edge->most = most_connections(&core->config);
	edge->crowd = edge->most / 5 * 4;
	reserve_watchers(loop, core->config.max_connections);
	if (edge->vhost != NULL)
		return edge;
	sio_edge_free(edge);
	return NULL;
}

/* A connection that serves nobody goes first, then a stranger. */
static void make_room(struct sio_edge *edge)
{
	struct edge_loose *loose = TAILQ_FIRST(&edge->loose);

	if (loose != NULL) {
		edge_tighten(edge, loose);
		edge_kill(loose->conn.wsi);
	} else {
		eio_make_room(edge->core->engine);
	}
}

void sio_edge_adopt(struct sio_edge *edge, int fd)
{
	struct lws *wsi;

	if (edge_crowded(edge))
		make_room(edge);
	if (sio_edge_connections(edge) >= edge->most) {
		close(fd);
		return;
	}
	/* Closes the socket itself when it cannot. */
	wsi = lws_adopt_socket_vhost(edge->vhost, fd);
	if (wsi != NULL)
		edge_http_wait(edge, wsi);
	edge->nudge = true;
}

void sio_edge_sweep(struct sio_edge *edge)
{
	edge_http_sweep(edge);
}

bool sio_edge_reads_on(struct sio_edge *edge)
{
	bool more = false;
	int bytes;

	for (size_t i = 0; i < edge->readers.count && !more; i++) {
		bytes = 0;
		more = ioctl(edge->readers.fds[i], FIONREAD, &bytes) == 0 &&
		       bytes > 0;
	}
	edge->readers.count = 0;
	edge->readers.last = NULL;
	return more;
}

void sio_edge_flushed(struct sio_edge *edge)
{
	edge_batch_forget(&edge->batch);
	if (edge->nudge)
		lws_cancel_service(edge->context);
	edge->nudge = false;
}

void sio_edge_close(struct sio_edge *edge)
{
	lws_context_destroy(edge->context);
}

void sio_edge_free(struct sio_edge *edge)
{
	if (edge == NULL)
		return;
	/* With a foreign loop the first call only begins it. */
	lws_context_destroy(edge->context);
	edge_batch_forget(&edge->batch);
	free(edge);
}
