#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "crypt.h"
#include "eio_message.h"
#include "eio_packet.h"
#include "eio_query.h"
#include "eio_session.h"
#include "mem.h"

#define SID_BYTES 15
#define PROBE "probe"

const struct eio_refusal eio_refusals[EIO_ERRORS] = {
	[EIO_UNKNOWN_TRANSPORT] =
		{400, "{\"code\":0,\"message\":\"Transport unknown\"}"},
	[EIO_UNKNOWN_SID] = {400,
			     "{\"code\":1,\"message\":\"Session ID unknown\"}"},
	[EIO_BAD_METHOD] =
		{400, "{\"code\":2,\"message\":\"Bad handshake method\"}"},
	[EIO_BAD_REQUEST] = {400, "{\"code\":3,\"message\":\"Bad request\"}"},
	[EIO_FORBIDDEN] = {403, "{\"code\":4,\"message\":\"Forbidden\"}"},
	[EIO_BAD_VERSION] =
		{400,
		 "{\"code\":5,\"message\":\"Unsupported protocol version\"}"},
	[EIO_TOO_LARGE] = {413,
			   "{\"code\":3,\"message\":\"Payload too large\"}"},
	[EIO_BUSY] = {503, "{\"code\":4,\"message\":\"Too many connections\"}"},
	[EIO_NO_LENGTH] = {411, "{\"code\":3,\"message\":\"Length required\"}"},
	[EIO_NO_PATH] = {404, "{\"code\":3,\"message\":\"Not found\"}"},
};

static enum eio_verdict refuse(enum eio_error why, enum eio_error *error)
{
	*error = why;
	return EIO_REFUSE;
}

static enum eio_verdict judge_new(struct eio_engine *engine,
				  enum eio_method method, bool websocket,
				  enum eio_error *error)
{
	if (!websocket && method != EIO_METHOD_GET)
		return refuse(EIO_BAD_METHOD, error);
	if (engine->shut || engine->sessions >= engine->config.max_connections)
		return refuse(EIO_BUSY, error);
	return EIO_CREATE;
}

static enum eio_verdict judge_known(const struct eio_session *session,
				    enum eio_method method, bool websocket,
				    enum eio_error *error)
{
	static const struct {
		enum eio_input input;
		enum eio_verdict verdict;
	} kinds[] = {
		[EIO_METHOD_GET] = {EIO_IN_GET, EIO_GET},
		[EIO_METHOD_POST] = {EIO_IN_POST, EIO_POST},
	};

	if (!websocket && method == EIO_METHOD_OTHER)
		return refuse(EIO_BAD_REQUEST, error);

	enum eio_input input = websocket ? EIO_IN_ATTACH : kinds[method].input;
	struct eio_step step = eio_step((enum eio_state)session->state, input);

	if (step.action == EIO_DO_REFUSE)
		return refuse(EIO_BAD_REQUEST, error);
	return websocket ? EIO_ATTACH : kinds[method].verdict;
}

enum eio_verdict eio_judge(struct eio_engine *engine,
			   const struct eio_endpoint *endpoint,
			   enum eio_method method, bool websocket,
			   const char *query, int64_t now_ms,
			   struct eio_session **session, enum eio_error *error)
{
	const char *version = eio_query_get(query, "EIO");
	const char *transport = eio_query_get(query, "transport");
	const char *sid = eio_query_get(query, "sid");

	*session = NULL;
	engine->now_ms = now_ms;
	if (transport == NULL || (strcmp(transport, "polling") != 0 &&
				  strcmp(transport, "websocket") != 0))
		return refuse(EIO_UNKNOWN_TRANSPORT, error);
	if (websocket != (strcmp(transport, "websocket") == 0))
		return refuse(EIO_BAD_REQUEST, error);
	if (version == NULL || strcmp(version, "4") != 0)
		return refuse(EIO_BAD_VERSION, error);
	if (sid == NULL)
		return judge_new(engine, method, websocket, error);
	*session = eio_find(engine, endpoint, sid, now_ms);
	if (*session == NULL)
		return refuse(EIO_UNKNOWN_SID, error);
	return judge_known(*session, method, websocket, error);
}

