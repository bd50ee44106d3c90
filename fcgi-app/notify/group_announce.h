/*
 * group_announce - what happened to a group, as the frames that tell it: who
 * is in its room from now on and who no more, `conversation:new` for who came,
 * the message that says it, `conversation:updated` for all who are in it, and
 * `conversation:gone` for who is not. Pure; see announce.h for out.
 */
#ifndef GROUP_ANNOUNCE_H
#define GROUP_ANNOUNCE_H

#include <stddef.h>

#include "message_announce.h"

struct group_news {
	const char *id;	      /* of the group */
	const char *position; /* of the message that says it, in the store */
	const struct store_message *message; /* NULL: announced elsewhere */
	/* As any member sees it now; NULL: nobody is in it, or it could not be
	 * read, and clients ask when they meet the message. */
	const struct store_conversation *conversation;
	const char (*joined)[ID_SIZE];
	size_t joined_count;
	const char *left; /* a user id; "" for nobody */
};

/* Who came and who left: all that comes before the message. */
void group_announce_members(struct buf *out, const struct group_news *news,
			    const char *request_id);
/* The conversation as it is now, for who is in it. */
void group_announce_updated(struct buf *out, const struct group_news *news,
			    const char *request_id);

/* All of it. Says where in out the message stands. */
struct message_rendered group_announce(struct buf *out,
				       const struct group_news *news,
				       const char *request_id);

#endif
