/*
 * sqlite_erase - what a message loses when somebody is erased who wrote it, is
 * mentioned in it, or to whom it says that something happened.
 */
#ifndef SQLITE_ERASE_H
#define SQLITE_ERASE_H

#include "sqlite_query.h"

/* Goes through messages from behind *place on, some at a time, up to the end of
 * the first conversation in which there was something: *n is its number by
 * then, 0: none yet, and it may go on in that. *place moves on. False: there
 * are no more messages. */
bool sqlite_erase_messages(struct sqlite_db *db, const char *user,
			   int64_t *place, int64_t *n);

#endif
