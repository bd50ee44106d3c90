/*
 * mongo_message - rows of messages and of changes as entities. A _read()
 * borrows its texts from the row (store_message_own() makes them its own).
 */
#ifndef MONGO_MESSAGE_H
#define MONGO_MESSAGE_H

#include "mongo_conversation.h"

/* Its texts are those that the viewer sees; "": who did not write it. */
void mongo_message_read(const bson_t *row, const struct mongo_conversation *c,
			const char *viewer, struct store_message *out);

/* What it says to its sender, who alone sees an edit that is hidden, or to all
 * others; and its mentions, unless NULL. Borrowed from the row. */
const char *mongo_message_content(const bson_t *row, bool own,
				  const char **mentions);

/* Its message only of an erase; of a reaction as everybody may know of it. */
void mongo_change_read(const bson_t *row, const struct mongo_conversation *c,
		       struct store_change *out);

#endif
