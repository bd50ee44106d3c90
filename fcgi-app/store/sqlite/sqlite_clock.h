/*
 * sqlite_clock - positions: ids of what is written, in the order of the
 * commits, whatever the clock on the wall does.
 *
 * A position is the time or, if that is not behind the newest one stored, the
 * one right behind it (a hybrid clock: Kulkarni and others, 2014). It is made
 * under the write lock, so nobody else makes one meanwhile.
 */
#ifndef SQLITE_CLOCK_H
#define SQLITE_CLOCK_H

#include "sqlite_db.h"

/* In a verb that writes. */
void sqlite_clock_next(struct sqlite_db *db, int64_t now_ms, char out[ID_SIZE]);

/* The newest one stored; all zeros: none. */
void sqlite_clock_newest(struct sqlite_db *db, char out[ID_SIZE]);

#endif
