/*
 * mongo_step - what a message makes of its conversation: the one place that
 * moves a conversation on (mongo_schema.c has the whole scheme).
 *
 * A message is inserted with the seq behind its conversation's newest, and
 * then its step is made, once, by whoever comes first: its writer, or one who
 * met it because its writer is slow or was killed.
 */
#ifndef MONGO_STEP_H
#define MONGO_STEP_H

#include "kill_point.h"
#include "mongo_conversation.h"

/* The steps of all messages that are in front of it; c is read anew if there
 * were any. */
void mongo_step_mend(struct mongo_db *db, struct mongo_conversation *c);

/* The same, of one that another writer has just inserted and is most likely to
 * see to itself: it is left to them for a moment. */
void mongo_step_await(struct mongo_db *db, struct mongo_conversation *c,
		      int64_t seq);

/* Until it has come to that seq, which is there for good: a primary that was
 * lost may have been further than its heir. */
void mongo_step_reach(struct mongo_db *db, const char *id, int64_t seq);

/* Of a conversation that may not be there yet because its first message made no
 * step: makes that. False: there is none. */
bool mongo_step_first(struct mongo_db *db, const char *id,
		      struct mongo_conversation *out);

/* One try to write a message right behind c's newest, with its step. False:
 * it is not there, because mongo_duplicate() says what was in the way, or
 * because the verb failed, and then it may still come to be there. */
bool mongo_step_write(struct mongo_db *db, const struct mongo_conversation *c,
		      const struct mongo_field *doc);

/* Before and after what a caller is told: within a batch that is its end. */
static inline void mongo_kill_point(struct mongo_db *db, const char *name)
{
	if (db->in_batch)
		db->kill_points = true;
	else
		kill_point(name);
}

#endif
