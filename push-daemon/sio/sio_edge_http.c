#include <sys/socket.h>
#include <string.h>

#include "eio_chunked.h"
#include "mem.h"
#include "sio_edge_lws.h"

/* One HTTP request under way. */
struct edge_exchange {
	struct edge_loose loose;
	struct eio_poll poll; /* a GET that is held */
	struct eio_post post; /* a POST whose body comes */
	LIST_ENTRY(edge_exchange) link;
	bool held;
	struct eio_timer patience; /* for the body */
	struct buf body;	   /* of the request, then of the answer */
	int status;		   /* 0: no answer yet */
	const char *type;
	struct eio_chunked *chunked; /* NULL: the body is not */
	char *allow_headers;	     /* of a preflight; NULL: it is none */
	bool closes;		     /* the connection, after the answer */
	bool last;		     /* ... for the client wants that */
	enum eio_error error;
	bool failed;   /* error counts, when the body is here */
	char origin[]; /* that may read the answer; "" none */
};

#define OWNER(part, field)                                                     \
	((struct edge_exchange *)(void *)((char *)(part) -                     \
					  offsetof(struct edge_exchange,       \
						   field)))

/* NULL: it has no request. */
static struct edge_exchange *exchange_of(struct lws *wsi)
{
	struct edge_conn *conn = edge_conn_of(wsi);

	return conn != NULL && conn->kind == EDGE_EXCHANGE
		       ? OWNER(conn, loose.conn)
		       : NULL;
}

void edge_http_wait(struct sio_edge *edge, struct lws *wsi)
{
	struct edge_loose *loose = xcalloc(1, sizeof(*loose));

	loose->conn.wsi = wsi;
	loose->conn.kind = EDGE_LOOSE;
	lws_set_opaque_user_data(wsi, loose);
	edge_loosen(edge, loose);
}

static struct edge_exchange *exchange_new(struct sio_edge *edge,
					  struct lws *wsi,
					  const struct edge_request *request)
{
	size_t len = strlen(request->origin) + 1;
	struct edge_exchange *exchange = xcalloc(1, sizeof(*exchange) + len);

	edge_forget_loose(edge, wsi);
	exchange->loose.conn.wsi = wsi;
	exchange->loose.conn.kind = EDGE_EXCHANGE;
	/* Of a body in chunks libwebsockets does not know the end. */
	exchange->closes = request->chunked;
	exchange->last = request->closes;
	memcpy(exchange->origin, request->origin, len);
	lws_set_opaque_user_data(wsi, exchange);
	return exchange;
}

/* libwebsockets 4.1 does not read a held connection's end of file, and spins:
 * it must not look. 4.3 spins when it may not. */
static void look_at_peer(struct lws *wsi, int enable)
{
#if LWS_LIBRARY_VERSION_NUMBER < 4002000
	lws_rx_flow_control(wsi, enable);
#else
	(void)wsi;
	(void)enable;
#endif
}

/* A body that is yet to come is still read. */
static void hold(struct sio_edge *edge, struct edge_exchange *exchange)
{
	LIST_INSERT_HEAD(&edge->held, exchange, link);
	exchange->held = true;
	lws_set_timeout(exchange->loose.conn.wsi, NO_PENDING_TIMEOUT, 0);
	if (exchange->patience.at == NULL)
		look_at_peer(exchange->loose.conn.wsi, 0);
}

static void forget_held(struct edge_exchange *exchange)
{
	if (exchange->held)
		LIST_REMOVE(exchange, link);
	exchange->held = false;
}

static void release(struct edge_exchange *exchange)
{
	forget_held(exchange);
	look_at_peer(exchange->loose.conn.wsi, 1);
}

static void exchange_free(struct edge_exchange *exchange)
{
	struct sio_edge *edge = edge_of(exchange->loose.conn.wsi);

	eio_wheel_cancel(eio_engine_wheel(edge->core->engine),
			 &exchange->patience);
	edge_tighten(edge, &exchange->loose);
	lws_set_opaque_user_data(exchange->loose.conn.wsi, NULL);
	buf_done(&exchange->body);
	free(exchange->chunked);
	free(exchange->allow_headers);
	free(exchange);
}

/* The answer leaves when libwebsockets says the connection is writable. */
static void http_answer(struct edge_exchange *exchange, int status,
			const char *type)
{
	exchange->status = status;
	exchange->type = type;
	lws_callback_on_writable(exchange->loose.conn.wsi);
}

static void answer_text(struct edge_exchange *exchange, int status,
			const char *type, const char *text)
{
	buf_done(&exchange->body);
	buf_init(&exchange->body, strlen(text));
	buf_adds(&exchange->body, text);
	http_answer(exchange, status, type);
}

static void answer_error(struct edge_exchange *exchange, enum eio_error error)
{
	answer_text(exchange, eio_refusals[error].status, "application/json",
		    eio_refusals[error].body);
}

