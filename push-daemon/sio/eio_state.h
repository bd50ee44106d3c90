/*
 * eio_state - the life of an Engine.IO session over its transports, as a table.
 *
 *               attach           "2probe"            "5"
 *     POLLING ---------> PROBED ---------> UPGRADING -----> WEBSOCKET
 *        ^                 |  |                |              ^  |
 *        |                 |  +-----"5"--------|--------------+  |
 *        |   gone, late,   |                   |                 | gone
 *        +---- wrong <-----+-------------------+                 v
 *        +--- ended by us, something left to say ---> ENDING ---> LINGERING
 *
 * Some clients (.NET and PHP by default) upgrade without a probe, and some
 * probe twice: each probe is answered.
 *
 * A WebSocket that fails before "5" never hurts the session: it goes on
 * polling. Whose WebSocket probes may hear polling no more: a session that ends
 * then keeps it, and says its last where the client asks first.
 * Pure: who asks does what the answer says.
 */
#ifndef EIO_STATE_H
#define EIO_STATE_H

#include <stdbool.h>

enum eio_state {
	EIO_POLLING,
	EIO_PROBED,    /* a WebSocket came with our sid */
	EIO_UPGRADING, /* it was told "3probe" */
	EIO_WEBSOCKET,
	EIO_ENDING,    /* until this turn of the loop is over */
	EIO_LINGERING, /* ended; GETs or "5" fetch what was left */
	EIO_CLOSED,
	EIO_STATES,
};

enum eio_input {
	EIO_IN_GET,
	EIO_IN_POST,
	EIO_IN_ATTACH,	/* a WebSocket handshake with the sid */
	EIO_IN_PROBE,	/* "2probe" on the WebSocket */
	EIO_IN_UPGRADE, /* "5" on it */
	EIO_IN_PACKET,	/* anything else on it */
	EIO_IN_GONE,	/* it ended */
	EIO_IN_LATE,	/* it took too long to upgrade */
	EIO_INPUTS,
};

enum eio_action {
	EIO_DO_NOTHING,
	EIO_DO_HOLD,   /* keep the GET until there is something to say */
	EIO_DO_KEEP,   /* keep the GET: the last words are about to come */
	EIO_DO_NOOP,   /* answer the GET now: what waits, or "6" */
	EIO_DO_LAST,   /* answer the GET with what waits; then with "1" */
	EIO_DO_TAKE,   /* the packets are the session's */
	EIO_DO_IGNORE, /* answer "ok", drop the packets */
	EIO_DO_REFUSE, /* 400; the session does not notice */
	EIO_DO_ATTACH, /* remember the WebSocket, start its deadline */
	EIO_DO_PONG,   /* send "3probe" on it, release the held GET */
	EIO_DO_SWITCH, /* it is the transport from here on: flush to it */
	EIO_DO_MOVE,   /* the last words go there */
	EIO_DO_CLOSE,  /* send what was left on it, then close it */
	EIO_DO_DETACH, /* close it, alone */
	EIO_DO_FORGET, /* it is gone already */
	EIO_DO_FAULT,  /* protocol error: end the session */
	EIO_DO_END,    /* the transport ended: so does the session */
	EIO_ACTIONS,
};

struct eio_step {
	enum eio_state next;
	enum eio_action action;
};

struct eio_step eio_step(enum eio_state state, enum eio_input input);

bool eio_state_open(enum eio_state state);    /* takes and sends packets */
bool eio_state_probing(enum eio_state state); /* a WebSocket that may be next */
const char *eio_state_transport(enum eio_state state);

#endif
