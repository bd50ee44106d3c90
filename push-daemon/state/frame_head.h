/*
 * frame_head - the heads of the frames that workers send, read and checked.
 *
 * docs/frames.md has the members. Times are milliseconds since 1970.
 */
#ifndef FRAME_HEAD_H
#define FRAME_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json_flat.h"
#include "notify_frame.h"

#define FRAME_ROOMS_MAX NOTIFY_ROOMS_MAX
#define FRAME_USERS_MAX 1000 /* asked for in one PRESENCE */
#define FRAME_EVENTS_MAX 16  /* in one EVENT's payload */
#define FRAME_CONTACTS_MAX 100

/* Texts are borrowed from flat, and NULL where absent. */
struct frame_head {
	const char *rooms[FRAME_ROOMS_MAX];
	size_t room_count;
	const char *conversation; /* a valid id */
	int64_t seq, change;	  /* 0: none */
	const char *position;	  /* of it in the store; a valid id */
	const char *epoch;	  /* of HELLO: the store's; a valid id */
	int64_t received, read;	  /* user's pointer, which moved; 0: none */
	const char *from;	  /* a valid id */
	const char *request;	  /* for the log */
	const char *user;	  /* a valid id */
	const char *room;	  /* of JOIN and LEAVE */
	const char *contacts[FRAME_CONTACTS_MAX]; /* of JOIN: valid ids */
	size_t contact_count;
	/* of HIDE: a valid id; of SETTINGS: who alone is told, or NULL */
	const char *other;
	bool hidden;
	const char *session_id;
	const char *except; /* of REVOKE: a session; of EVENT: users' ids */
	const char *reason;
	const char *network; /* of REVOKE, in the place of a user */
	const char *status_text;
	const char *username, *avatar; /* of SETTINGS; NULL: as before */
	int64_t last_seen_ms;
	bool hides_last_seen, hides_receipts;
	struct json_flat flat; /* what it was read from */
};

/* False: the head is not what a frame of that kind must have. Either way
 * frame_head_done() is due, until when text is borrowed. */
bool frame_head_read(struct frame_head *head, enum notify_kind kind,
		     const char *text, size_t len);
void frame_head_done(struct frame_head *head);

/* The next event array of an EVENT's payload, and *payload moves behind it;
 * false when there is none left. */
bool frame_next_event(const char **payload, size_t *len, const char **event,
		      size_t *event_len);

#endif
