/*
 * mongo_lease - which node a store is of: one, until nodes tell each other what
 * happens.
 *
 * meta has {_id: "lease", owner, beat}: the process that prepared the store,
 * and a number that housekeeping moves every few seconds. One that does not
 * move is of a node that is gone, so no two clocks are compared. Of a process
 * of this machine it is seen at once.
 */
#ifndef MONGO_LEASE_H
#define MONGO_LEASE_H

#include "mongo_db.h"

#define MONGO_LEASE_BEAT_MS 3000
/* How long the beat of a node that lives may stand still. */
#define MONGO_LEASE_END_MS 15000

/* This process takes it, in a verb that is unhurried. False: another node has
 * it, and the verb has failed, after some seconds; it is waited for the end of
 * one that is gone, which say is told of (NULL: nobody). */
bool mongo_lease_take(struct mongo_db *db, store_say *say);

/* It goes on: of this process, or of its parent, which took it. False: another
 * node has it, or the verb has failed. */
bool mongo_lease_keep(struct mongo_db *db);

/* The same, each MONGO_LEASE_BEAT_MS, where this process took it and has no
 * housekeeping: another node has it, and the verb has failed. */
void mongo_lease_beat(struct mongo_db *db);

/* It ends, if it is this process's. */
void mongo_lease_end(struct mongo_db *db);

#endif
