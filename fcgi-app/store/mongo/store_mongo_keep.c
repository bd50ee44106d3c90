/*
 * Housekeeping, by a process of its own: the lease goes on, and what nobody
 * looks at any more is forgotten.
 */
#include "store_mongo.h"

#include <stdio.h>

#include "clock.h"
#include "mem.h"
#include "mongo_lease.h"
#include "mongo_report.h"

#define TICK_MS 1000
#define SAY_AGAIN_MS 60000
#define EVENTS_KEPT_MS (INT64_C(24) * 3600 * 1000)
#define EVENTS_AT_ONCE 500
#define SESSIONS_KEPT_MS (INT64_C(24) * 3600 * 1000)

static void keep_lease(struct store_mongo *store, int64_t now_ms)
{
	struct mongo_db *db = &store->db;
	int64_t now = clock_mono_ms();

	(void)now_ms;
	if (mongo_lease_keep(db) || db->failed || now < store->keep.say_at)
		return;
	store->keep.say_at = now + SAY_AGAIN_MS;
	snprintf(store->base.notice, sizeof(store->base.notice),
		 "database %s is used by another node, too", db->name);
}

/* The position of the last of the oldest few; "" if there is nothing old. */
static void find_old_event(struct mongo_db *db, int64_t now_ms,
			   char out[ID_SIZE])
{
	char floor[ID_SIZE];

	id_floor(now_ms - EVENTS_KEPT_MS, floor);
	*out = '\0';

	struct mongo_rows rows =
		mongo_find(db, IN_EVENT,
			   &(struct mongo_find){
				   .filter = DOC(SUB("_id", ID("$lt", floor))),
				   .fields = DOC(INT("_id", 1)),
				   .sort = DOC(INT("_id", 1)),
				   .limit = EVENTS_AT_ONCE,
			   });

	while (mongo_next(&rows))
		mongo_read_id(rows.row, "_id", out);
}

/* Who asks for what was before is told that it is gone: first, for so it is
 * right at any moment. */
static void keep_events(struct store_mongo *store, int64_t now_ms)
{
	struct mongo_db *db = &store->db;
	char last[ID_SIZE];

	find_old_event(db, now_ms, last);
	if (last[0] == '\0')
		return;
	mongo_upsert(db, IN_META, DOC(TEXT("_id", "forgotten")),
		     DOC(SUB("$max", ID("position", last))));
	if (!db->failed)
		mongo_delete_all(db, IN_EVENT,
				 DOC(SUB("_id", ID("$lte", last))));
}

/* Who signs in ends their own; these are of those who never came back. */
static void keep_sessions(struct store_mongo *store, int64_t now_ms)
{
	mongo_delete_all(
		&store->db, IN_SESSION,
		DOC(SUB("expiresAt", INT("$lt", now_ms - SESSIONS_KEPT_MS))));
}

static void keep_guesses(struct store_mongo *store, int64_t now_ms)
{
	struct mongo_db *db = &store->db;
	struct mongo_rows rows =
		mongo_find(db, IN_GUESS,
			   &(struct mongo_find){
				   .fields = DOC(INT("at", 1), INT("_id", 0)),
				   .sort = DOC(INT("at", -1)),
				   .skip = STORE_GUESSES_MAX,
				   .limit = 1,
			   });
	bool more = mongo_next(&rows);
	int64_t at = more ? mongo_read_int(rows.row, "at") : 0;

	(void)now_ms;
	mongo_close(&rows);
	if (more)
		mongo_delete_all(db, IN_GUESS, DOC(SUB("at", INT("$lte", at))));
}

/* What somebody reported, and was cut off. */
static void keep_reports(struct store_mongo *store, int64_t now_ms)
{
	(void)now_ms;
	mongo_report_mend(&store->db);
}

static const struct {
	int64_t every_ms;
	void (*keep)(struct store_mongo *, int64_t now_ms);
} rounds[] = {
	{MONGO_LEASE_BEAT_MS, keep_lease},
	{1000, keep_events},
	{60000, keep_sessions},
	{60000, keep_guesses},
	{10000, keep_reports},
};
_Static_assert(COUNT_OF(rounds) <= MONGO_ROUNDS_MAX, "each has its time");

enum store_status mongo_keep(struct store *base, int64_t now_ms,
			     int64_t *again_ms)
{
	struct store_mongo *store = (struct store_mongo *)base;
	struct mongo_db *db = mongo_begin(base, ACCESS_WRITE);

	*again_ms = TICK_MS;
	for (size_t i = 0; i < COUNT_OF(rounds) && !db->failed; i++) {
		int64_t now = clock_mono_ms();

		if (now < store->keep.due[i])
			continue;
		rounds[i].keep(store, now_ms);
		store->keep.due[i] = now + rounds[i].every_ms;
	}
	return mongo_end(db, STORE_OK);
}
