/*
 * mongodb_fault - what the tests of MongoDB's faults share: a disturber's
 * connection of its own.
 */
#ifndef MONGODB_FAULT_H
#define MONGODB_FAULT_H

#include "contract.h"

/* A command, as JSON with ' for ", to the store's database behind its back;
 * must be answered with ok. */
void mongodb_run(const struct contract *c, const char *json);
/* The same to the server. */
void mongodb_run_admin(const struct contract *c, const char *json);

/* The store's URI with something behind its "mongodb://", and a "?" or "&" and
 * options behind it; the caller frees it. */
char *mongodb_uri_with(const struct contract *c, const char *user,
		       const char *options);

/* A store of that URI, not prepared. */
struct store *mongodb_open(const char *uri);

#endif
