/*
 * mongo_clock - ids and positions of what is written: the time or, if that is
 * not behind the newest one that this process has seen, one a little behind it
 * (a hybrid clock: Kulkarni and others, 2014).
 *
 * Other processes make theirs at the same time, so one may be written behind
 * another's and be in front of it: whoever reads in their order reads a margin
 * back (store_mongo_recent.c).
 */
#ifndef MONGO_CLOCK_H
#define MONGO_CLOCK_H

#include "mongo_db.h"

/* A new one; right before it is written. */
void mongo_clock_next(struct mongo_db *db, int64_t now_ms, char out[ID_SIZE]);

/* One that was read: none that is made from now on is in front of it. */
void mongo_clock_seen(struct mongo_db *db, const char *id);

#endif
