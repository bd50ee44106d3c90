/*
 * message_announce - what happened to messages, as the frames that tell it:
 * which event goes to which rooms. Pure; see announce.h for out.
 *
 * A direct conversation's events go to the rooms of its two users, those of
 * any other to the conversation's own; of support also to the operators'. What
 * is new in support and the lobby goes out as broadcast_message, too. A change
 * passes over who joined behind its message.
 */
#ifndef MESSAGE_ANNOUNCE_H
#define MESSAGE_ANNOUNCE_H

#include <stdbool.h>
#include <stddef.h>

#include "store_own.h"
#include "store_types.h"

struct buf;

/* Where in out a message stands as it was written into its frame, so that the
 * answer need not write it again. len 0: it did not fit. */
struct message_rendered {
	size_t at, len;
};

struct message_rendered
message_announce_new(struct buf *out, const struct store_message *message,
		     const char *request_id);

/* in may be NULL, as in view_change_write(). */
struct message_rendered
message_announce_change(struct buf *out, const struct store_change *change,
			const struct store_conversation *conversation,
			const char *request_id);

/* message:reaction, of a change of that kind. */
void message_announce_reaction(struct buf *out,
			       const struct store_change *change,
			       const char *request_id);

/* conversation:erased, of a change of kind erase. */
void message_announce_erase(struct buf *out, const struct store_change *change,
			    const char *request_id);

/* message:read or message:received, of what moved. */
void message_announce_marks(struct buf *out,
			    const struct store_read_marks *marks,
			    const char *request_id);

/* conversation:own, to the user's own devices. */
void message_announce_own(struct buf *out, const char *user,
			  const struct store_own *own, const char *request_id);

/* Of a direct conversation. */
struct announce_pair {
	const char *sender, *recipient; /* of its first message */
	bool hidden;			/* from the recipient */
};
/* conversation:new, the same for everyone in it, who are, in a direct one,
 * those two, and contacts from now on. */
void message_announce_opened(struct buf *out,
			     const struct store_conversation *conversation,
			     const struct announce_pair *between,
			     const char *request_id);

#endif
