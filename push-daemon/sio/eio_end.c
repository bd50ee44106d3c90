#include "eio_session.h"

#include <string.h>

/* How each end looks to the client. python-engineio takes a "1" for the
 * server's last word and never comes back; where it should, the GET is answered
 * "6", and the next one 400. */
static const struct ending {
	uint16_t code;	  /* of the WebSocket's close frame */
	const char *word; /* in it */
	char last;	  /* packet that ends the held GET */
	bool rest;	  /* what waits is still sent */
	bool linger;	  /* ... to a GET that is yet to come */
} endings[] = {
	[SIO_CLIENT_DISCONNECT] = {1000, "", '6', false, false},
	[SIO_SERVER_DISCONNECT] = {1000, "", '1', true, true},
	[SIO_TRANSPORT_CLOSE] = {1000, "", '1', false, false},
	[SIO_TRANSPORT_ERROR] = {1002, "transport error", '1', false, false},
	[SIO_PING_TIMEOUT] = {4000, "ping timeout", '6', false, false},
	[SIO_PROTOCOL_ERROR] = {1002, "protocol error", '1', false, false},
	[SIO_TOO_LARGE] = {1009, "too large", '1', false, false},
	[SIO_UNFINISHED] = {1008, "unfinished packet", '6', false, false},
	[SIO_CROWDED] = {1013, "try again later", '6', false, false},
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
	[SIO_UNFINISHED] = "unfinished_packet",
	[SIO_CROWDED] = "crowded",
	[SIO_OVERFLOW] = "outbox_full",
	[SIO_SHUTDOWN] = "shutdown",
};

const char *sio_reason_name(enum sio_reason reason)
{
	return reason_names[reason];
}

static bool end_lingers(const struct eio_session *session)
{
	return endings[session->extra->reason].linger &&
	       session->extra->was != EIO_WEBSOCKET && !session->engine->shut;
}

void eio_end(struct eio_session *session, enum sio_reason reason, int code,
	     const char *word)
{
	struct eio_extra *extra;

	if (!eio_state_open((enum eio_state)session->state))
		return;
	extra = eio_extra_want(session);
	extra->ending = true;
	eio_holds_drop(session);
	extra->was = session->state;
	extra->reason = (uint8_t)reason;
	extra->code = (uint16_t)code;
	if (word != NULL) {
		size_t len = strnlen(word, sizeof(extra->word) - 1);
		memcpy(extra->word, word, len);
	}
	session->state = end_lingers(session) ? EIO_ENDING : EIO_CLOSED;
	/* It may wait in the dirty queue: that one passes over it, and both
	 * use the same link. */
	if (!session->dirty)
		eio_queue_add(&session->engine->ending, session);
}

bool eio_in_time(struct eio_session *session, int64_t now_ms)
{
	struct eio_engine *engine = session->engine;

	engine->now_ms = now_ms;
	if (session->state == EIO_CLOSED)
		return false;
	if (!session->awaiting_pong ||
	    !eio_wheel_due(&engine->wheel, &session->ping, now_ms))
		return true;
	eio_end(session, SIO_PING_TIMEOUT, 0, NULL);
	return false;
}

/* With a code of its own an end means "come back", too. */
static char last_packet(const struct eio_session *session)
{
	return session->extra->code != 0 ? '6'
					 : endings[session->extra->reason].last;
}

/* socket.io-client closes on a "1" at once and forgets the packets that came
 * before it in the same answer: with others "1" waits for a GET of its own. */
bool eio_end_answer(struct eio_session *session)
{
	char last = last_packet(session);

	if (last == '1' && session->outbox.len > 0 && !session->engine->shut) {
		eio_answer_held(session, 0);
		return false;
	}
	eio_answer_held(session, last);
	return true;
}

void eio_end_ws(struct eio_session *session, bool listens)
{
	struct eio_extra *extra = session->extra;
	const struct ending *ending = &endings[extra->reason];
	struct eio_ws *ws = session->ws;
	uint32_t waiting = session->outbox.bytes;

	session->ws = NULL;
	ws->session = NULL;
	eio_probe_over(session);
	session->engine->stats.websockets -= extra->was == EIO_WEBSOCKET;
	session->engine->edge->ws_close(
		ws, listens && ending->rest ? &session->outbox : NULL,
		extra->code != 0 ? extra->code : ending->code,
		extra->word[0] != '\0' ? extra->word : ending->word);
	eio_waiting_was(session, waiting);
}

static void end_clear_outbox(struct eio_session *session)
{
	uint32_t waiting = session->outbox.bytes;

	eio_outbox_clear(&session->outbox);
	eio_waiting_was(session, waiting);
}

/* Its body is for nobody any more. */
static void end_post(struct eio_session *session)
{
	struct eio_post *post = session->extra->post;

	if (post == NULL)
		return;
	session->extra->post = NULL;
	post->session = NULL;
	session->engine->edge->post_drop(post);
}

void eio_close(struct eio_session *session)
{
	session->state = EIO_CLOSED;
	eio_wheel_cancel(&session->engine->wheel, &session->ping);
	if (session->ws != NULL)
		eio_end_ws(session, false);
	end_post(session);
	end_clear_outbox(session);
	eio_table_remove(session);
	session->next_in_queue = session->engine->closed;
	session->engine->closed = session;
}

static void end_tell_client(struct eio_session *session)
{
	const struct ending *ending = &endings[session->extra->reason];
	struct eio_engine *engine = session->engine;
	bool lingers = end_lingers(session);
	bool over;

	if (!ending->rest)
		end_clear_outbox(session);
	/* One that probes the client may be about to listen to. */
	if (session->ws != NULL &&
	    !(lingers &&
	      eio_state_probing((enum eio_state)session->extra->was)))
		eio_end_ws(session, session->extra->was == EIO_WEBSOCKET);
	if (session->held != NULL)
		over = eio_end_answer(session);
	else
		over = !lingers;
	if (over) {
		eio_close(session);
		return;
	}
	session->state = EIO_LINGERING;
	eio_wheel_set(&engine->wheel, &session->ping,
		      engine->now_ms + engine->config.ping_timeout_ms);
}

void eio_end_tell(struct eio_session *session)
{
	enum sio_reason reason = (enum sio_reason)session->extra->reason;

	session->engine->stats.timeouts += reason == SIO_PING_TIMEOUT;
	if (session->handed) {
		session->handed = false;
		session->endpoint->handlers->close(session, reason,
						   session->endpoint->user);
	}
	session->user = NULL;
	end_tell_client(session);
}
