/*
 * worker - one process of a pool: takes FastCGI requests off a listening
 * socket, one at a time.
 *
 * SIGTERM: serve what waits at the socket, then leave. SIGHUP: leave after
 * the request under way. Both lose no request.
 */
#ifndef WORKER_H
#define WORKER_H

#include <stdatomic.h>
#include <sys/types.h>

#include "router.h"

struct address_changes;
struct metrics;
struct palabre_options;
struct stall;
struct write_buckets;

struct worker_config {
	const struct palabre_options *options;
	enum route_pool pool;
	const struct route *routes; /* ends with a method of NULL */
	int listen_fd; /* bound, non-blocking: it listens once it is ready */
	pid_t supervisor;
	struct write_buckets *buckets;		 /* NULL: no limit */
	struct metrics *metrics;		 /* NULL: nobody counts */
	struct stall *stall;			 /* NULL: nobody is asked */
	struct address_changes *address_changes; /* NULL: nobody counts */
	atomic_uint *moves; /* counted up every second; NULL: nobody looks */
};

/* In a fresh child, with SIGTERM and SIGHUP blocked; answers the exit
 * status. */
int worker_run(const struct worker_config *config);

#endif
