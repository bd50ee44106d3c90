/*
 * sqlite_lineage - whether the file is the one that was served last.
 *
 * A copy of an earlier state that takes the place of the store looks as that
 * store did: by their numbers clients miss nothing. So a store says of itself
 * which file it is (inode and time of birth) and holds a stamp that is another
 * at each start and end; PATH-stamp beside it has the last one. A file that was
 * copied, restored or overwritten is another one by one of the two.
 *
 * It says, too, in which boot of the machine it is served, or that it was left:
 * when power is lost, the last writes are, and somebody may have seen them
 * before they were synced (sqlite_span.c).
 */
#ifndef SQLITE_LINEAGE_H
#define SQLITE_LINEAGE_H

#include "sqlite_db.h"

/* For an open file of this program's schema: set a new stamp, and a new epoch
 * if it is another file, or not as it was left. False: db->error says why. */
bool sqlite_lineage_begin(struct sqlite_db *db);
/* Set a new stamp, if there is one. */
bool sqlite_lineage_end(struct sqlite_db *db);

/* Where the stamp of the file at path is; the caller frees it. */
char *sqlite_lineage_path(const char *path);

#endif
