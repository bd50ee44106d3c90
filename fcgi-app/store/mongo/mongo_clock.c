#include "mongo_clock.h"

#include <stdlib.h>
#include <string.h>

/* The milliseconds that it begins with. */
static int64_t time_of(const char id[ID_SIZE])
{
	char text[13];

	memcpy(text, id, 12);
	text[12] = '\0';
	return strtoll(text, NULL, 16);
}

/* Not the one right behind the newest, for others may take that as well: an id
 * is also a name. */
void mongo_clock_next(struct mongo_db *db, int64_t now_ms, char out[ID_SIZE])
{
	id_new(now_ms, db->random, out);
	for (int64_t at = time_of(db->newest); strcmp(out, db->newest) <= 0;
	     at++)
		id_new(at, db->random, out);
	memcpy(db->newest, out, ID_SIZE);
}

void mongo_clock_seen(struct mongo_db *db, const char *id)
{
	if (id_valid(id) && strcmp(id, db->newest) > 0)
		memcpy(db->newest, id, ID_SIZE);
}
