/*
 * children - several processes on one store, as the workers are: each opens
 * its own connection after the fork, all start at one moment.
 */
#ifndef CHILDREN_H
#define CHILDREN_H

#include <sys/types.h>

#include "contract.h"

#define CHILDREN_MAX 16

/* In a child: c->store is its own. Its return value is its exit status. */
typedef int child_main(struct contract *c, int number, int report);

struct children {
	int count;
	pid_t pid[CHILDREN_MAX];
	int report; /* read end of what all of them write; EOF after the last */
};

/* Closes c->store meanwhile: no connection survives a fork. */
void children_start(struct children *children, struct contract *c, int count,
		    child_main *run);
/* Waits for all, opens c->store again. Each status is as waitpid() gives it;
 * statuses may be NULL, then all must have returned 0. */
void children_wait(struct children *children, struct contract *c,
		   int statuses[CHILDREN_MAX]);

/* Of a client that is told "unavailable" on a machine that is busy: waits, and
 * is true if it is to try again. tries: 0 at first. */
bool children_try_again(enum store_status status, int *tries);

#endif