void edge_http_answer(struct eio_poll *poll, struct buf *body)
{
	struct edge_exchange *exchange = OWNER(poll, poll);

	release(exchange);
	exchange->body = *body;
	http_answer(exchange, 200, "text/plain; charset=UTF-8");
}

void edge_http_expired(struct eio_timer *timer)
{
	edge_kill(OWNER(timer, patience)->loose.conn.wsi);
}

/* What comes of its body is passed over. */
static void exchange_fail(struct sio_edge *edge, struct edge_exchange *exchange,
			  enum eio_error error)
{
	buf_done(&exchange->body);
	exchange->failed = true;
	exchange->error = error;
	edge_loosen(edge, &exchange->loose);
}

void edge_http_drop(struct eio_post *post)
{
	struct edge_exchange *exchange = OWNER(post, post);

	if (exchange->chunked != NULL)
		answer_error(exchange, EIO_UNKNOWN_SID);
	else
		exchange_fail(edge_of(exchange->loose.conn.wsi), exchange,
			      EIO_UNKNOWN_SID);
}

static bool has_body(const struct edge_request *request)
{
	return request->content_length > 0 || request->chunked;
}

static void begin_body(struct sio_edge *edge, struct edge_exchange *exchange,
		       const struct edge_request *request)
{
	buf_init(&exchange->body, edge->core->config.max_payload);
	if (request->chunked)
		exchange->chunked = xcalloc(1, sizeof(*exchange->chunked));
	exchange->patience.kind = EIO_TIMER_EDGE;
	eio_wheel_set(eio_engine_wheel(edge->core->engine), &exchange->patience,
		      edge_now(edge) + edge->core->config.packet_timeout_ms);
}

static void begin_poll(struct sio_edge *edge, struct edge_exchange *exchange,
		       struct eio_session *session)
{
	hold(edge, exchange);
	if (eio_get(session, &exchange->poll))
		return;
	release(exchange);
	answer_error(exchange, EIO_BAD_REQUEST);
}

static void http_fail(struct sio_edge *edge, struct edge_exchange *exchange,
		      const struct edge_request *request, enum eio_error error)
{
	/* A body is read to its end first: a connection closed on top of it
	 * would take the answer along. */
	if (request->content_length > 0 &&
	    request->content_length <= edge->core->config.max_payload) {
		exchange_fail(edge, exchange, error);
		return;
	}
	if (request->content_length != 0 && request->method != EIO_METHOD_GET)
		exchange->closes = true;
	answer_error(exchange, error);
}

static enum eio_verdict http_judge(struct sio_edge *edge,
				   const struct edge_request *request,
				   struct eio_session **session,
				   enum eio_error *error)
{
	enum eio_verdict verdict =
		edge_judge(edge, request, false, session, error);

	/* One of the two: with both, what stands before us may have counted
	 * otherwise. And libwebsockets takes the chunks of a GET for the next
	 * request. */
	if (request->chunked && (request->content_length >= 0 ||
				 request->method == EIO_METHOD_GET)) {
		*error = EIO_BAD_REQUEST;
		return EIO_REFUSE;
	}
	if (request->method == EIO_METHOD_POST && !request->chunked &&
	    request->content_length < 0) {
		*error = EIO_NO_LENGTH;
		return EIO_REFUSE;
	}
	if (verdict == EIO_POST &&
	    request->content_length > (long long)eio_session_max(*session)) {
		*error = EIO_TOO_LARGE;
		return EIO_REFUSE;
	}
	return verdict;
}

static void take_body(struct sio_edge *edge, struct edge_exchange *exchange)
{
	char *body = exchange->body.data;
	enum eio_error error;

	if (eio_post(&exchange->post, body != NULL ? body : (char[]){""},
		     exchange->body.len, edge_now(edge), &error))
		answer_text(exchange, 200, "text/html", "ok");
	else
		answer_error(exchange, error);
}

static void begin_post(struct sio_edge *edge, struct edge_exchange *exchange,
		       const struct edge_request *request,
		       struct eio_session *session)
{
	if (!eio_post_begin(session, &exchange->post)) {
		http_fail(edge, exchange, request, EIO_BAD_REQUEST);
	} else if (request->content_length == 0) {
		exchange->closes = true;
		take_body(edge, exchange);
	}
}

