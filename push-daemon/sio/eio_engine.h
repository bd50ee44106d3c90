/*
 * eio_engine - the sessions of an Engine.IO server: what the transports tell,
 * what the layer above is told, what goes out and when.
 *
 * Between two worlds, and knowing neither: the edge (libwebsockets) is a
 * const struct of functions, time is an argument, so tests run the shipped
 * code with transports of their own.
 *
 * Nothing above is called from within a send or a close: sessions end, and
 * what waits is written, in eio_flush(), once per loop iteration.
 */
#ifndef EIO_ENGINE_H
#define EIO_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eio_outbox.h"
#include "eio_wheel.h"
#include "sio_base.h"

#define EIO_SID_SIZE 25 /* up to 4 of prefix, 20 random, NUL */

struct buf;
struct eio_engine;
struct eio_message;

/* The edge embeds these in its own structs. session NULL: cut loose. */
struct eio_ws {
	struct eio_session *session;
};
struct eio_poll {
	struct eio_session *session;
};
struct eio_post {
	struct eio_session *session;
};

/* What the engine asks of the edge. None may call back at once. */
struct eio_edge {
	/* Write what the socket takes; eio_ws_writable() later when it did
	 * not take all. */
	void (*ws_write)(struct eio_ws *ws, struct eio_outbox *outbox);
	/* One text frame to a WebSocket that is not the transport yet. */
	void (*ws_text)(struct eio_ws *ws, const char *text);
	/* Write all of rest (NULL: nothing), then close. */
	void (*ws_close)(struct eio_ws *ws, struct eio_outbox *rest, int code,
			 const char *word);
	/* Read from it no more, or again. */
	void (*ws_read)(struct eio_ws *ws, bool on);
	/* 200 with that body, which is taken. */
	void (*poll_answer)(struct eio_poll *poll, struct buf *body);
	/* The body that is on its way is for nobody any more. */
	void (*post_drop)(struct eio_post *post);
	/* A timer of EIO_TIMER_EDGE, set by the edge itself. */
	void (*expired)(struct eio_timer *timer);
};

/* Who is served on one path. */
struct eio_endpoint {
	const char *path;
	const struct sio_engine_handlers *handlers;
	void *user;
	bool strangers; /* who opens a session is one until eio_known() */
};

enum eio_timer_kind {
	EIO_TIMER_PING,
	EIO_TIMER_UPGRADE,
	EIO_TIMER_CONNECT,
	EIO_TIMER_REST,
	EIO_TIMER_PAUSE,
	EIO_TIMER_EDGE,
};

/* Numbers are on the wire; those from 6 on are ours. */
enum eio_error {
	EIO_UNKNOWN_TRANSPORT = 0,
	EIO_UNKNOWN_SID = 1,
	EIO_BAD_METHOD = 2,
	EIO_BAD_REQUEST = 3,
	EIO_FORBIDDEN = 4,
	EIO_BAD_VERSION = 5,
	EIO_TOO_LARGE = 6,
	EIO_BUSY = 7,
	EIO_NO_LENGTH = 8,
	EIO_NO_PATH = 9,
	EIO_BAD_HANDSHAKE = 10,	 /* of a WebSocket */
	EIO_BAD_WS_VERSION = 11, /* ... of a version that is not 13 */
	EIO_ERRORS,
};
struct eio_refusal {
	int status;
	const char *body; /* JSON */
};
extern const struct eio_refusal eio_refusals[EIO_ERRORS];

enum eio_method { EIO_METHOD_GET, EIO_METHOD_POST, EIO_METHOD_OTHER };
enum eio_verdict {
	EIO_CREATE, /* eio_open(), then eio_get() or a WebSocket */
	EIO_GET,    /* eio_get() */
	EIO_POST,   /* eio_post_begin(), eio_post() when the body is there */
	EIO_ATTACH, /* eio_attach() */
	EIO_PART,   /* accept the WebSocket and close it: clients take that
		     * better than a refusal */
	EIO_REFUSE, /* *error says why */
};

/* settle is called in every flush before anything is written, until it
 * answers false. waits: is it us that a stranger waits for, whose time is
 * over? Both may be NULL. */
