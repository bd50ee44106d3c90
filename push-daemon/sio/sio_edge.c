#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <fcntl.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

#include "mem.h"
#include "sio_edge_lws.h"

#define HEADER_ROOM 8192 /* of one request; freed when it is answered */
#define SILENCE_S 10	 /* a peer that does not finish its request */
#define KEEPALIVE_S 60
/* Requests come and go beside the sessions: polling takes two connections. */
#define CONNECTIONS_PER_SESSION 3

const struct eio_edge sio_edge_ops = {
	.ws_write = edge_ws_write,
	.ws_text = edge_ws_text,
	.ws_close = edge_ws_close,
	.poll_answer = edge_http_answer,
	.expired = edge_http_expired,
};

struct sio_edge *edge_of(struct lws *wsi)
{
	return lws_context_user(lws_get_context(wsi));
}

int64_t edge_now(const struct sio_edge *edge)
{
	return edge->core->config.now_ms();
}

void edge_patience(struct lws *wsi, int seconds)
{
	lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, seconds);
	edge_of(wsi)->nudge = true;
}

void edge_kill(struct lws *wsi)
{
	edge_patience(wsi, LWS_TO_KILL_ASYNC);
}

size_t sio_edge_connections(const struct sio_edge *edge)
{
	return edge->connections - edge->own;
}

static bool copy_header(struct lws *wsi, enum lws_token_indexes token,
			char *out, size_t size)
{
	out[0] = '\0';
	if (lws_hdr_total_length(wsi, token) == 0)
		return true;
	return lws_hdr_copy(wsi, out, (int)size, token) >= 0;
}

static bool copy_custom(struct lws *wsi, const char *name, char *out,
			size_t size)
{
	int len = (int)strlen(name);

	out[0] = '\0';
	if (lws_hdr_custom_length(wsi, name, len) <= 0)
		return true;
	return lws_hdr_custom_copy(wsi, out, (int)size, name, len) >= 0;
}

static bool copy_query(struct lws *wsi, char *out, size_t size)
{
	size_t at = 0;

	out[0] = '\0';
	for (int i = 0;; i++) {
		int room = (int)(size - at) - 1;
		int len = lws_hdr_fragment_length(wsi, WSI_TOKEN_HTTP_URI_ARGS,
						  i);

		if (len <= 0)
			break;
		if (len + 1 > room ||
		    lws_hdr_copy_fragment(wsi, out + at, room,
					  WSI_TOKEN_HTTP_URI_ARGS, i) < 0)
			return false;
		at += strlen(out + at) + 1;
		out[at] = '\0';
	}
	return true;
}

static void peer_address(struct lws *wsi, char *out, size_t size)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);

	out[0] = '\0';
	if (getpeername(lws_get_socket_fd(wsi), (struct sockaddr *)&peer,
			&len) == 0 &&
	    peer.ss_family != AF_UNIX)
		getnameinfo((struct sockaddr *)&peer, len, out, (socklen_t)size,
			    NULL, 0, NI_NUMERICHOST);
}

static void read_target(struct sio_edge *edge, struct lws *wsi,
			struct edge_request *out)
{
	char *uri;
	int uri_len;
	int method = lws_http_get_uri_and_method(wsi, &uri, &uri_len);

	out->method = method == LWSHUMETH_GET	 ? EIO_METHOD_GET
		      : method == LWSHUMETH_POST ? EIO_METHOD_POST
						 : EIO_METHOD_OTHER;
	out->preflight = method == LWSHUMETH_OPTIONS;
	if (method >= 0)
		out->endpoint =
			sio_core_endpoint(edge->core, uri, (size_t)uri_len);
}

static long long read_content_length(struct lws *wsi)
{
	char text[24];

	if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) == 0 ||
	    !copy_header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, text,
			 sizeof(text)))
		return -1;
	return strtoll(text, NULL, 10);
}

