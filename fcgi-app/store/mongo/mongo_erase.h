/*
 * mongo_erase - what a message loses when somebody is erased who wrote it, is
 * mentioned in it, reacted to it, or to whom it says that something happened.
 */
#ifndef MONGO_ERASE_H
#define MONGO_ERASE_H

#include "mongo_query.h"

struct mongo_erase {
	char user[ID_SIZE];
	char (*direct)[ID_SIZE]; /* conversations of theirs, by id */
	size_t direct_count;
};

/* Which their direct conversations are; for mongo_erase_done(). */
void mongo_erase_direct(struct mongo_db *db, struct mongo_erase *e);
void mongo_erase_done(struct mongo_erase *e);

/* Was that user erased, or are they being? */
bool mongo_erase_has(struct mongo_db *db, const char *user);

/* A message in which there may be something. */
struct mongo_erase_found {
	char id[ID_SIZE];
	bool own, system, reacted;
};

/* What is read of a message to look at it: a projection. */
extern const struct mongo_field mongo_erase_looked_at[];

/* Is there something in it? In all of a direct conversation of theirs, for it
 * is one of theirs whoever wrote. */
bool mongo_erase_look(const struct mongo_erase *e, const bson_t *row,
		      struct mongo_erase_found *out);

/* Takes the person out of what was found. */
void mongo_erase_found(struct mongo_db *db, const struct mongo_erase *e,
		       const struct mongo_erase_found *found);

#endif
