/*
 * breach - what verify has to find: a store is filled, damaged behind its back,
 * and looked at.
 */
#ifndef BREACH_H
#define BREACH_H

#include "contract.h"

/* A group that a damage may make. */
#define BREACH_GROUP "0123456789abcdef01234567"

struct breach {
	const char *damage, *what; /* what verify has to say, in part */
	const char *conversation;  /* NULL: the direct one; "" none */
};

/* Ann and Bob: 1 to 5, all but 2 by Ann, 2 edited (change 1), 3 deleted
 * (change 2), clientId "k" on 4, 5 answers 1. */
void breach_fill(struct contract *c);

/* In a store of its own, so filled: verify names it, and where it is. */
void breach_assert_found(const struct breach *breach,
			 void (*damage)(struct contract *, const char *));

#endif
