/*
 * sqlite_erase - what a message loses when somebody is erased who wrote it, is
 * mentioned in it, or to whom it says that something happened.
 */
#ifndef SQLITE_ERASE_H
#define SQLITE_ERASE_H

#include "sqlite_query.h"

#define SQLITE_ERASE_LOOKED_AT 2000 /* messages in one go */

/* How far the messages of all were gone through: up to place, and n is the
 * conversation in which there was something; 0: none yet. */
struct sqlite_erase_reach {
	int64_t place, n;
};

/* What one go came to. */
struct sqlite_erase_go {
	struct sqlite_erase_reach reach;
	bool more; /* false: there was no message behind the last one */
	size_t count;
	/* Where there may be something; all in conversation n. */
	int64_t found[SQLITE_ERASE_LOOKED_AT];
};

/* Looks at some messages from behind a reach on, up to the end of the first
 * conversation in which there is something, or on in the one that it names.
 * It writes nothing, so that nobody has to wait for it. */
void sqlite_erase_look(struct sqlite_db *db, const char *user,
		       const struct sqlite_erase_reach *from,
		       struct sqlite_erase_go *out);

/* Was that user erased, or are they being? */
bool sqlite_erase_has(struct sqlite_db *db, const char *user);

/* Takes the person out of what was found. */
void sqlite_erase_found(struct sqlite_db *db, const char *user,
			const struct sqlite_erase_go *go);

#endif
