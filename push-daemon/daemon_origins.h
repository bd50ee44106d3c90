/*
 * daemon_origins - the origins that were refused lately: each is a line in the
 * log once a minute, and of all no more than these are in one.
 */
#ifndef DAEMON_ORIGINS_H
#define DAEMON_ORIGINS_H

#include <stdbool.h>
#include <stdint.h>

#define DAEMON_ORIGINS 16
#define DAEMON_ORIGIN_SIZE 128 /* what is longer is known by its beginning */

struct daemon_origins {
	struct daemon_origin {
		char origin[DAEMON_ORIGIN_SIZE];
		int64_t until; /* clock_mono_ms(); 0: none yet */
	} all[DAEMON_ORIGINS];
};

/* Is it to be told now? It was then. */
bool daemon_origins_tell(struct daemon_origins *origins, const char *origin,
			 int64_t now_ms);

#endif
