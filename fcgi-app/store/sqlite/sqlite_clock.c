#include "sqlite_clock.h"

#include <string.h>

#include "sqlite_query.h"
#include "store_backend.h"

void sqlite_clock_newest(struct sqlite_db *db, char out[ID_SIZE])
{
	static const char sql[] =
		"SELECT max(coalesce((SELECT max(id) FROM message),"
		"  zeroblob(12)), coalesce((SELECT max(position) FROM event),"
		"  zeroblob(12)))";
	struct query q = QUERY(db, sql);

	id_floor(0, out);
	if (query_row(&q))
		query_id(&q, 0, out);
	query_close(&q);
}

void sqlite_clock_next(struct sqlite_db *db, int64_t now_ms, char out[ID_SIZE])
{
	if (!db->newest_read)
		sqlite_clock_newest(db, db->newest);
	db->newest_read = true;
	store_new_id(db->newest, now_ms, db->random, out);
	memcpy(db->newest, out, ID_SIZE);
}
