/*
 * mongo_hiding - who of some people hides how far they have read. Nobody is
 * told it of them, nor they of others.
 */
#ifndef MONGO_HIDING_H
#define MONGO_HIDING_H

#include "mongo_query.h"

struct mongo_hiding {
	char (*ids)[ID_SIZE]; /* in order */
	size_t count;
};

/* Of these, whom it brings into order; somebody may be among them twice. */
void mongo_hiding_read(struct mongo_db *db, const char **ids, size_t count,
		       struct mongo_hiding *out);
void mongo_hiding_done(struct mongo_hiding *hiding);

bool mongo_hides(const struct mongo_hiding *hiding, const char *user);

#endif