struct eio_engine *eio_engine_new(const struct sio_config *config,
				  const struct eio_edge *edge, int64_t now_ms);
void eio_engine_hooks(struct eio_engine *engine, bool (*settle)(void *user),
		      bool (*waits)(struct eio_session *session, void *user),
		      void *user);
void eio_engine_free(struct eio_engine *engine); /* no session is left */

struct eio_wheel *eio_engine_wheel(struct eio_engine *engine);
struct sio_stats *eio_engine_stats(struct eio_engine *engine);
int64_t eio_engine_now(const struct eio_engine *engine);

/* From the edge. A GET or WebSocket handed over belongs to the session until
 * it is answered, closed, or said to be gone. */
enum eio_verdict eio_judge(struct eio_engine *engine,
			   const struct eio_endpoint *endpoint,
			   enum eio_method method, bool websocket,
			   const char *query, int64_t now_ms,
			   struct eio_session **session, enum eio_error *error);
struct eio_session *eio_find(struct eio_engine *engine,
			     const struct eio_endpoint *endpoint,
			     const char *sid, int64_t now_ms);
struct eio_session *eio_open(struct eio_engine *engine,
			     const struct eio_endpoint *endpoint,
			     const struct sio_handshake *handshake,
			     struct eio_ws *ws, int64_t now_ms);
bool eio_get(struct eio_session *session, struct eio_poll *poll);
bool eio_post_begin(struct eio_session *session, struct eio_post *post);
void eio_post_gone(struct eio_post *post); /* before its end */
/* The body is whole. False: *error says what is answered. */
bool eio_post(struct eio_post *post, char *body, size_t len, int64_t now_ms,
	      enum eio_error *error);
bool eio_attach(struct eio_session *session, struct eio_ws *ws);
void eio_poll_gone(struct eio_poll *poll);
void eio_ws_text(struct eio_ws *ws, const char *text, size_t len,
		 int64_t now_ms);
void eio_ws_binary(struct eio_ws *ws, const void *data, size_t len,
		   int64_t now_ms);
void eio_ws_writable(struct eio_ws *ws);
/* Bytes of the longest message that makes sense on it now. */
uint32_t eio_ws_max(const struct eio_ws *ws);
void eio_ws_too_large(struct eio_ws *ws);
/* So many bytes of a message are here, and the rest is awaited; 0: no more. */
void eio_ws_half(struct eio_ws *ws, size_t bytes);
void eio_ws_gone(struct eio_ws *ws);

void eio_tick(struct eio_engine *engine, int64_t now_ms);
void eio_flush(struct eio_engine *engine);
/* Ends every session; new ones are refused from here on. */
void eio_shutdown(struct eio_engine *engine);

/* Bytes of what may come in one frame or POST now: fewer from a stranger. */
uint32_t eio_session_max(const struct eio_session *session);
/* So many bytes of a packet are here, and the rest is awaited; 0: no more. */
enum eio_half {
	EIO_HALF_FRAME,	 /* a frame, or the body of a POST */
	EIO_HALF_PACKET, /* of the layer above */
	EIO_HALVES,
};
void eio_half(struct eio_session *session, enum eio_half part, size_t bytes);
/* The oldest stranger of the address that has most is sent away; false: there
 * is none. */
bool eio_make_room(struct eio_engine *engine);

/* From the layer above. */
void eio_known(struct eio_session *session);
void eio_stranger(struct eio_session *session); /* again, or for longer */
bool eio_is_stranger(const struct eio_session *session);
/* For so long nothing is read from it, where that can be helped. */
void eio_pause(struct eio_session *session, uint32_t ms);
void eio_send(struct eio_session *session, struct eio_message *message,
	      bool droppable);
/* code 0 and word NULL: what the reason means. The first one counts. */
void eio_end(struct eio_session *session, enum sio_reason reason, int code,
	     const char *word);
void eio_session_set_user(struct eio_session *session, void *user);
void *eio_session_user(const struct eio_session *session);
bool eio_session_open(const struct eio_session *session);
const char *eio_session_sid(const struct eio_session *session);
const char *eio_session_transport(const struct eio_session *session);
size_t eio_session_waiting(const struct eio_session *session);

#endif
