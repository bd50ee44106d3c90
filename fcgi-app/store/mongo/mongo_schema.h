/*
 * mongo_schema - what is in which collection, their indexes, and the version
 * of all that.
 */
#ifndef MONGO_SCHEMA_H
#define MONGO_SCHEMA_H

#include "mongo_db.h"

/* In a verb: is it a store of this version? False: the verb has failed, and
 * says why. */
bool mongo_schema_check(struct mongo_db *db);

/* The same for start-up: what is missing is made, beside other nodes that do
 * the same or go on. */
bool mongo_schema_prepare(struct mongo_db *db);

#endif
