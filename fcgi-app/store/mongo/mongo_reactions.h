/*
 * mongo_reactions - who reacted to a message with what, as its row has it, in
 * the order of the changes by which they did.
 */
#ifndef MONGO_REACTIONS_H
#define MONGO_REACTIONS_H

#include "mongo_message.h"

/* As the viewer sees them; "": as all do. Right behind mongo_message_read(); it
 * lives until the next one is read. */
void mongo_reactions_read(struct mongo_db *db, const bson_t *row,
			  const char *viewer, struct store_message *message);

/* Has that user reacted? */
bool mongo_reactions_has(const bson_t *row, const char *user);

/* Takes those of somebody who is erased out of that message. */
void mongo_reactions_take(struct mongo_db *db, const char *id,
			  const char *user);

#endif
