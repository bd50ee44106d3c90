/*
 * eio_session - one Engine.IO session and the engine it lives in, as their
 * files see them: eio_engine.c (life and output), eio_judge.c (requests,
 * new sessions), eio_input.c (what comes in), eio_farewell.c (how they end) and
 * eio_table.c (by sid).
 *
 * An idle session is this struct and nothing else: about 160 bytes.
 */
#ifndef EIO_SESSION_H
#define EIO_SESSION_H

#include "eio_engine.h"
#include "eio_state.h"

/* While a WebSocket probes, or once the session is doomed. */
struct eio_extra {
	struct eio_session *session;
	struct eio_timer upgrade;
	bool doomed;
	uint8_t was; /* enum eio_state before the doom */
	uint8_t reason;
	uint16_t code;	/* 0: what the reason means */
	char word[124]; /* what fits a close frame */
};

struct eio_session {
	struct eio_engine *engine;
	const struct eio_endpoint *endpoint;
	struct eio_session *next_by_sid;
	struct eio_session *next_dirty; /* or doomed, or dead */
	struct eio_ws *ws;		/* transport, or probing */
	struct eio_poll *held;
	void *user;
	struct eio_extra *extra;
	struct eio_outbox outbox;
	struct eio_timer ping;
	uint8_t state; /* enum eio_state */
	bool dirty;
	bool awaiting_pong;
	bool posting; /* a POST's body is on its way */
	bool handed;  /* open() was called, close() was not */
	char sid[EIO_SID_SIZE];
};

struct eio_queue {
	struct eio_session *first, **last;
};

struct eio_engine {
	struct sio_config config;
	const struct eio_edge *edge;
	bool (*settle)(void *user);
	void (*fire)(struct eio_timer *timer, void *user);
	void *user;
	int64_t now_ms;
	bool shut;
	struct eio_session **by_sid;
	size_t sessions, cap; /* cap is a power of two */
	struct eio_queue dirty, doomed;
	struct eio_session *dead;
	struct eio_message *ping_message;
	struct eio_wheel wheel;
	struct sio_stats stats;
};

/* Sessions by sid; eio_find() looks there. */
void eio_table_init(struct eio_engine *engine);
void eio_table_add(struct eio_session *session);
void eio_table_remove(struct eio_session *session);

void eio_mark_dirty(struct eio_session *session);
struct eio_extra *eio_extra_want(struct eio_session *session);
/* Answer the held GET with what waits; `last` is the packet that goes behind
 * it, 0 for none. */
void eio_answer_held(struct eio_session *session, char last);
/* Answer the held GET of a session that ends; false: something is left to say
 * to the next one. */
bool eio_answer_goodbye(struct eio_session *session);
/* Whether what a doomed session has left to say waits for a GET. */
bool eio_lingers(const struct eio_session *session);
/* A doomed session: tell the layer above, then the client. */
void eio_end(struct eio_session *session);
/* Close the WebSocket of a session that ends; listens: the client takes there
 * what is left to say. */
void eio_end_ws(struct eio_session *session, bool listens);
/* The WebSocket that probed probes no more. */
void eio_extra_drop(struct eio_session *session);
void eio_bury(struct eio_session *session);
void eio_ping_later(struct eio_session *session);

#endif
