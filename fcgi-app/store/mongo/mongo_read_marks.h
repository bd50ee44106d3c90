/*
 * mongo_read_marks - who may know how far somebody has read a conversation, and
 * which message that is.
 */
#ifndef MONGO_READ_MARKS_H
#define MONGO_READ_MARKS_H

#include "mongo_conversation.h"

/* Whether they are their user's own business: so many are in it, one of the two
 * blocks the other one, or hides what they read. */
void mongo_marks_for(struct mongo_db *db, const struct mongo_conversation *c,
		     struct store_read_marks *marks);
/* Both message ids of read marks. */
void mongo_marks_name(struct mongo_db *db, const struct mongo_conversation *c,
		      struct store_read_marks *marks);

#endif
