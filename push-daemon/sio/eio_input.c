#include <string.h>

#include "eio_packet.h"
#include "eio_session.h"
#include "mem.h"

#define PROBE "probe"

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
	eio_end(session, SIO_CLIENT_DISCONNECT, 0, NULL);
}

static void take_nothing(struct eio_session *session,
			 const struct eio_packet *packet)
{
	(void)session;
	(void)packet;
}

/* What a client may send; NULL: never. A "ping" is the server's in this
 * revision, and "upgrade" means something on a probing WebSocket alone. */
static void (*const eio_takers[])(struct eio_session *session,
				  const struct eio_packet *packet) = {
	[EIO_OPEN] = NULL,
	[EIO_CLOSE] = take_close,
	[EIO_PING] = NULL,
	[EIO_PONG] = take_pong,
	[EIO_MESSAGE] = take_message,
	[EIO_UPGRADE] = NULL,
	[EIO_NOOP] = take_nothing,
};

static bool eio_take_packet(struct eio_session *session,
			    const struct eio_packet *packet)
{
	if (eio_takers[packet->type] == NULL)
		return false;
	eio_takers[packet->type](session, packet);
	return true;
}

static void fault(struct eio_session *session)
{
	eio_end(session, SIO_PROTOCOL_ERROR, 0, NULL);
}

bool eio_get(struct eio_session *session, struct eio_poll *poll)
{
	struct eio_step step =
		eio_step((enum eio_state)session->state, EIO_IN_GET);

	if (step.action == EIO_DO_REFUSE)
		return false;
	if (session->held != NULL) {
		eio_end(session, SIO_TRANSPORT_ERROR, 0, NULL);
		return false;
	}
	session->held = poll;
	poll->session = session;
	if (step.action == EIO_DO_LAST) {
		if (eio_end_answer(session))
			eio_close(session);
	} else if (step.action == EIO_DO_NOOP) {
		eio_answer_held(session, session->outbox.len > 0 ? 0 : '6');
	} else if (step.action == EIO_DO_HOLD && session->outbox.len > 0) {
		eio_mark_dirty(session);
	}
	return true;
}

bool eio_post_begin(struct eio_session *session, struct eio_post *post)
{
	struct eio_extra *extra = eio_extra_want(session);

	if (extra->post != NULL) {
		eio_end(session, SIO_TRANSPORT_ERROR, 0, NULL);
		return false;
	}
	extra->post = post;
	post->session = session;
	return true;
}

static struct eio_session *post_over(struct eio_post *post)
{
	struct eio_session *session = post->session;

	if (session == NULL)
		return NULL;
	post->session = NULL;
	session->extra->post = NULL;
	eio_half(session, EIO_HALF_FRAME, 0);
	eio_extra_drop(session);
	return session;
}

void eio_post_gone(struct eio_post *post)
{
	struct eio_session *session = post_over(post);

	if (session != NULL)
		eio_end(session, SIO_TRANSPORT_ERROR, 0, NULL);
}

static bool take_payload(struct eio_session *session, char *body, size_t len)
{
	struct eio_payload payload;
	struct eio_packet packet;
	enum eio_payload_status status;

	eio_payload_init(&payload, body, len);
	while ((status = eio_payload_next(&payload, &packet)) ==
		       EIO_PAYLOAD_PACKET &&
	       eio_session_open(session)) {
		if (!eio_take_packet(session, &packet)) {
			status = EIO_PAYLOAD_MALFORMED;
			break;
		}
	}
	if (status == EIO_PAYLOAD_MALFORMED)
		fault(session);
	return status != EIO_PAYLOAD_MALFORMED;
}

bool eio_post(struct eio_post *post, char *body, size_t len, int64_t now_ms,
	      enum eio_error *error)
{
	struct eio_session *session = post_over(post);

	*error = EIO_UNKNOWN_SID;
	if (session == NULL || !eio_in_time(session, now_ms))
		return false;
	*error = EIO_BAD_REQUEST;
	switch (eio_step((enum eio_state)session->state, EIO_IN_POST).action) {
	case EIO_DO_TAKE:
		return take_payload(session, body, len);
	case EIO_DO_IGNORE:
		return true;
	default:
		return false;
	}
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
	eio_end(session, SIO_TRANSPORT_CLOSE, 0, NULL);
}

/* The WebSocket alone goes; the session polls on. */
static void detach(struct eio_session *session)
{
	struct eio_ws *ws = session->ws;

	session->ws = NULL;
	ws->session = NULL;
	eio_probe_over(session);
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
	eio_probe_over(session);
	session->engine->stats.upgrades++;
	session->engine->stats.websockets++;
	if (session->held != NULL)
		eio_answer_held(session, '6');
	if (session->outbox.len > 0)
		eio_mark_dirty(session);
}

