/*
 * A damaged index of words is made anew (sqlite_search.h): emptied some rows at
 * a time, after which housekeeping fills it as it does a new one.
 *
 * FTS5 says that it is damaged where its rows are wrong. So may a file be whose
 * own pages are, and to give back pages that others use as well would cost what
 * is in them. So the file is looked at first, and where anything else is wrong
 * with it nothing is touched. A large file takes longer than a process may go
 * without a sign of life, so of that the pages of the index alone are looked
 * at, each of which has to be used once.
 *
 * meta has 'search_damaged' meanwhile: the time from when on the file may be
 * looked at, or -1: it was, and is whole.
 */
#include "store_sqlite.h"

#include <stdio.h>

#define LOOK_AGAIN_MS (INT64_C(3600) * 1000)
#define SMALL_PAGES 262144 /* 1 GiB */
#define EMPTIED_AT_ONCE 500
#define IS_WHOLE (-1)

static void set_damaged(struct sqlite_db *db, int64_t value)
{
	static const char sql[] = "UPDATE meta SET value = CAST(? AS TEXT)"
				  " WHERE key = 'search_damaged'";

	QUERY_RUN(db, sql, INT(value));
}

static void mend_say(struct store_sqlite *store, const char *what)
{
	snprintf(store->base.notice, sizeof(store->base.notice),
		 "the index of words in %s is damaged: %s", store->db.path,
		 what);
}

/* ---- is the file whole? ---- */

/* Since 3.44 SQLite asks FTS5, too. */
static int64_t count_breaches(struct sqlite_db *db)
{
	static const char pages[] = "SELECT page_count FROM pragma_page_count";
	static const char all[] =
		"SELECT count(*) FROM pragma_quick_check"
		" WHERE quick_check <> 'ok'"
		" AND quick_check NOT LIKE '%inverted index for FTS5%'";
	static const char own[] =
		"SELECT sum(quick_check <> 'ok') FROM"
		" (VALUES ('search_data'), ('search_idx')) AS own,"
		" pragma_quick_check(own.column1)";
	bool small = QUERY_INT(db, pages) <= SMALL_PAGES;

	return QUERY_INT(db, small ? all : own);
}

/* The next look is set first: who is ended over this one does not begin with
 * it again. */
static enum store_status look_at_file(struct store_sqlite *store,
				      int64_t now_ms, bool *more)
{
	struct sqlite_db *db = sqlite_begin(&store->base, ACCESS_WRITE);
	enum store_status status;
	int64_t breaches;

	set_damaged(db, now_ms + LOOK_AGAIN_MS);
	status = sqlite_end(db, STORE_OK);
	if (status != STORE_OK)
		return status;
	db = sqlite_begin(&store->base, ACCESS_READ);
	breaches = count_breaches(db);
	status = sqlite_end(db, STORE_OK);
	if (status != STORE_OK)
		return status;
	if (breaches > 0) {
		mend_say(store, "so is the file itself, and nothing is "
				"changed (palabrectl verify says what it is)");
		return STORE_OK;
	}
	db = sqlite_begin(&store->base, ACCESS_WRITE);
	set_damaged(db, IS_WHOLE);
	mend_say(store, "making it anew");
	*more = true;
	return sqlite_end(db, STORE_OK);
}

/* ---- emptying it ---- */

/* FTS5 opens no table without the two rows that each begins with, as
 * sqlite3Fts5IndexReinit() writes them. */
static void mend_finish(struct sqlite_db *db)
{
	static const char fresh[] = "INSERT OR REPLACE INTO search_data"
				    " VALUES (1, x''), (10, x'00000000000000')";
	static const char rest[] =
		"INSERT INTO search (search) VALUES ('delete-all')";
	static const char over[] =
		"DELETE FROM meta WHERE key IN"
		" ('search_damaged', 'search_until', 'search_dropped')";

	QUERY_RUN(db, fresh);
	QUERY_RUN(db, rest);
	QUERY_RUN(db, over);
}

/* FTS5 empties it in one go only, for which others would wait too long. Another
 * housekeeper may have come to the end of it by now. */
static enum store_status empty_some(struct store_sqlite *store, bool *more)
{
	static const char some[] =
		"DELETE FROM search_data WHERE id IN"
		" (SELECT id FROM search_data ORDER BY id DESC LIMIT ?)";
	static const char noted[] =
		"SELECT count(*) FROM meta WHERE key = 'search_damaged'"
		" AND CAST(value AS INTEGER) = ?";
	struct sqlite_db *db = sqlite_begin(&store->base, ACCESS_WRITE);

	if (QUERY_INT(db, noted, INT(IS_WHOLE)) != 0) {
		sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 0,
				  NULL);
		if (QUERY_RUN(db, some, INT(EMPTIED_AT_ONCE)) < EMPTIED_AT_ONCE)
			mend_finish(db);
		sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1,
				  NULL);
	}
	*more = true;
	return sqlite_end(db, STORE_OK);
}

enum store_status sqlite_search_mend(struct store_sqlite *store, int64_t now_ms,
				     bool *damaged, bool *more)
{
	static const char sql[] = "SELECT CAST(value AS INTEGER) FROM meta"
				  " WHERE key = 'search_damaged'";
	struct sqlite_db *db = sqlite_begin(&store->base, ACCESS_READ);
	struct query q = QUERY(db, sql);
	int64_t due = 0;
	enum store_status status;

	*damaged = query_row(&q);
	if (*damaged)
		due = query_int(&q, 0);
	query_close(&q);
	status = sqlite_end(db, STORE_OK);
	if (status != STORE_OK || !*damaged || due > now_ms)
		return status;
	return due == IS_WHOLE ? empty_some(store, more)
			       : look_at_file(store, now_ms, more);
}
