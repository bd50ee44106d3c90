/*
 * sqlite_open - the file at the path becomes an open connection: the right
 * file, the right settings, the right schema.
 */
#ifndef SQLITE_OPEN_H
#define SQLITE_OPEN_H

#include "sqlite_db.h"

/* Make sure of an open connection on the file now at the path. False: error
 * says why. */
bool sqlite_open(struct sqlite_db *db);

/* The same for start-up: make the file if there is none, and bring an older
 * schema up to date, however long that takes. */
bool sqlite_open_prepare(struct sqlite_db *db);

#endif
