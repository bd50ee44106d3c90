/*
 * sqlite_log - the write-ahead log (https://sqlite.org/wal.html): synced by who
 * commits, copied back into the file by housekeeping.
 */
#ifndef SQLITE_LOG_H
#define SQLITE_LOG_H

#include "sqlite_db.h"

/* For a connection just opened. False: failed. */
bool sqlite_log_use(struct sqlite_db *db);

/* What is in the log by now survives power loss from here on. False: failed,
 * and nobody knows. */
bool sqlite_log_sync(struct sqlite_db *db);

/* Frames (pages) in the log, and how many of them are in the file, too. */
struct sqlite_log_state {
	int64_t frames, copied;
};
bool sqlite_log_look(struct sqlite_db *db, struct sqlite_log_state *out);

/* Outside of verbs. Copy what no reader needs in the log; nobody waits. */
bool sqlite_log_copy(struct sqlite_db *db, struct sqlite_log_state *after);
/* ... and what is left, while those who write wait, so that the log starts
 * anew. False: somebody reads on. */
bool sqlite_log_restart(struct sqlite_db *db, int64_t patience_ms);

#endif