/* base64url of random bytes, behind the node's prefix. */
static void make_sid(struct eio_engine *engine, char out[EIO_SID_SIZE])
{
	const char *prefix = engine->config.sid_prefix;
	uint8_t bytes[SID_BYTES];

	engine->config.random(bytes, sizeof(bytes));
	char *text = crypt_base64(bytes, sizeof(bytes));

	for (char *at = text; *at != '\0'; at++)
		*at = *at == '+' ? '-' : *at == '/' ? '_' : *at;
	snprintf(out, EIO_SID_SIZE, "%s%s", prefix != NULL ? prefix : "", text);
	free(text);
}

static void send_text(struct eio_session *session, const char *text, size_t len)
{
	struct eio_message *message = eio_message_text(text, len);

	eio_send(session, message, false);
	eio_message_unref(message);
}

static void send_open(struct eio_session *session)
{
	const struct sio_config *config = &session->engine->config;
	char text[256];
	int len = snprintf(text, sizeof(text),
			   "0{\"sid\":\"%s\",\"upgrades\":[%s],"
			   "\"pingInterval\":%u,\"pingTimeout\":%u,"
			   "\"maxPayload\":%u}",
			   session->sid,
			   session->ws == NULL ? "\"websocket\"" : "",
			   config->ping_interval_ms, config->ping_timeout_ms,
			   config->max_payload);

	assert(len > 0 && (size_t)len < sizeof(text));
	send_text(session, text, (size_t)len);
}

struct eio_session *eio_open(struct eio_engine *engine,
			     const struct eio_endpoint *endpoint,
			     const struct sio_handshake *handshake,
			     struct eio_ws *ws, int64_t now_ms)
{
	struct eio_session *session = xcalloc(1, sizeof(*session));

	engine->now_ms = now_ms;
	session->engine = engine;
	session->endpoint = endpoint;
	session->state = ws != NULL ? EIO_WEBSOCKET : EIO_POLLING;
	session->ws = ws;
	if (ws != NULL) {
		ws->session = session;
		engine->stats.websockets++;
	}
	make_sid(engine, session->sid);
	eio_insert(session);
	send_open(session);
	eio_ping_later(session);
	session->handed = true;
	endpoint->handlers->open(session, handshake, endpoint->user);
	return session;
}

static void take_message(struct eio_session *session,
			 const struct eio_packet *packet)
{
	session->engine->stats.messages_in++;
	session->endpoint->handlers->message(session, packet->data, packet->len,
					     packet->binary,
					     session->endpoint->user);
}

static void take_pong(struct eio_session *session,
		      const struct eio_packet *packet)
{
	(void)packet;
	if (session->awaiting_pong)
		eio_ping_later(session);
}

static void take_close(struct eio_session *session,
		       const struct eio_packet *packet)
{
	(void)packet;
	eio_doom(session, SIO_CLIENT_DISCONNECT, 0, NULL);
}

static void take_nothing(struct eio_session *session,
			 const struct eio_packet *packet)
{
	(void)session;
	(void)packet;
}

/* What a client may send; NULL: never. A "ping" is the server's in this
 * revision, and "upgrade" means something on a probing WebSocket alone. */
static void (*const takers[])(struct eio_session *session,
			      const struct eio_packet *packet) = {
	[EIO_OPEN] = NULL,
	[EIO_CLOSE] = take_close,
	[EIO_PING] = NULL,
	[EIO_PONG] = take_pong,
	[EIO_MESSAGE] = take_message,
	[EIO_UPGRADE] = NULL,
	[EIO_NOOP] = take_nothing,
};

static bool take_packet(struct eio_session *session,
			const struct eio_packet *packet)
{
	if (takers[packet->type] == NULL)
		return false;
	takers[packet->type](session, packet);
	return true;
}