int edge_http_request(struct sio_edge *edge, struct lws *wsi)
{
	struct edge_request request;
	struct eio_session *session;
	enum eio_error error;

	edge_read_request(edge, wsi, &request);
	request.handshake.transport = "polling";
	enum eio_verdict verdict = http_judge(edge, &request, &session, &error);
	struct edge_exchange *exchange = exchange_new(edge, wsi, &request);

	if (verdict == EIO_REFUSE && error == EIO_FORBIDDEN)
		exchange->origin[0] = '\0';
	if (has_body(&request))
		begin_body(edge, exchange, &request);

	if (request.preflight && exchange->origin[0] != '\0') {
		exchange->allow_headers = xstrdup(request.asked_headers);
		answer_text(exchange, 204, "text/plain", "");
	} else if (verdict == EIO_CREATE) {
		session = eio_open(edge->core->engine, request.endpoint,
				   &request.handshake, NULL, edge_now(edge));
		begin_poll(edge, exchange, session);
	} else if (verdict == EIO_GET) {
		begin_poll(edge, exchange, session);
	} else if (verdict == EIO_POST) {
		begin_post(edge, exchange, &request, session);
	} else {
		http_fail(edge, exchange, &request, error);
	}
	return 0;
}

static void add_body(struct edge_exchange *exchange, const void *data,
		     size_t len)
{
	buf_add(&exchange->body, data, len);
	eio_half(exchange->post.session, EIO_HALF_FRAME, exchange->body.cap);
}

static void end_chunked(struct edge_exchange *exchange, enum eio_error error)
{
	eio_post_gone(&exchange->post);
	answer_error(exchange, error);
}

static void take_chunks(struct sio_edge *edge, struct edge_exchange *exchange,
			const char *data, size_t len)
{
	enum eio_chunked_status status = EIO_CHUNKED_MORE;
	const char *piece;
	size_t piece_len;

	while (len > 0 && status == EIO_CHUNKED_MORE) {
		status = eio_chunked_read(exchange->chunked, &data, &len,
					  &piece, &piece_len);
		if (exchange->body.len + piece_len >
		    eio_session_max(exchange->post.session)) {
			end_chunked(exchange, EIO_TOO_LARGE);
			return;
		}
		if (piece_len > 0)
			add_body(exchange, piece, piece_len);
	}
	if (status == EIO_CHUNKED_MALFORMED)
		end_chunked(exchange, EIO_BAD_REQUEST);
	else if (status == EIO_CHUNKED_END)
		take_body(edge, exchange);
}

int edge_http_body(struct sio_edge *edge, struct lws *wsi, const void *data,
		   size_t len)
{
	struct edge_exchange *exchange = exchange_of(wsi);

	if (exchange == NULL)
		return -1;
	eio_engine_stats(edge->core->engine)->bytes_in += len;
	if (exchange->post.session == NULL)
		return 0;
	if (exchange->chunked != NULL)
		take_chunks(edge, exchange, data, len);
	else
		add_body(exchange, data, len);
	return 0;
}

int edge_http_complete(struct sio_edge *edge, struct lws *wsi)
{
	struct edge_exchange *exchange = exchange_of(wsi);

	if (exchange == NULL)
		return -1;
	eio_wheel_cancel(eio_engine_wheel(edge->core->engine),
			 &exchange->patience);
	if (exchange->held)
		look_at_peer(wsi, 0);
	else if (exchange->failed)
		answer_error(exchange, exchange->error);
	else if (exchange->post.session != NULL)
		take_body(edge, exchange);
	return 0;
}

int edge_http_writable(struct lws *wsi)
{
	struct edge_exchange *exchange = exchange_of(wsi);

	if (exchange == NULL || exchange->status == 0)
		return 0;
	const struct edge_answer answer = {
		.status = exchange->status,
		.type = exchange->type,
		.body = exchange->body.data,
		.len = exchange->body.len,
		.origin = exchange->origin,
		.allow_headers = exchange->allow_headers,
		.closes = exchange->closes || exchange->last,
	};
	bool fine = edge_answer_write(wsi, &answer);
	bool closes = exchange->closes;

	eio_engine_stats(edge_of(wsi)->core->engine)->bytes_out +=
		exchange->body.len;
	exchange_free(exchange);
	if (!fine || closes)
		return -1;
	if (lws_http_transaction_completed(wsi))
		return -1;
	edge_http_wait(edge_of(wsi), wsi);
	return 0;
}

void edge_http_closed(struct lws *wsi)
{
	struct edge_exchange *exchange = exchange_of(wsi);

	edge_forget_loose(edge_of(wsi), wsi);
	if (exchange == NULL)
		return;
	forget_held(exchange);
	eio_poll_gone(&exchange->poll);
	eio_post_gone(&exchange->post);
	exchange_free(exchange);
}

void edge_http_sweep(struct sio_edge *edge)
{
	struct edge_exchange *exchange, *next;
	char byte;

	for (exchange = LIST_FIRST(&edge->held); exchange != NULL;
	     exchange = next) {
		ssize_t got = recv(lws_get_socket_fd(exchange->loose.conn.wsi),
				   &byte, 1, MSG_PEEK | MSG_DONTWAIT);

		next = LIST_NEXT(exchange, link);
		if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
			edge_kill(exchange->loose.conn.wsi);
	}
}
