/*
 * sqlite_functions - what statements may call: palabre_id(text) gives the
 * bytes of an id, or NULL.
 */
#ifndef SQLITE_FUNCTIONS_H
#define SQLITE_FUNCTIONS_H

#include "sqlite_db.h"

/* For a connection just opened. False: failed. */
bool sqlite_functions_add(struct sqlite_db *db);

#endif
