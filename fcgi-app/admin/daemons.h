/*
 * daemons - tells the palabre-pushd processes of this machine that may hold
 * sockets of a store's users: the one on notify_socket, and any other whose own
 * settings name that store, or whose settings cannot be read.
 */
#ifndef DAEMONS_H
#define DAEMONS_H

#include <stdbool.h>

struct buf;
struct palabre_options;

/* NULL once each has confirmed that it took these frames (announce.h), or when
 * it is certain that there is none. Else, after some seconds, who has not: part
 * of a sentence for the operator, which the caller frees. */
char *daemons_tell(const struct palabre_options *options,
		   const struct buf *frames);

/* Whether there is anybody to tell. */
bool daemons_run(const struct palabre_options *options);

#endif
