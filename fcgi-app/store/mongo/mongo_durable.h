/*
 * mongo_durable - whether what was read is there for good.
 *
 * What somebody has just written can be read before a majority has it, and is
 * lost if the primary is lost then; its writer was told nothing. So whoever
 * makes something of what another one wrote, as a step of a conversation or an
 * answer to a client, asks first.
 */
#ifndef MONGO_DURABLE_H
#define MONGO_DURABLE_H

#include "mongo_query.h"

/* Is there such a document, and will it stay? field: a number of it that is
 * never below 0. It is a write that changes nothing, and waits as long as one
 * that does. False also when the verb failed. */
static inline bool mongo_durable(struct mongo_db *db, enum mongo_collection in,
				 const struct mongo_field *filter,
				 const char *field)
{
	return mongo_update(db, in, filter, DOC(SUB("$max", INT(field, 0))));
}

#endif
