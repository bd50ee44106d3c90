#include "mongo_clock.h"

#include <string.h>

/* Not the one right behind the newest, for others may take that as well: an id
 * is also a name. */
void mongo_clock_next(struct mongo_db *db, int64_t now_ms, char out[ID_SIZE])
{
	id_new(now_ms, db->random, out);
	for (int64_t at = id_time(db->newest); strcmp(out, db->newest) <= 0;
	     at++)
		id_new(at, db->random, out);
	memcpy(db->newest, out, ID_SIZE);
}

void mongo_clock_seen(struct mongo_db *db, const char *id)
{
	if (id_valid(id) && strcmp(id, db->newest) > 0)
		memcpy(db->newest, id, ID_SIZE);
}
