/*
 * delivery - a frame of a worker made ready for sockets: its rooms, and each
 * of its events encoded once. It outlives the frame.
 */
#ifndef DELIVERY_H
#define DELIVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame_head.h"
#include "ids.h"

struct sio_message;

struct delivery {
	enum notify_kind kind; /* EVENT, JOIN, LEAVE, REVOKE, SETTINGS, HIDE */
	int64_t at_ms;	       /* when it came, monotonic */
	size_t size;	       /* bytes it takes, about */
	size_t room_count;     /* EVENT: rooms; JOIN: one or none; LEAVE: one */
	char *rooms[FRAME_ROOMS_MAX];
	size_t message_count; /* of EVENT */
	struct sio_message *messages[FRAME_EVENTS_MAX];
	char user[ID_SIZE]; /* of all but EVENT */
	/* Of EVENT, JOIN and LEAVE: where it is in the store; "": nowhere. */
	char position[ID_SIZE];
	char conversation[ID_SIZE]; /* of EVENT; "": none */
	size_t contact_count;	    /* of JOIN */
	char (*contacts)[ID_SIZE];
	char other[ID_SIZE]; /* of HIDE; of SETTINGS, or "": all who see them */
	bool hidden;	     /* of HIDE */
	char *session_id;    /* of REVOKE: one; NULL: all ... */
	/* ... but this one; of EVENT: who hears nothing of it, ids one behind
	 * the other; NULL: none */
	char *except;
	char *reason;		 /* of REVOKE; NULL: none given */
	char *network;		 /* of REVOKE, in the place of a user */
	char *status_text;	 /* of SETTINGS */
	char *username, *avatar; /* the same; NULL: as before */
	int64_t last_seen_ms;
	bool hides_last_seen, hides_receipts;
	bool read; /* of EVENT: how far its user has read */
};

/* Never NULL; copies what it needs. */
struct delivery *delivery_new(enum notify_kind kind,
			      const struct frame_head *head,
			      const char *payload, size_t payload_len,
			      int64_t now_ms);
void delivery_free(struct delivery *delivery); /* NULL: no-op */

#endif
