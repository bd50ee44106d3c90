#include <sys/socket.h>
#include <netdb.h>
#include <string.h>

#include "crypt.h"
#include "origins.h"
#include "sio_edge_lws.h"

struct sio_edge *edge_of(struct lws *wsi)
{
	return lws_context_user(lws_get_context(wsi));
}

int64_t edge_now(const struct sio_edge *edge)
{
	return edge->core->config.now_ms();
}

struct edge_conn *edge_conn_of(struct lws *wsi)
{
	return lws_get_opaque_user_data(wsi);
}

bool edge_crowded(const struct sio_edge *edge)
{
	return edge->connections - edge->own >= edge->crowd;
}

void edge_loosen(struct sio_edge *edge, struct edge_loose *loose)
{
	if (!loose->conn.listed)
		TAILQ_INSERT_TAIL(&edge->loose, loose, link);
	loose->conn.listed = true;
}

void edge_tighten(struct sio_edge *edge, struct edge_loose *loose)
{
	if (loose->conn.listed)
		TAILQ_REMOVE(&edge->loose, loose, link);
	loose->conn.listed = false;
}

void edge_forget_loose(struct sio_edge *edge, struct lws *wsi)
{
	struct edge_conn *conn = edge_conn_of(wsi);

	if (conn == NULL || conn->kind != EDGE_LOOSE)
		return;
	edge_tighten(edge, (struct edge_loose *)conn);
	free(conn);
	lws_set_opaque_user_data(wsi, NULL);
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

/* Whether there is an i-th parameter, be it empty: the length that
 * libwebsockets says of that is the same as behind the last one. */
static bool has_parameter(struct lws *wsi, int i)
{
	char empty[1];

	return lws_hdr_fragment_length(wsi, WSI_TOKEN_HTTP_URI_ARGS, i) > 0 ||
	       lws_hdr_copy_fragment(wsi, empty, sizeof(empty),
				     WSI_TOKEN_HTTP_URI_ARGS, i) >= 0;
}

static bool copy_query(struct lws *wsi, char *out, size_t size)
{
	size_t at = 0;

	out[0] = '\0';
	for (int i = 0; has_parameter(wsi, i); i++) {
		int room = (int)(size - at) - 1;
		int len = lws_hdr_fragment_length(wsi, WSI_TOKEN_HTTP_URI_ARGS,
						  i);

		if (len == 0)
			continue;
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
	struct sockaddr_storage peer = {.ss_family = AF_UNSPEC};
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

/* Whether a header that lists words has that one. */
static bool header_lists(struct lws *wsi, enum lws_token_indexes token,
			 const char *word)
{
	char list[128];
	size_t len = strlen(word);

	if (!copy_header(wsi, token, list, sizeof(list)))
		return false;
	for (char *at = list; *at != '\0'; at += strcspn(at, ",")) {
		at += strspn(at, ", \t");
		if (strncasecmp(at, word, len) == 0 &&
		    strspn(at + len, " \t") == strcspn(at + len, ","))
			return true;
	}
	return false;
}

static bool is_http_1_1(struct lws *wsi)
{
	char version[16];

	return copy_header(wsi, WSI_TOKEN_HTTP, version, sizeof(version)) &&
	       strcmp(version, "HTTP/1.1") == 0;
}

bool edge_check_handshake(struct lws *wsi, enum eio_error *error)
{
	char version[8], key[64];
	uint8_t nonce[16];
	char *uri;
	int uri_len;

	*error = EIO_BAD_WS_VERSION;
	if (!copy_header(wsi, WSI_TOKEN_VERSION, version, sizeof(version)) ||
	    strcmp(version, "13") != 0)
		return false;
	*error = EIO_BAD_HANDSHAKE;
	return lws_http_get_uri_and_method(wsi, &uri, &uri_len) ==
		       LWSHUMETH_GET &&
	       is_http_1_1(wsi) &&
	       lws_hdr_total_length(wsi, WSI_TOKEN_HOST) > 0 &&
	       header_lists(wsi, WSI_TOKEN_CONNECTION, "upgrade") &&
	       copy_header(wsi, WSI_TOKEN_KEY, key, sizeof(key)) &&
	       crypt_unbase64(key, nonce, sizeof(nonce)) == sizeof(nonce);
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
	out->closes = header_lists(wsi, WSI_TOKEN_CONNECTION, "close") ||
		      (!is_http_1_1(wsi) &&
		       !header_lists(wsi, WSI_TOKEN_CONNECTION, "keep-alive"));
	out->chunked =
		header_lists(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING, "chunked");
	/* An origin or a query cut short could pass for another. */
	out->fits = copy_header(wsi, WSI_TOKEN_ORIGIN, out->origin,
				sizeof(out->origin)) &&
		    copy_header(wsi, WSI_TOKEN_HOST, out->host,
				sizeof(out->host)) &&
		    copy_query(wsi, out->query, sizeof(out->query));
	copy_header(wsi, WSI_TOKEN_HTTP_USER_AGENT, out->agent,
		    sizeof(out->agent));
	copy_header(wsi, WSI_TOKEN_HTTP_AC_REQUEST_HEADERS, out->asked_headers,
		    sizeof(out->asked_headers));
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
	if (request->origin[0] == '\0')
		return true;
	if (config->allow_origin != NULL)
		return config->allow_origin(request->origin, request->host,
					    config->user);
	return origins_same_host(request->origin, request->host);
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
