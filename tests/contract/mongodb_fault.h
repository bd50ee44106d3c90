/*
 * mongodb_fault - what the tests of MongoDB's faults share: a disturber's
 * connection of its own.
 */
#ifndef MONGODB_FAULT_H
#define MONGODB_FAULT_H

#include <sys/types.h>

#include "contract.h"

/* ---- a server of one's own, for what would disturb others ---- */

struct mongodb_server {
	pid_t pid; /* 0: it does not run */
	char *folder, *address;
};
void mongodb_server_start(struct mongodb_server *server);
/* With what it has on its disk; the same address. */
void mongodb_server_start_again(struct mongodb_server *server);
void mongodb_server_kill(struct mongodb_server *server);
/* It hangs, when this answers, until it is sent SIGCONT. */
void mongodb_server_hang(struct mongodb_server *server);
void mongodb_server_done(struct mongodb_server *server);
/* A command to it, as below. */
void mongodb_server_run(const struct mongodb_server *server, const char *json);

/* ---- the store's own ---- */

/* A command, as JSON with ' for ", to the store's database behind its back;
 * must be answered with ok. */
void mongodb_run(const struct contract *c, const char *json);

/* The store's URI with something behind its "mongodb://", and a "?" or "&" and
 * options behind it; the caller frees it. */
char *mongodb_uri_with(const struct contract *c, const char *user,
		       const char *options);

/* A store of that URI, not prepared. */
struct store *mongodb_open(const char *uri);

#endif
