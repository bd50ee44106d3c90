/*
 * refused_origins - the origins that were refused lately: each is a line in the
 * log once a minute, and of all no more than these are in one.
 */
#ifndef REFUSED_ORIGINS_H
#define REFUSED_ORIGINS_H

#include <stdbool.h>
#include <stdint.h>

#define REFUSED_ORIGINS 16
#define REFUSED_ORIGIN_SIZE 128 /* what is longer is known by its beginning */

/* Zeroed: none yet. */
struct refused_origins {
	struct refused_origin {
		char origin[REFUSED_ORIGIN_SIZE];
		int64_t until; /* monotonic ms */
	} all[REFUSED_ORIGINS];
};

/* Is it to be told now? It was then. */
bool refused_origins_tell(struct refused_origins *origins, const char *origin,
			  int64_t now_ms);

#endif
