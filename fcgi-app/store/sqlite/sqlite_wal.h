/*
 * sqlite_wal - the write-ahead log (https://sqlite.org/wal.html), and that it
 * stays short.
 *
 * SQLite itself starts the log anew only when nobody reads it at that moment.
 * With several busy workers somebody always does: it would grow without end,
 * and each commit behind its limit would be a checkpoint. So whoever commits
 * there waits for the readers, who are quick.
 */
#ifndef SQLITE_WAL_H
#define SQLITE_WAL_H

#include "sqlite_db.h"

/* For a connection just opened. False: failed. */
bool sqlite_wal_use(struct sqlite_db *db);

#endif
