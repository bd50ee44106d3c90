/*
 * The whole of libsio but its edge, as a play in lines: what transports do,
 * what the program above does, and time. A line is a letter, a digit from 0 to
 * 3 (which of the actors) and text:
 *
 *     o open by polling    g GET         p POST text    y the GET is given up
 *     w open by WebSocket  a attach one  t text on it   b binary  x it dies
 *     k it takes nothing more            l message above max_payload
 *     j judge a request by its query
 *     s send  v volatile  q ask  d disconnect  c close  r join  m to the room
 *     . flush              T text length x 10 ms pass
 *
 * At the end everything must be gone (and the sanitizers content).
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fake_edge.h"
#include "mem.h"

#define ACTORS 4
#define LINES 200

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct fake fake;
static struct fake_ws ws[ACTORS];
static struct fake_poll polls[ACTORS];
static char sids[ACTORS][EIO_SID_SIZE];
static struct sio_socket *sockets[ACTORS];
static int alive; /* connect() seen and no end yet */

static void on_connect(struct sio_socket *socket,
		       const struct sio_handshake *handshake, void *user)
{
	(void)user;
	/* The auth decides: {} accepts, {"r":..} refuses, else later. */
	if (strstr(handshake->auth, "\"r\"") != NULL) {
		sio_refuse(socket, "no", "{}");
		return;
	}
	alive++;
	if (handshake->auth_len == 2)
		sio_accept(socket);
	for (int i = 0; i < ACTORS; i++) {
		if (sockets[i] == NULL) {
			sockets[i] = socket;
			break;
		}
	}
}

static void on_event(struct sio_socket *socket, const struct sio_event *event,
		     void *user)
{
	struct sio_message *message = sio_message_event_binary(
		event->name, event->args, event->args_len, event->attachments,
		event->attachments_len);

	(void)user;
	sio_send(socket, message, event->args_len == 0 ? SIO_VOLATILE : 0);
	sio_message_unref(message);
	if (event->ack == 7)
		sio_disconnect(socket, false);
	else if (event->ack == 8)
		sio_disconnect(socket, true);
	else if (event->ack >= 0)
		sio_ack_binary(socket, event->ack, "[]", 2, event->attachments,
			       event->attachments_len);
}

static void on_disconnect(struct sio_socket *socket, enum sio_reason reason,
			  void *user)
{
	(void)user;
	if (sio_reason_name(reason) == NULL || --alive < 0)
		abort();
	for (int i = 0; i < ACTORS; i++) {
		if (sockets[i] == socket)
			sockets[i] = NULL;
	}
}

static const struct sio_handlers handlers = {
	.connect = on_connect,
	.event = on_event,
	.disconnect = on_disconnect,
};

static void on_answer(struct sio_socket *socket,
		      const struct sio_answer *answer, void *user)
{
	(void)user;
	if (answer != NULL && answer->args_len == 0)
		sio_disconnect(socket, false);
}

static struct eio_session *session_of(int who)
{
	return eio_find(fake.engine, fake.endpoint, sids[who], fake.now_ms);
}

static void reset_ws(int who)
{
	fake_ws_done(&ws[who]);
	ws[who] = (struct fake_ws){0};
	buf_init(&ws[who].sent, 1 << 20);
}

static void drop_poll(int who)
{
	eio_poll_gone(&polls[who].base);
	fake_poll_done(&polls[who]);
	polls[who] = (struct fake_poll){0};
}

static void get(int who)
{
	struct eio_session *session = session_of(who);

	if (session == NULL)
		return;
	if (polls[who].base.session != NULL) {
		/* A second one at the same time: refused, ours stays. */
		struct fake_poll other = {0};

		if (eio_get(session, &other.base))
			abort();
		return;
	}
	drop_poll(who);
	eio_get(session, &polls[who].base);
}

static void post(int who, const char *text, size_t len)
{
	struct eio_session *session = session_of(who);
	struct fake_post post = {0};
	char *copy = xstrndup(text, len);
	enum eio_error error;

	if (session != NULL && eio_post_begin(session, &post.base))
		eio_post(&post.base, copy, strlen(copy), fake.now_ms, &error);
	free(copy);
}

