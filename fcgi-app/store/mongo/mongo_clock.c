#include "mongo_clock.h"

#include <string.h>

void mongo_clock_next(struct mongo_db *db, int64_t now_ms, char out[ID_SIZE])
{
	store_new_id(db->newest, now_ms, db->random, out);
	memcpy(db->newest, out, ID_SIZE);
}

void mongo_clock_seen(struct mongo_db *db, const char *id)
{
	if (id_valid(id) && strcmp(id, db->newest) > 0)
		memcpy(db->newest, id, ID_SIZE);
}
