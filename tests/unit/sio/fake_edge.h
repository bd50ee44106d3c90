/*
 * fake_edge - transports made of memory, so that tests and fuzzers drive the
 * shipped engine without sockets, loop or clock.
 */
#ifndef FAKE_EDGE_H
#define FAKE_EDGE_H

#include "buf.h"
#include "eio_engine.h"
#include "sio_core.h"

/* What was written shows as text: packets joined by '|', binary ones as
 * "b<...>". */
struct fake_ws {
	struct eio_ws base;
	struct buf sent;
	bool blocked; /* the socket takes nothing */
	bool paused;  /* nothing is read from it */
	bool closed;
	int code;
	char word[64];
};

struct fake_poll {
	struct eio_poll base;
	struct buf body;
	bool answered;
};

struct fake_post {
	struct eio_post base;
	bool dropped;
};

struct fake {
	struct sio_core *core;
	struct eio_engine *engine;
	const struct eio_endpoint *endpoint; /* of Socket.IO */
	int64_t now_ms;
	enum eio_error error; /* of the last refusal */
	struct eio_session *session;
};

/* ping 300/200 ms, connect time-out 1000 ms, upgrade 500 ms, payload 1000,
 * outbox 2000 bytes, two connections more than 100. */
void fake_init(struct fake *fake);
void fake_done(struct fake *fake);

void fake_pass(struct fake *fake, int64_t ms); /* time, tick by tick */
void fake_flush(struct fake *fake);

/* query as in a URL, without escapes. */
enum eio_verdict fake_judge(struct fake *fake, enum eio_method method,
			    bool websocket, const char *query);
/* A session by polling (poll has the open packet) or by WebSocket. */
struct eio_session *fake_open(struct fake *fake, struct fake_poll *poll);
struct eio_session *fake_open_ws(struct fake *fake, struct fake_ws *ws);

/* A GET of that session; the body so far, "" while it is held. */
const char *fake_get(struct fake *fake, struct eio_session *session,
		     struct fake_poll *poll);
bool fake_post(struct fake *fake, struct eio_session *session,
	       const char *body);
void fake_text(struct fake *fake, struct fake_ws *ws, const char *text);
void fake_binary(struct fake *fake, struct fake_ws *ws, const void *data,
		 size_t len);

/* What was sent since the last call; valid until the next. */
const char *fake_sent(struct fake *fake, struct fake_ws *ws);
const char *fake_body(struct fake_poll *poll);

void fake_ws_done(struct fake_ws *ws);
void fake_poll_done(struct fake_poll *poll);

extern const struct sio_handshake fake_handshake;

#endif
