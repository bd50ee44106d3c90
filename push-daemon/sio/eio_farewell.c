#include "eio_session.h"

#include "buf.h"
#include "eio_message.h"
#include "eio_packet.h"

#define PAYLOAD_AIM (1024 * 1024) /* bytes of one polling answer, about */

/* How each end looks to the client. python-engineio takes a "1" for the
 * server's last word and never comes back; where it should, the GET is answered
 * "6", and the next one 400. */
static const struct farewell {
	uint16_t code;	  /* of the WebSocket's close frame */
	const char *word; /* in it */
	char last;	  /* packet that ends the held GET */
	bool rest;	  /* what waits is still sent */
	bool linger;	  /* ... to a GET that is yet to come */
} farewells[] = {
	[SIO_CLIENT_DISCONNECT] = {1000, "", '6', false, false},
	[SIO_SERVER_DISCONNECT] = {1000, "", '1', true, true},
	[SIO_TRANSPORT_CLOSE] = {1000, "", '1', false, false},
	[SIO_TRANSPORT_ERROR] = {1002, "transport error", '1', false, false},
	[SIO_PING_TIMEOUT] = {4000, "ping timeout", '6', false, false},
	[SIO_PROTOCOL_ERROR] = {1002, "protocol error", '1', false, false},
	[SIO_TOO_LARGE] = {1009, "too large", '1', false, false},
	[SIO_OVERFLOW] = {4008, "slow-consumer", '6', false, false},
	[SIO_SHUTDOWN] = {1001, "going away", '6', true, false},
};

static const char *const reason_names[] = {
	[SIO_CLIENT_DISCONNECT] = "client_disconnect",
	[SIO_SERVER_DISCONNECT] = "server_disconnect",
	[SIO_TRANSPORT_CLOSE] = "transport_close",
	[SIO_TRANSPORT_ERROR] = "transport_error",
	[SIO_PING_TIMEOUT] = "ping_timeout",
	[SIO_PROTOCOL_ERROR] = "protocol_error",
	[SIO_TOO_LARGE] = "too_large",
	[SIO_OVERFLOW] = "outbox_full",
	[SIO_SHUTDOWN] = "shutdown",
};

const char *sio_reason_name(enum sio_reason reason)
{
	return reason_names[reason];
}

static void add_waiting(struct eio_session *session, struct buf *body)
{
	struct eio_outbox *outbox = &session->outbox;
	struct eio_packet packet;

	while (outbox->len > 0 && body->len < PAYLOAD_AIM) {
		struct eio_message *message = eio_outbox_at(outbox, 0);
		size_t offset = 0;

		while (eio_message_next(message, &offset, &packet))
			eio_payload_add(body, &packet);
		eio_outbox_wrote(outbox, message->len);
	}
}

void eio_answer_held(struct eio_session *session, char last)
{
	struct eio_poll *poll = session->held;
	struct buf body;

	/* The outbox is bounded; base64 makes four of three. */
	buf_init(&body, (size_t)session->engine->config.outbox_max * 2 + 16);
	add_waiting(session, &body);
	if (last != 0)
		eio_payload_add(&body,
				&(struct eio_packet){
					.type = (enum eio_type)(last - '0')});
	session->held = NULL;
	poll->session = NULL;
	session->engine->stats.writes++;
	session->engine->edge->poll_answer(poll, &body);
}

/* With a code of its own an end means "come back", too. */
static char last_packet(const struct eio_session *session)
{
	return session->extra->code != 0
		       ? '6'
		       : farewells[session->extra->reason].last;
}

/* socket.io-client closes on a "1" at once and forgets the packets that came
 * before it in the same answer: with others "1" waits for a GET of its own. */
bool eio_answer_goodbye(struct eio_session *session)
{
	char last = last_packet(session);

	if (last == '1' && session->outbox.len > 0 && !session->engine->shut) {
		eio_answer_held(session, 0);
		return false;
	}
	eio_answer_held(session, last);
	return true;
}

bool eio_lingers(const struct eio_session *session)
{
	return farewells[session->extra->reason].linger &&
	       session->extra->was != EIO_WEBSOCKET && !session->engine->shut;
}

void eio_end_ws(struct eio_session *session, bool listens)
{
	struct eio_extra *extra = session->extra;
	const struct farewell *farewell = &farewells[extra->reason];
	struct eio_ws *ws = session->ws;

	session->ws = NULL;
	ws->session = NULL;
	eio_extra_drop(session);
	session->engine->stats.websockets -= extra->was == EIO_WEBSOCKET;
	session->engine->edge->ws_close(
		ws, listens && farewell->rest ? &session->outbox : NULL,
		extra->code != 0 ? extra->code : farewell->code,
		extra->word[0] != '\0' ? extra->word : farewell->word);
}

static void say_farewell(struct eio_session *session)
{
	const struct farewell *farewell = &farewells[session->extra->reason];
	struct eio_engine *engine = session->engine;
	bool lingers = eio_lingers(session);
	bool over;

	if (!farewell->rest)
		eio_outbox_clear(&session->outbox);
	/* Told "3probe", the client may be about to listen there. */
	if (session->ws != NULL &&
	    !(lingers && session->extra->was == EIO_UPGRADING))
		eio_end_ws(session, session->extra->was == EIO_WEBSOCKET);
	if (session->held != NULL)
		over = eio_answer_goodbye(session);
	else
		over = !lingers;
	if (over) {
		eio_bury(session);
		return;
	}
	session->state = EIO_LINGERING;
	eio_wheel_set(&engine->wheel, &session->ping,
		      engine->now_ms + engine->config.ping_timeout_ms);
}

void eio_end(struct eio_session *session)
{
	enum sio_reason reason = (enum sio_reason)session->extra->reason;

	session->engine->stats.timeouts += reason == SIO_PING_TIMEOUT;
	if (session->handed) {
		session->handed = false;
		session->endpoint->handlers->close(session, reason,
						   session->endpoint->user);
	}
	session->user = NULL;
	say_farewell(session);
}
