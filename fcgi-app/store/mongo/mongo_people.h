/*
 * mongo_people - users who are named somewhere, all read at once: of each what
 * everyone may see.
 */
#ifndef MONGO_PEOPLE_H
#define MONGO_PEOPLE_H

#include "mongo_query.h"

struct mongo_people {
	struct store_user *users; /* by id */
	size_t count;
};

/* Those of these ids who are there; an id may be among them twice, or "". */
void mongo_people_read(struct mongo_db *db, char (*ids)[ID_SIZE], size_t count,
		       struct mongo_people *out);
void mongo_people_done(struct mongo_people *people);

/* NULL: gone. */
const struct store_user *mongo_people_find(const struct mongo_people *people,
					   const char *id);

#endif
