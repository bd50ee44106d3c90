/*
 * mongo_inbox - conversations with all that their list shows of them; the one
 * with the newest message comes first.
 *
 * Two reads find which, for in a few of them a user alone sees the newest
 * message (mongo_schema.c); one more each finds who hides what they read, all
 * newest messages, all users and what the user alone has of them.
 */
#ifndef MONGO_INBOX_H
#define MONGO_INBOX_H

#include "mongo_own.h"
#include "store_conversations.h"

struct mongo_listed {
	struct mongo_conversation c;
	char position[ID_SIZE]; /* of it in their list */
	/* The rest only if it is asked for; rows are NULL for none. */
	struct store_own own; /* as mine has it */
	bson_t *last;	      /* message that they see */
	bson_t *other;	      /* user of a direct one */
};

struct mongo_inbox {
	struct mongo_listed *listed;
	size_t count, cap;
	struct mongo_own mine;	    /* theirs */
	struct mongo_hiding hiding; /* of all that are listed */
};

/* What list asks for of a user's. */
void mongo_inbox_read(struct mongo_db *db, const char *user,
		      const struct store_list *list, struct mongo_inbox *out);
/* All of one, which need not be the user's; it may not be there. */
void mongo_inbox_get(struct mongo_db *db, const char *user, const char *id,
		     struct mongo_inbox *out);
void mongo_inbox_done(struct mongo_inbox *inbox);

#endif
