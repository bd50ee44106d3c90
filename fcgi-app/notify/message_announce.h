/*
 * message_announce - what happened to messages, as the frames that tell it:
 * which event goes to which rooms. Pure; see announce.h for out.
 *
 * A direct conversation's events go to the rooms of its two users, those of
 * any other to the conversation's own.
 */
#ifndef MESSAGE_ANNOUNCE_H
#define MESSAGE_ANNOUNCE_H

#include "store_types.h"

struct buf;
struct json_object;

void message_announce_new(struct buf *out, const struct store_message *message,
			  const char *request_id);

/* in may be NULL, as in view_change_write(). */
void message_announce_change(struct buf *out, const struct store_change *change,
			     const struct store_conversation *conversation,
			     const char *request_id);

/* message:read or message:received, of what moved. */
void message_announce_marks(struct buf *out,
			    const struct store_read_marks *marks,
			    const char *request_id);

/* conversation:new for one user, who sees it as view; takes view. */
void message_announce_opened(struct buf *out, const char *conversation,
			     const char *user, struct json_object *view,
			     const char *request_id);

#endif
