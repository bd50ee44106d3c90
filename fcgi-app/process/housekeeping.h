/*
 * housekeeping - the process that does what need not be done while somebody
 * waits: what the store asks for (store_keep()), and taking away files that
 * nothing names. SIGTERM and SIGHUP end it.
 */
#ifndef HOUSEKEEPING_H
#define HOUSEKEEPING_H

#include <stdatomic.h>
#include <sys/types.h>

struct palabre_options;
struct stall;

#define HOUSEKEEPING_NAME "palabre-keeper" /* as ps and top show it */

struct housekeeping_config {
	const struct palabre_options *options;
	pid_t supervisor;
	atomic_uint *moves; /* counted up while it is not stuck */
	struct stall *stall;
};

/* In a fresh child, with SIGTERM and SIGHUP blocked; answers the exit
 * status. */
int housekeeping_run(const struct housekeeping_config *config);

#endif
