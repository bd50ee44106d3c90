/*
 * announce - builds the frames that tell pushd what a request changed.
 *
 * Pure: the frames are appended to out, which is the worker's connection to
 * pushd (notify_out()) on REST routes and the answer itself on rt routes. A
 * frame that does not fit leaves out->overflow set. docs/frames.md has the
 * wire.
 */
#ifndef ANNOUNCE_H
#define ANNOUNCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json_text.h"
#include "notify_frame.h"

struct store_user;

struct announce_event {
	const char *const *rooms;
	size_t room_count;
	const char *conversation; /* NULL: past the window */
	int64_t seq, change;	  /* of the conversation; 0: neither */
	const char *position;	  /* of it in the store, or NULL */
	const char *user;	  /* whose mark moved, or NULL */
	int64_t received, read;	  /* where to; 0: not this one */
	const char *from;	  /* the author's user id, or NULL */
	/* Users who are in the rooms and hear nothing of it: their ids, one
	 * behind the other; NULL: none. */
	const char *except;
	const char *request_id; /* for the log, or NULL */
};

/*
 * An event is written where it leaves from. Begin gives the text that its one
 * argument is written to, without a key; out is nobody's until the end.
 */
struct announce_frame {
	struct json_text text;
	struct buf *out;
	size_t begun;
};
struct json_text *announce_event_begin(struct announce_frame *frame,
				       struct buf *out,
				       const struct announce_event *event,
				       const char *name);
/* Another one in the same frame, behind it, for the same rooms. */
struct json_text *announce_event_next(struct announce_frame *frame,
				      const char *name);
void announce_event_end(struct announce_frame *frame);

void announce_join(struct buf *out, const char *user, const char *room);
/* The same, and the contacts that the user has by it, on both sides. position:
 * of the message that says it, in the store. */
void announce_join_with(struct buf *out, const char *user, const char *room,
			const char *position, const char *const *contacts,
			size_t count);
/* Both see each other come and go from now on. */
void announce_contact(struct buf *out, const char *user, const char *other);
/* position: the same; NULL: no message does. */
void announce_leave(struct buf *out, const char *user, const char *room,
		    const char *position);

/* Close the sockets of that session, or (session NULL) all of the user's.
 * request_id here and below: for the log, or NULL. */
void announce_revoke(struct buf *out, const char *user, const char *session,
		     const char *reason, const char *request_id);
/* Of all their sessions but one. */
void announce_revoke_others(struct buf *out, const char *user,
			    const char *session, const char *reason,
			    const char *request_id);

/* Two users see no more of each other's presence, or see it again. */
void announce_hide(struct buf *out, const char *user, const char *other,
		   bool hidden);

/* Close the sockets of all who are connected from there but operators. */
void announce_revoke_network(struct buf *out, const char *network,
			     const char *reason, const char *request_id);

/* What the server shows of itself, for the banner of lines. */
void announce_server(struct buf *out, const struct store_user *server,
		     const char *request_id);

/* What the user shows of themselves is another now. */
void announce_settings(struct buf *out, const struct store_user *user,
		       const char *request_id);
/* What they show, to that viewer alone, who may have missed how it changed. */
void announce_settings_to(struct buf *out, const struct store_user *user,
			  const char *viewer, const char *request_id);

#endif
