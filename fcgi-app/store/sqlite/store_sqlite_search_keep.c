/* Housekeeping of the index of what messages say (sqlite_search.h). */
#include "store_sqlite.h"

#include <stdio.h>
#include <stdlib.h>

#include "mem.h"
#include "sqlite_log.h"
#include "sqlite_search.h"
#include "text.h"

/* Messages in one transaction, for which all others who write wait: few while
 * there are any, twice as many each time that there were none. */
#define INDEXED_FIRST 64
#define INDEXED_MAX 512
#define MERGE_PAGES 200
/* Words that are gone are in the file so long. */
#define MERGE_AFTER_MS (INT64_C(24) * 3600 * 1000)

struct indexing {
	struct sqlite_db *db;
	char until[ID_SIZE];
	size_t wanted, looked_at, count;
	struct indexed {
		int64_t place;
		char *words;
	} list[INDEXED_MAX];
};

static bool indexing_is_done(struct sqlite_db *db)
{
	static const char sql[] = "SELECT 1 FROM message WHERE id > ? LIMIT 1";
	char until[ID_SIZE];

	sqlite_search_until(db, until);
	return QUERY_INT(db, sql, ID(until)) == 0;
}

static void indexing_read(struct indexing *x)
{
	static const char sql[] =
		"SELECT m.id, m.place, " SEARCH_TEXT
		", m.kind < 2 AND m.deleted = 0"
		"  AND m.erased <> 1 AND m.n IS NOT"
		"   (SELECT n FROM conversation WHERE id = ?)"
		" FROM message m WHERE m.id > ? ORDER BY m.id LIMIT ?";
	struct query q = QUERY(x->db, sql, ID(ID_LOBBY), ID(x->until),
			       INT((int64_t)x->wanted));

	while (query_row(&q)) {
		query_id(&q, 0, x->until);
		x->looked_at++;
		if (query_int(&q, 3) != 0)
			x->list[x->count++] = (struct indexed){
				query_int(&q, 1),
				text_words(query_text(&q, 2)),
			};
	}
}

static int indexing_compare(const void *a, const void *b)
{
	const struct indexed *one = a, *other = b;

	return one->place < other->place ? -1 : one->place > other->place;
}

/* In the order of their places: FTS5 makes a segment each time that they go
 * down. */
static void indexing_write(struct indexing *x)
{
	static const char row[] =
		"INSERT INTO search (rowid, words) VALUES (?, ?)";
	static const char until[] =
		"INSERT OR REPLACE INTO meta VALUES ('search_until', ?)";

	qsort(x->list, x->count, sizeof(x->list[0]), indexing_compare);
	for (size_t i = 0; i < x->count; i++) {
		QUERY_RUN(x->db, row, INT(x->list[i].place),
			  TEXT(x->list[i].words));
		free(x->list[i].words);
	}
	QUERY_RUN(x->db, until, TEXT(x->until));
}

/* Whether others wrote since is what the log says: it was looked at after the
 * last time. */
static size_t indexing_size(struct sqlite_keep *keep, struct sqlite_db *db)
{
	struct sqlite_log_state log;
	bool alone = sqlite_log_look(db, &log) && log.frames == keep->frames;

	if (!alone || keep->indexing < INDEXED_FIRST)
		keep->indexing = INDEXED_FIRST;
	else if (keep->indexing < INDEXED_MAX)
		keep->indexing *= 2;
	return keep->indexing;
}

static enum store_status index_some(struct store_sqlite *store, bool *more)
{
	struct indexing *x;
	enum store_status status;
	struct sqlite_db *db = sqlite_begin(&store->base, ACCESS_READ);
	bool done = indexing_is_done(db);

	status = sqlite_end(db, STORE_OK);
	if (status != STORE_OK || done)
		return status;
	x = xcalloc(1, sizeof(*x));
	x->db = db;
	x->wanted = indexing_size(&store->keep, db);
	sqlite_begin(&store->base, ACCESS_WRITE);
	sqlite_search_until(db, x->until);
	indexing_read(x);
	indexing_write(x);
	*more = x->looked_at == x->wanted;
	status = sqlite_end(db, STORE_OK);
	free(x);
	/* Of rows of FTS5's own, which are there where it knows of none. */
	if (status != STORE_OK && (db->failed & 0xff) == SQLITE_CONSTRAINT)
		sqlite_note_damage(db);
	return status;
}

/* ---- words that are gone ---- */

/* When they are to leave the file; 0: there are none. */
static int64_t merge_due(struct sqlite_db *db, int64_t now_ms)
{
	static const char sql[] = "SELECT CAST(value AS INTEGER) + 1 FROM meta"
				  " WHERE key = 'search_dropped'";
	static const char note[] =
		"UPDATE meta SET value = ? WHERE key = 'search_dropped'";
	int64_t noted = QUERY_INT(db, sql);
	char due[24];

	if (noted != 1)
		return noted > 0 ? noted - 1 : 0;
	now_ms += MERGE_AFTER_MS;
	snprintf(due, sizeof(due), "%lld", (long long)now_ms);
	QUERY_RUN(db, note, TEXT(due));
	return now_ms;
}

/* Some pages; the first go says that all segments are to become one. */
static void merge_some(struct store_sqlite *store, struct sqlite_db *db)
{
	static const char sql[] =
		"INSERT INTO search (search, rank) VALUES ('merge', ?)";
	static const char over[] =
		"DELETE FROM meta WHERE key = 'search_dropped'";
	int64_t before = sqlite3_total_changes(db->handle);

	QUERY_RUN(db, sql,
		  INT(store->keep.merging ? MERGE_PAGES : -MERGE_PAGES));
	if (store->keep.merging &&
	    sqlite3_total_changes(db->handle) - before < 2)
		QUERY_RUN(db, over);
	store->keep.merging = true;
}

static enum store_status merge_keep(struct store_sqlite *store, int64_t now_ms,
				    bool *more)
{
	static const char sql[] =
		"SELECT 1 FROM meta WHERE key = 'search_dropped'";
	struct sqlite_db *db = sqlite_begin(&store->base, ACCESS_READ);
	bool some = QUERY_INT(db, sql) != 0;
	enum store_status status = sqlite_end(db, STORE_OK);
	int64_t due;

	if (!some)
		store->keep.merging = false;
	if (status != STORE_OK || !some || now_ms < store->keep.merge_at)
		return status;
	db = sqlite_begin(&store->base, ACCESS_WRITE);
	due = merge_due(db, now_ms);
	store->keep.merge_at = due;
	if (due > 0 && due <= now_ms) {
		merge_some(store, db);
		*more = true;
	}
	return sqlite_end(db, STORE_OK);
}

enum store_status sqlite_search_keep(struct store_sqlite *store, int64_t now_ms,
				     bool *more)
{
	bool damaged = false;
	enum store_status status =
		sqlite_search_mend(store, now_ms, &damaged, more);

	if (status == STORE_OK && !damaged)
		status = index_some(store, more);
	if (damaged || status != STORE_OK || *more)
		return status;
	return merge_keep(store, now_ms, more);
}
