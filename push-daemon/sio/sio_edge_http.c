#include <sys/socket.h>
#include <string.h>

#include "mem.h"
#include "sio_edge_lws.h"

#define BODY_PATIENCE_MS 30000

/* One HTTP request under way. */
struct edge_exchange {
	struct eio_poll poll; /* a GET that is held */
	struct lws *wsi;
	LIST_ENTRY(edge_exchange) link;
	bool held;
	const struct eio_endpoint *endpoint;
	struct eio_timer patience; /* for the body */
	struct buf body;	   /* of the request, then of the answer */
	int status;		   /* 0: no answer yet */
	const char *type;
	bool preflight;
	bool closes; /* the connection, after the answer */
	enum eio_error error;
	bool failed; /* error counts, when the body is here */
	char sid[EIO_SID_SIZE];
	char origin[]; /* that may read the answer; "" none */
};

static struct edge_exchange *exchange_of(struct lws *wsi)
{
	return lws_get_opaque_user_data(wsi);
}

static struct edge_exchange *exchange_new(struct lws *wsi,
					  const struct edge_request *request)
{
	size_t len = strlen(request->origin) + 1;
	struct edge_exchange *exchange = xcalloc(1, sizeof(*exchange) + len);

	exchange->wsi = wsi;
	exchange->endpoint = request->endpoint;
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

static void hold(struct sio_edge *edge, struct edge_exchange *exchange)
{
	LIST_INSERT_HEAD(&edge->held, exchange, link);
	exchange->held = true;
	lws_set_timeout(exchange->wsi, NO_PENDING_TIMEOUT, 0);
	look_at_peer(exchange->wsi, 0);
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
	look_at_peer(exchange->wsi, 1);
}

static void exchange_free(struct edge_exchange *exchange)
{
	struct sio_edge *edge = edge_of(exchange->wsi);

	eio_wheel_cancel(eio_engine_wheel(edge->core->engine),
			 &exchange->patience);
	lws_set_opaque_user_data(exchange->wsi, NULL);
	buf_done(&exchange->body);
	free(exchange);
}

/* The answer leaves when libwebsockets says the connection is writable. */
static void http_answer(struct edge_exchange *exchange, int status,
			const char *type)
{
	exchange->status = status;
	exchange->type = type;
	lws_callback_on_writable(exchange->wsi);
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
	struct edge_exchange *exchange = (struct edge_exchange *)poll;

	release(exchange);
	exchange->body = *body;
	http_answer(exchange, 200, "text/plain; charset=UTF-8");
}

void edge_http_expired(struct eio_timer *timer)
{
	struct edge_exchange *exchange =
		(struct edge_exchange *)((char *)timer -
					 offsetof(struct edge_exchange,
						  patience));

	edge_kill(exchange->wsi);
}

static void begin_body(struct sio_edge *edge, struct edge_exchange *exchange,
		       const struct edge_request *request)
{
	buf_init(&exchange->body, (size_t)request->content_length);
	exchange->patience.kind = EIO_TIMER_EDGE;
	eio_wheel_set(eio_engine_wheel(edge->core->engine), &exchange->patience,
		      edge_now(edge) + BODY_PATIENCE_MS);
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

static void http_fail(struct edge_exchange *exchange,
		      const struct edge_request *request, enum eio_error error)
{
	/* A body is read to its end first: a connection closed on top of it
	 * would take the answer along. */
	if (request->content_length > 0 && error != EIO_TOO_LARGE) {
		exchange->failed = true;
		exchange->error = error;
		return;
	}
	exchange->closes = request->content_length != 0 &&
			   request->method != EIO_METHOD_GET;
	answer_error(exchange, error);
}

static enum eio_verdict http_judge(struct sio_edge *edge,
				   const struct edge_request *request,
				   struct eio_session **session,
				   enum eio_error *error)
{
	long long max = edge->core->config.max_payload;
	enum eio_verdict verdict =
		edge_judge(edge, request, false, session, error);

	/* libwebsockets never finishes a body without a length. */
	if (request->method == EIO_METHOD_POST && request->content_length < 0) {
		*error = EIO_NO_LENGTH;
		return EIO_REFUSE;
	}
	if (request->content_length > max) {
		*error = EIO_TOO_LARGE;
		return EIO_REFUSE;
	}
	if (verdict == EIO_POST && !eio_post_begin(*session)) {
		*error = EIO_BAD_REQUEST;
		return EIO_REFUSE;
	}
	return verdict;
}

static struct eio_session *session_of(struct sio_edge *edge,
				      const struct edge_exchange *exchange)
{
	/* It may have gone while the body came. */
	return eio_find(edge->core->engine, exchange->endpoint, exchange->sid,
			edge_now(edge));
}

static void take_body(struct sio_edge *edge, struct edge_exchange *exchange)
{
	struct eio_session *session = session_of(edge, exchange);
	char *body = exchange->body.data;

	exchange->sid[0] = '\0';
	if (session == NULL)
		answer_error(exchange, EIO_UNKNOWN_SID);
	else if (!eio_post(session, body != NULL ? body : (char[]){""},
			   exchange->body.len))
		answer_error(exchange, EIO_BAD_REQUEST);
	else
		answer_text(exchange, 200, "text/html", "ok");
}

int edge_http_request(struct sio_edge *edge, struct lws *wsi)
{
	struct edge_request request;
	struct eio_session *session;
	enum eio_error error;

	/* What an earlier request on this connection left is gone: it was
	 * answered, and freed then. */
	edge_read_request(edge, wsi, &request);
	request.handshake.transport = "polling";
	enum eio_verdict verdict = http_judge(edge, &request, &session, &error);
	struct edge_exchange *exchange = exchange_new(wsi, &request);

	if (verdict == EIO_REFUSE && error == EIO_FORBIDDEN)
		exchange->origin[0] = '\0';
	if (request.content_length > 0)
		begin_body(edge, exchange, &request);

	if (request.preflight && exchange->origin[0] != '\0') {
		exchange->preflight = true;
		answer_text(exchange, 204, "text/plain", "");
	} else if (verdict == EIO_CREATE) {
		session = eio_open(edge->core->engine, request.endpoint,
				   &request.handshake, NULL, edge_now(edge));
		begin_poll(edge, exchange, session);
	} else if (verdict == EIO_GET) {
		begin_poll(edge, exchange, session);
	} else if (verdict == EIO_POST) {
		strcpy(exchange->sid, eio_session_sid(session));
		if (request.content_length == 0) {
			exchange->closes = true;
			take_body(edge, exchange);
		}
	} else {
		http_fail(exchange, &request, error);
	}
	return 0;
}

int edge_http_body(struct sio_edge *edge, struct lws *wsi, const void *data,
		   size_t len)
{
	struct edge_exchange *exchange = exchange_of(wsi);

	if (exchange == NULL)
		return -1;
	eio_engine_stats(edge->core->engine)->bytes_in += len;
	if (!exchange->failed && exchange->sid[0] != '\0')
		buf_add(&exchange->body, data, len);
	return 0;
}

int edge_http_complete(struct sio_edge *edge, struct lws *wsi)
{
	struct edge_exchange *exchange = exchange_of(wsi);

	if (exchange == NULL)
		return -1;
	if (exchange->failed)
		answer_error(exchange, exchange->error);
	else if (exchange->sid[0] != '\0')
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
		.preflight = exchange->preflight,
		.closes = exchange->closes,
	};
	bool fine = edge_answer_write(wsi, &answer);

	eio_engine_stats(edge_of(wsi)->core->engine)->bytes_out +=
		exchange->body.len;
	exchange_free(exchange);
	if (!fine || answer.closes)
		return -1;
	return lws_http_transaction_completed(wsi) ? -1 : 0;
}

void edge_http_closed(struct lws *wsi)
{
	struct edge_exchange *exchange = exchange_of(wsi);

	if (exchange == NULL)
		return;
	forget_held(exchange);
	eio_poll_gone(&exchange->poll);
	struct sio_edge *edge = edge_of(wsi);
	struct eio_session *session =
		exchange->sid[0] != '\0' ? session_of(edge, exchange) : NULL;

	if (session != NULL)
		eio_post_gone(session);
	exchange_free(exchange);
}

void edge_http_sweep(struct sio_edge *edge)
{
	struct edge_exchange *exchange, *next;
	char byte;

	for (exchange = LIST_FIRST(&edge->held); exchange != NULL;
	     exchange = next) {
		ssize_t got = recv(lws_get_socket_fd(exchange->wsi), &byte, 1,
				   MSG_PEEK | MSG_DONTWAIT);

		next = LIST_NEXT(exchange, link);
		if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
			edge_kill(exchange->wsi);
	}
}
