/*
 * mongodb_asked - what the store asks of MongoDB, and how the server finds it:
 * by an index, in its order, looking at no more documents than it gives and one
 * more.
 *
 * What the driver is asked to send goes through the program that has this,
 * which keeps it and has the server explain it once the verb is over.
 */
#ifndef MONGODB_ASKED_H
#define MONGODB_ASKED_H

#include "contract.h"

/* From now on; then the verbs. */
void mongodb_asked_begin(void);

/* How much they have asked: so many round trips, at the least. At most 100 are
 * counted. */
size_t mongodb_asked_count(void);

/* What they asked is found well. bounded: of what a find looked at it gave all,
 * but for one. */
void mongodb_asked_assert_well(const struct contract *c, bool bounded);

#endif