/* Upgraded as it ends, which is not said yet. */
static void move(struct eio_session *session)
{
	if (!eio_state_probing((enum eio_state)session->extra->was))
		return;
	session->extra->was = EIO_WEBSOCKET;
	session->engine->stats.websockets++;
}

/* Upgraded after its end: it hears of that here. */
static void part(struct eio_session *session)
{
	eio_end_ws(session, true);
	eio_close(session);
}

static void answer_probe(struct eio_session *session)
{
	session->engine->edge->ws_text(session->ws, "3" PROBE);
	if (session->held != NULL)
		eio_answer_held(session, session->outbox.len > 0 ? 0 : '6');
}

/* What is done on a packet that is not the session's own; NULL: nothing. */
static void (*const ws_actions[EIO_ACTIONS])(struct eio_session *session) = {
	[EIO_DO_PONG] = answer_probe, [EIO_DO_SWITCH] = switch_over,
	[EIO_DO_MOVE] = move,	      [EIO_DO_CLOSE] = part,
	[EIO_DO_DETACH] = detach,     [EIO_DO_FAULT] = fault,
};

static void ws_packet(struct eio_session *session,
		      const struct eio_packet *packet)
{
	struct eio_step step =
		eio_step((enum eio_state)session->state, classify(packet));

	if (step.action == EIO_DO_TAKE) {
		if (!eio_take_packet(session, packet))
			fault(session);
		return;
	}
	if (step.action != EIO_DO_FAULT) /* closed when that is said */
		session->state = (uint8_t)step.next;
	if (ws_actions[step.action] != NULL)
		ws_actions[step.action](session);
}

/* The session a frame is for, its clock looked at; NULL: too late. */
static struct eio_session *ws_session(struct eio_ws *ws, int64_t now_ms)
{
	struct eio_session *session = ws->session;

	return session != NULL && eio_in_time(session, now_ms) ? session : NULL;
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

/* A client whose WebSocket has no binary frames may do as on polling. */
static void ws_base64(struct eio_session *session, const char *text, size_t len)
{
	char *bytes = xmalloc(len + 1);
	struct eio_packet packet = {.type = EIO_MESSAGE,
				    .binary = true,
				    .data = bytes,
				    .len = eio_base64_read(text, len, bytes)};

	ws_packet(session, &packet);
	free(bytes);
}

void eio_ws_text(struct eio_ws *ws, const char *text, size_t len,
		 int64_t now_ms)
{
	struct eio_session *session = ws_session(ws, now_ms);
	struct eio_packet packet;

	if (session == NULL)
		return;
	if (len > 0 && text[0] == EIO_BASE64)
		ws_base64(session, text + 1, len - 1);
	else if (eio_packet_read(text, len, &packet))
		ws_packet(session, &packet);
	else if (session->state == EIO_WEBSOCKET)
		fault(session);
	else
		ws_packet(session, &(struct eio_packet){.type = EIO_NOOP});
}

void eio_ws_writable(struct eio_ws *ws)
{
	struct eio_session *session = ws->session;

	if (session != NULL && session->state == EIO_WEBSOCKET &&
	    session->outbox.len > 0)
		eio_mark_dirty(session);
}

uint32_t eio_ws_max(const struct eio_ws *ws)
{
	return ws->session->state == EIO_WEBSOCKET
		       ? eio_session_max(ws->session)
		       : (uint32_t)strlen("2" PROBE);
}

void eio_ws_too_large(struct eio_ws *ws)
{
	struct eio_session *session = ws->session;

	if (session == NULL)
		return;
	if (session->state == EIO_WEBSOCKET)
		eio_end(session, SIO_TOO_LARGE, 0, NULL);
	else if (session->state != EIO_CLOSED)
		ws_packet(session, &(struct eio_packet){.type = EIO_NOOP});
}

/* One that is not the transport has its deadline already, and must not cost the
 * session that polls on. */
void eio_ws_half(struct eio_ws *ws, size_t bytes)
{
	if (ws->session->state == EIO_WEBSOCKET)
		eio_half(ws->session, EIO_HALF_FRAME, bytes);
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
	/* An ending session still counts it: eio_end_tell() will not see it. */
	if (step.action == EIO_DO_END ||
	    (session->extra != NULL && session->extra->ending &&
	     session->extra->was == EIO_WEBSOCKET))
		session->engine->stats.websockets--;
	eio_probe_over(session);
	if (step.action == EIO_DO_END)
		eio_end(session, SIO_TRANSPORT_CLOSE, 0, NULL);
	else if (step.action == EIO_DO_FORGET)
		session->state = (uint8_t)step.next;
}
