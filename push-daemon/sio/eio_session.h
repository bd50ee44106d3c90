/*
 * eio_session - one Engine.IO session and the engine it lives in, as their
 * files see them. Its life, and the words for it:
 *
 *     open --eio_end()--> ending --eio_end_tell()--> closed --> freed
 *                                     |                ^
 *                                     +--> lingering --+
 *
 *     open       takes and sends packets
 *     ending     somebody decided so, and the first reason counts; nobody was
 *                told yet, for it may be within a call from above
 *     told       in eio_flush(): first the layer above, then the client
 *     lingering  on polling alone: a GET that is yet to come is told the rest
 *     closed     out of the table, its transports cut loose
 *     freed      when eio_flush() is done with all others
 *
 * A transport is not the session: it is "gone" when the peer or the network
 * ended it, and a WebSocket that did not become the transport is "detached".
 *
 * Files, each calling only those above it: eio_table.c (by sid), eio_session.c
 * (small parts), eio_end.c (the life above), eio_guard.c (what may be held),
 * eio_engine.c (output and timers), eio_judge.c (requests, new sessions),
 * eio_input.c (what comes in). What they
 * call beyond, the edge and the layer above, are tables of functions given to
 * them.
 *
 * A circle with eio_engine: eio_engine.h is what others see of all these files,
 * and they stand on it.
 *
 * An idle session is this struct and nothing else: about 160 bytes.
 */
#ifndef EIO_SESSION_H
#define EIO_SESSION_H

#include "eio_engine.h"
#include "eio_ledger.h"
#include "eio_state.h"

/* What a session has only while something is under way: a WebSocket probes, it
 * is a stranger, a packet or the body of a POST is half here, or it ends. */
struct eio_extra {
	struct eio_session *session;
	struct eio_timer upgrade; /* until the probing WebSocket is late */
	struct eio_timer connect; /* until the stranger is */
	struct eio_timer rest;	  /* until the rest of a packet is */
	struct eio_timer pause;	  /* until it is read from again */
	struct eio_hold stranger; /* of engine->strangers, weight 1 */
	struct eio_hold half;	  /* of engine->halves, in bytes */
	size_t halves[EIO_HALVES];
	struct eio_post *post; /* whose body is on its way */
	bool ending;
	uint8_t was; /* enum eio_state before that */
	uint8_t reason;
	uint16_t code;	/* 0: what the reason means */
	char word[124]; /* what fits a close frame */
};

struct eio_session {
	struct eio_engine *engine;
	const struct eio_endpoint *endpoint;
	struct eio_session *next_by_sid;
	struct eio_session *next_in_queue; /* dirty, ending or closed */
	struct eio_ws *ws;		   /* transport, or probing */
	struct eio_poll *held;
	void *user;
	struct eio_extra *extra;
	struct eio_outbox outbox;
	struct eio_timer ping;
	uint64_t address; /* eio_address_key() */
	uint8_t state;	  /* enum eio_state */
	bool dirty;
	bool awaiting_pong;
	bool handed; /* open() was called, close() was not */
	char sid[EIO_SID_SIZE];
};

struct eio_queue {
	struct eio_session *first, **last;
};

struct eio_engine {
	struct sio_config config;
	const struct eio_edge *edge;
	bool (*settle)(void *user);
	bool (*waits)(struct eio_session *session, void *user);
	void *user;
	int64_t now_ms;
	bool shut;
	struct eio_session **by_sid;
	size_t sessions, cap; /* cap is a power of two */
	struct eio_queue dirty, ending;
	struct eio_session *closed; /* to be freed */
	struct eio_message *ping_message;
	struct eio_wheel wheel;
	struct eio_ledger strangers, halves;
	struct sio_stats stats;
};

/* ---- eio_table.c ---- */

void eio_table_init(struct eio_engine *engine);
void eio_table_add(struct eio_session *session);
void eio_table_remove(struct eio_session *session);
struct eio_session *eio_table_find(const struct eio_engine *engine,
				   const char *sid);

/* ---- eio_session.c ---- */

void eio_queue_init(struct eio_queue *queue);
void eio_queue_add(struct eio_queue *queue, struct eio_session *session);
struct eio_session *eio_queue_take(struct eio_queue *queue);
void eio_mark_dirty(struct eio_session *session);
struct eio_extra *eio_extra_want(struct eio_session *session);
/* Free it, if nothing is under way any more. */
void eio_extra_drop(struct eio_session *session);
/* The WebSocket that probed probes no more. */
void eio_probe_over(struct eio_session *session);
/* The session ends: it holds nothing that others could need. */
void eio_holds_drop(struct eio_session *session);
void eio_ping_later(struct eio_session *session);
/* Another number of bytes waits for it than before. */
static inline void eio_waiting_was(struct eio_session *session, uint32_t before)
{
	session->engine->stats.waiting +=
		(uint64_t)session->outbox.bytes - before;
}
/* Answer the held GET with what waits; `last` is the packet that goes behind
 * it, 0 for none. */
void eio_answer_held(struct eio_session *session, char last);

/* ---- eio_end.c, and eio_end() itself ---- */

/* An ending session: tell the layer above, then the client. */
void eio_end_tell(struct eio_session *session);
/* Answer the held GET of a session that ends; false: something is left to say
 * to the next one. */
bool eio_end_answer(struct eio_session *session);
/* Close the WebSocket of a session that ends; listens: the client takes there
 * what is left to say. */
void eio_end_ws(struct eio_session *session, bool listens);
void eio_close(struct eio_session *session);
/* Somebody asks for it: false if it is closed, or has been silent for too long
 * and ends. The tick that would notice may come late. */
bool eio_in_time(struct eio_session *session, int64_t now_ms);

/* ---- eio_guard.c, beside eio_stranger() and the like ---- */

/* Before a session of that address is opened: one has to go, perhaps. */
void eio_make_room_for(struct eio_engine *engine, uint64_t address);
/* False: all are known, and there are as many as may be. */
bool eio_has_room(const struct eio_engine *engine);
/* Timers of an extra. */
void eio_stranger_late(struct eio_extra *extra);
void eio_half_late(struct eio_extra *extra);
void eio_pause_over(struct eio_extra *extra);

#endif
