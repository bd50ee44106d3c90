/*
 * mongo_own - what a user alone has of their conversations, as it stands in
 * their row (mongo_schema.c).
 */
#ifndef MONGO_OWN_H
#define MONGO_OWN_H

#include "mongo_conversation.h"
#include "store_own.h"

struct mongo_own {
	char user[ID_SIZE];
	int64_t counter;
	bson_t row;
	bool has_row;
};

void mongo_own_open(struct mongo_db *db, const char *user,
		    struct mongo_own *out);
void mongo_own_done(struct mongo_own *own);

/* Of one conversation, in the membership that began with that seq. Its texts
 * are borrowed. */
void mongo_own_of(const struct mongo_own *own, const char *conversation,
		  int64_t joined, struct store_own *out);
/* The same of one that the user may not be in. */
void mongo_own_in(struct mongo_db *db, const struct mongo_own *own,
		  const struct mongo_conversation *c, struct store_own *out);

/* Takes the next number of their counter for it. False: the counter is further
 * than that, or the verb failed. */
bool mongo_own_write(struct mongo_db *db, const struct mongo_own *own,
		     int64_t joined, struct store_own *mine);

/* Who comes back to a group, from that seq on, is not to have on one device
 * what they had. Before they are members; it may be done again. */
void mongo_own_rejoin(struct mongo_db *db, const char *conversation,
		      int64_t joined, const char *const *users, size_t count);

#endif