/* Whoever is sent to a session gets one. */
static void judge(int who, const char *text, size_t len)
{
	char *query = xstrndup(text, len);
	enum eio_verdict verdict =
		fake_judge(&fake, (enum eio_method)(who % 3), who == 3, query);

	if (verdict != EIO_REFUSE && verdict != EIO_CREATE &&
	    fake.session == NULL)
		abort();
	free(query);
}

static void open_session(int who, bool by_websocket)
{
	drop_poll(who);
	reset_ws(who);
	struct eio_session *session =
		eio_open(fake.engine, fake.endpoint, &fake_handshake,
			 by_websocket ? &ws[who].base : NULL, fake.now_ms);

	strcpy(sids[who], eio_session_sid(session));
}

static void attach(int who)
{
	struct eio_session *session = session_of(who);

	if (session == NULL || ws[who].base.session != NULL)
		return;
	reset_ws(who);
	eio_attach(session, &ws[who].base);
}

static void above(char verb, struct sio_socket *socket)
{
	static const char json[] = "[\"e\",\"0123456789012345678901234567\"]";
	struct sio_message *message;

	if (socket == NULL)
		return;
	switch (verb) {
	case 's':
	case 'v':
	case 'm':
		message = sio_message_new(json, sizeof(json) - 1);
		if (verb == 'm')
			sio_core_send_room(fake.core, "/", "room", message, 0,
					   socket);
		else
			sio_send(socket, message,
				 verb == 'v' ? SIO_VOLATILE : 0);
		sio_message_unref(message);
		break;
	case 'q':
		sio_emit_with_ack(socket, json, sizeof(json) - 1, on_answer,
				  NULL);
		break;
	case 'd':
		sio_disconnect(socket, false);
		break;
	case 'c':
		sio_close(socket, 4001, "resume");
		break;
	case 'r':
		sio_accept(socket);
		sio_join(socket, "room");
		break;
	default:
		break;
	}
}

static void act(char verb, int who, const char *text, size_t len)
{
	switch (verb) {
	case 'o':
	case 'w':
		open_session(who, verb == 'w');
		break;
	case 'g':
		get(who);
		break;
	case 'p':
		post(who, text, len);
		break;
	case 'j':
		judge(who, text, len);
		break;
	case 'y':
		drop_poll(who);
		break;
	case 'a':
		attach(who);
		break;
	case 't':
		eio_ws_text(&ws[who].base, text, len, fake.now_ms);
		break;
	case 'b':
		eio_ws_binary(&ws[who].base, text, len, fake.now_ms);
		break;
	case 'x':
		reset_ws(who);
		break;
	case 'k':
		ws[who].blocked = !ws[who].blocked;
		eio_ws_writable(&ws[who].base);
		break;
	case 'l':
		eio_ws_too_large(&ws[who].base);
		break;
	case '.':
		fake_flush(&fake);
		break;
	case 'T':
		fake_pass(&fake, (int64_t)(len > 100 ? 100 : len) * 10);
		break;
	default:
		above(verb, sockets[who]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data, *end = at + size;

	fake_init(&fake);
	sio_namespace_add(fake.core, "/", &handlers, NULL);
	sio_namespace_add(fake.core, "/n", &handlers, NULL);
	alive = 0;
	memset(sids, 0, sizeof(sids));
	for (int i = 0; i < ACTORS; i++)
		buf_init(&ws[i].sent, 1 << 20);
	for (int i = 0; i < LINES && at < end; i++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((stop != NULL ? stop : end) - at);

		if (len >= 2)
			act(at[0], at[1] & 3, at + 2, len - 2);
		at += len + 1;
	}
	for (int i = 0; i < ACTORS; i++) {
		reset_ws(i);
		drop_poll(i);
	}
	fake_done(&fake);
	if (alive != 0)
		abort();
	return 0;
}