void edge_read_request(struct sio_edge *edge, struct lws *wsi,
		       struct edge_request *out)
{
	memset(out, 0, offsetof(struct edge_request, origin));
	read_target(edge, wsi, out);
	out->content_length = read_content_length(wsi);
	/* An origin or a query cut short could pass for another. */
	out->fits = copy_header(wsi, WSI_TOKEN_ORIGIN, out->origin,
				sizeof(out->origin)) &&
		    copy_header(wsi, WSI_TOKEN_HOST, out->host,
				sizeof(out->host)) &&
		    copy_query(wsi, out->query, sizeof(out->query));
	copy_header(wsi, WSI_TOKEN_HTTP_USER_AGENT, out->agent,
		    sizeof(out->agent));
	copy_custom(wsi, "x-request-id:", out->id, sizeof(out->id));
	out->address[0] = '\0';
	if (edge->core->config.trust_proxy)
		copy_header(wsi, WSI_TOKEN_HTTP_X_REAL_IP, out->address,
			    sizeof(out->address));
	if (out->address[0] == '\0')
		peer_address(wsi, out->address, sizeof(out->address));
	out->handshake = (struct sio_handshake){
		.auth = "{}",
		.auth_len = 2,
		.query = out->query,
		.origin = out->origin,
		.host = out->host,
		.address = out->address,
		.user_agent = out->agent,
		.request_id = out->id,
	};
}

static bool origin_allowed(const struct sio_config *config,
			   const struct edge_request *request)
{
	const char *scheme_end = strstr(request->origin, "://");

	if (request->origin[0] == '\0')
		return true;
	if (config->allow_origin != NULL)
		return config->allow_origin(request->origin, request->host,
					    config->user);
	return scheme_end != NULL && strcmp(scheme_end + 3, request->host) == 0;
}

enum eio_verdict edge_judge(struct sio_edge *edge,
			    const struct edge_request *request, bool websocket,
			    struct eio_session **session, enum eio_error *error)
{
	struct eio_engine *engine = edge->core->engine;
	enum eio_verdict verdict = EIO_REFUSE;

	*session = NULL;
	if (request->endpoint == NULL)
		*error = EIO_NO_PATH;
	else if (!request->fits)
		*error = EIO_BAD_REQUEST;
	else if (!origin_allowed(&edge->core->config, request))
		*error = EIO_FORBIDDEN;
	else
		verdict = eio_judge(engine, request->endpoint, request->method,
				    websocket, request->handshake.query,
				    edge_now(edge), session, error);
	if (verdict == EIO_REFUSE)
		eio_engine_stats(engine)->refused++;
	return verdict;
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
	edge_read_request(edge, wsi, &request);
	if (edge_judge(edge, &request, true, &session, &error) != EIO_REFUSE)
		return 0;
	return edge_http_refuse_upgrade(wsi, error);
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason,
		    void *pss, void *in, size_t len)
{
	struct sio_edge *edge;

	(void)pss;
	switch (reason) {
	case LWS_CALLBACK_WSI_CREATE:
		edge_of(wsi)->connections++;
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		edge_of(wsi)->connections--;
		return 0;
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
		return confirm_upgrade(edge_of(wsi), wsi, in);
	case LWS_CALLBACK_HTTP:
		return edge_http_request(edge_of(wsi), wsi);
	case LWS_CALLBACK_HTTP_BODY:
		return edge_http_body(edge_of(wsi), wsi, in, len);
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		return edge_http_complete(edge_of(wsi), wsi);
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return edge_http_writable(wsi);
	case LWS_CALLBACK_CLOSED_HTTP:
		edge_http_closed(wsi);
		return 0;
	case LWS_CALLBACK_ESTABLISHED:
		edge = edge_of(wsi);
		return edge_ws_established(edge, wsi);
	case LWS_CALLBACK_RECEIVE:
		return edge_ws_receive(edge_of(wsi), wsi, in, len);
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
	 .callback = callback,
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
	reserve_watchers(loop, core->config.max_connections);
	if (edge->vhost != NULL)
		return edge;
	sio_edge_free(edge);
	return NULL;
}

void sio_edge_adopt(struct sio_edge *edge, int fd)
{
	size_t most = (size_t)edge->core->config.max_connections *
		      CONNECTIONS_PER_SESSION;

	if (sio_edge_connections(edge) >= most) {
		close(fd);
		return;
	}
	/* Closes the socket itself when it cannot. */
	lws_adopt_socket_vhost(edge->vhost, fd);
	edge->nudge = true;
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