bool eio_get(struct eio_session *session, struct eio_poll *poll)
{
	struct eio_step step =
		eio_step((enum eio_state)session->state, EIO_IN_GET);

	if (step.action == EIO_DO_REFUSE)
		return false;
	if (session->held != NULL) {
		eio_doom(session, SIO_TRANSPORT_ERROR, 0, NULL);
		return false;
	}
	session->held = poll;
	poll->session = session;
	if (step.action == EIO_DO_GOODBYE) {
		eio_answer_held(session, eio_last_packet(session));
		eio_bury(session);
	} else if (step.action == EIO_DO_NOOP) {
		eio_answer_held(session, session->outbox.len > 0 ? 0 : '6');
	} else if (session->outbox.len > 0) {
		eio_mark_dirty(session);
	}
	return true;
}

bool eio_post_begin(struct eio_session *session)
{
	if (session->posting) {
		eio_doom(session, SIO_TRANSPORT_ERROR, 0, NULL);
		return false;
	}
	session->posting = true;
	return true;
}

void eio_post_gone(struct eio_session *session)
{
	session->posting = false;
	eio_doom(session, SIO_TRANSPORT_ERROR, 0, NULL);
}

bool eio_post(struct eio_session *session, char *body, size_t len)
{
	struct eio_step step =
		eio_step((enum eio_state)session->state, EIO_IN_POST);
	struct eio_payload payload;
	struct eio_packet packet;
	enum eio_payload_status status;

	session->posting = false;
	if (step.action != EIO_DO_TAKE)
		return step.action == EIO_DO_IGNORE;
	eio_payload_init(&payload, body, len);
	while ((status = eio_payload_next(&payload, &packet)) ==
		       EIO_PAYLOAD_PACKET &&
	       eio_session_open(session)) {
		if (!take_packet(session, &packet)) {
			status = EIO_PAYLOAD_MALFORMED;
			break;
		}
	}
	eio_payload_done(&payload);
	if (status == EIO_PAYLOAD_MALFORMED)
		eio_doom(session, SIO_PROTOCOL_ERROR, 0, NULL);
	return status != EIO_PAYLOAD_MALFORMED;
}

bool eio_attach(struct eio_session *session, struct eio_ws *ws)
{
	struct eio_engine *engine = session->engine;
	struct eio_step step =
		eio_step((enum eio_state)session->state, EIO_IN_ATTACH);

	if (step.action != EIO_DO_ATTACH)
		return false;
	session->state = (uint8_t)step.next;
	session->ws = ws;
	ws->session = session;
	eio_wheel_set(&engine->wheel, &eio_extra_want(session)->upgrade,
		      engine->now_ms + engine->config.upgrade_timeout_ms);
	return true;
}

void eio_poll_gone(struct eio_poll *poll)
{
	struct eio_session *session = poll->session;

	if (session == NULL)
		return;
	poll->session = NULL;
	session->held = NULL;
	eio_doom(session, SIO_TRANSPORT_CLOSE, 0, NULL);
}

static void drop_extra(struct eio_session *session)
{
	if (session->extra == NULL || session->extra->doomed)
		return;
	eio_wheel_cancel(&session->engine->wheel, &session->extra->upgrade);
	free(session->extra);
	session->extra = NULL;
}

/* The WebSocket alone goes; the session polls on. */
static void detach(struct eio_session *session)
{
	struct eio_ws *ws = session->ws;

	session->ws = NULL;
	ws->session = NULL;
	drop_extra(session);
	session->engine->edge->ws_close(ws, NULL, 1002, "not an upgrade");
}

static enum eio_input classify(const struct eio_packet *packet)
{
	if (packet->type == EIO_UPGRADE)
		return EIO_IN_UPGRADE;
	if (packet->type == EIO_PING && packet->len == strlen(PROBE) &&
	    memcmp(packet->data, PROBE, packet->len) == 0)
		return EIO_IN_PROBE;
	return EIO_IN_PACKET;
}

