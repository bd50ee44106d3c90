/*
 * sqlite_reactions - who reacted to a message: what a viewer sees of it, and
 * what goes with the message or with a person.
 */
#ifndef SQLITE_REACTIONS_H
#define SQLITE_REACTIONS_H

#include "sqlite_columns.h"

/* Fills in those of a message, as that viewer sees them; "": as all do. The
 * text is borrowed until this is called again. */
void sqlite_reactions_read(struct sqlite_db *db,
			   const struct sqlite_conversation *c,
			   const char *viewer, struct store_message *message);

/* All to a message, or those of one person. */
void sqlite_reactions_drop(struct sqlite_db *db, int64_t place);
void sqlite_reactions_drop_of(struct sqlite_db *db, int64_t place,
			      const char *user);

#endif
