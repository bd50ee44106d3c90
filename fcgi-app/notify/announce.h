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

#include <stddef.h>
#include <stdint.h>

struct buf;
struct json_object;
struct store_user;

struct announce_event {
	const char *const *rooms;
	size_t room_count;
	const char *conversation; /* NULL: past the window */
	int64_t seq, change;	  /* of the conversation; 0: neither */
	const char *user;	  /* whose mark moved, or NULL */
	int64_t received, read;	  /* where to; 0: not this one */
	const char *from;	  /* the author's user id, or NULL */
	const char *request_id;	  /* for the log, or NULL */
};

/* args are event arrays as clients get them, ["message:new", {...}], borrowed;
 * all go to the rooms, in order. */
void announce_event(struct buf *out, const struct announce_event *event,
		    struct json_object *const *args, size_t count);

/* ["name", data]; takes data. The caller frees the array. */
struct json_object *announce_args(const char *name, struct json_object *data);

void announce_join(struct buf *out, const char *user, const char *room);
void announce_leave(struct buf *out, const char *user, const char *room);

/* Close the sockets of that session, or (session NULL) all of the user's.
 * request_id here and below: for the log, or NULL. */
void announce_revoke(struct buf *out, const char *user, const char *session,
		     const char *reason, const char *request_id);
/* Of all their sessions but one. */
void announce_revoke_others(struct buf *out, const char *user,
			    const char *session, const char *reason,
			    const char *request_id);

/* What the user shows of themselves is another now. */
void announce_settings(struct buf *out, const struct store_user *user,
		       const char *request_id);

#endif