static void switch_over(struct eio_session *session)
{
	drop_extra(session);
	session->engine->stats.upgrades++;
	session->engine->stats.websockets++;
	if (session->held != NULL)
		eio_answer_held(session, '6');
	if (session->outbox.len > 0)
		eio_mark_dirty(session);
}

static void ws_packet(struct eio_session *session,
		      const struct eio_packet *packet)
{
	struct eio_step step =
		eio_step((enum eio_state)session->state, classify(packet));
	bool fine = true;

	if (step.action == EIO_DO_TAKE)
		fine = take_packet(session, packet);
	else if (step.action == EIO_DO_FAULT)
		fine = false;
	else
		session->state = (uint8_t)step.next;

	if (!fine)
		eio_doom(session, SIO_PROTOCOL_ERROR, 0, NULL);
	else if (step.action == EIO_DO_DETACH)
		detach(session);
	else if (step.action == EIO_DO_SWITCH)
		switch_over(session);
	else if (step.action == EIO_DO_PONG) {
		session->engine->edge->ws_text(session->ws, "3" PROBE);
		if (session->held != NULL)
			eio_answer_held(session,
					session->outbox.len > 0 ? 0 : '6');
	}
}

/* The session a frame is for, its clock looked at; NULL: too late. */
static struct eio_session *ws_session(struct eio_ws *ws, int64_t now_ms)
{
	struct eio_session *session = ws->session;

	if (session == NULL)
		return NULL;
	return eio_find(session->engine, session->endpoint, session->sid,
			now_ms);
}

void eio_ws_text(struct eio_ws *ws, const char *text, size_t len,
		 int64_t now_ms)
{
	struct eio_session *session = ws_session(ws, now_ms);
	struct eio_packet packet;

	if (session == NULL)
		return;
	if (eio_packet_read(text, len, &packet))
		ws_packet(session, &packet);
	else if (session->state == EIO_WEBSOCKET)
		eio_doom(session, SIO_PROTOCOL_ERROR, 0, NULL);
	else
		ws_packet(session, &(struct eio_packet){.type = EIO_NOOP});
}

void eio_ws_binary(struct eio_ws *ws, const void *data, size_t len,
		   int64_t now_ms)
{
	struct eio_session *session = ws_session(ws, now_ms);

	if (session == NULL)
		return;
	ws_packet(session, &(struct eio_packet){.type = EIO_MESSAGE,
						.binary = true,
						.data = data,
						.len = len});
}

void eio_ws_writable(struct eio_ws *ws)
{
	struct eio_session *session = ws->session;

	if (session != NULL && session->state == EIO_WEBSOCKET &&
	    session->outbox.len > 0)
		eio_mark_dirty(session);
}

void eio_ws_too_large(struct eio_ws *ws)
{
	struct eio_session *session = ws->session;

	if (session == NULL)
		return;
	if (session->state == EIO_WEBSOCKET)
		eio_doom(session, SIO_TOO_LARGE, 0, NULL);
	else if (session->state != EIO_CLOSED)
		ws_packet(session, &(struct eio_packet){.type = EIO_NOOP});
}

void eio_ws_gone(struct eio_ws *ws)
{
	struct eio_session *session = ws->session;

	if (session == NULL)
		return;
	struct eio_step step =
		eio_step((enum eio_state)session->state, EIO_IN_GONE);

	ws->session = NULL;
	session->ws = NULL;
	/* A doomed session still counts it: eio_end() will not see it. */
	if (step.action == EIO_DO_END ||
	    (session->extra != NULL && session->extra->doomed &&
	     session->extra->was == EIO_WEBSOCKET))
		session->engine->stats.websockets--;
	if (step.action == EIO_DO_END) {
		eio_doom(session, SIO_TRANSPORT_CLOSE, 0, NULL);
	} else if (step.action == EIO_DO_FORGET) {
		session->state = (uint8_t)step.next;
		drop_extra(session);
	}
}
