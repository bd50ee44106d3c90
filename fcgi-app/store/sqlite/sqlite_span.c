#include "sqlite_span.h"

#include <assert.h>

#include "clock.h"
#include "kill_point.h"
#include "sqlite_log.h"
#include "sqlite_open.h"

static const char *const verb_begins[] = {
	[ACCESS_READ] = "BEGIN",
	[ACCESS_WRITE] = "BEGIN IMMEDIATE",
};
static const char *const span_begins[] = {
	[SPAN_SNAPSHOT] = "BEGIN",
	[SPAN_BATCH] = "BEGIN IMMEDIATE",
};

/* ---- who watches ---- */

static int64_t span_clock(const struct sqlite_db *db)
{
	return db->watch.timed != NULL ? clock_mono_us() : 0;
}

static void span_tell(const struct sqlite_db *db, enum store_time what,
		      int64_t began_us)
{
	if (db->watch.timed != NULL)
		db->watch.timed(what, clock_mono_us() - began_us,
				db->watch.context);
}

/* False: refused. */
static bool span_enter(struct sqlite_db *db)
{
	if (db->watch.enter == NULL)
		return true;
	db->entered = db->watch.enter(db->watch.context);
	if (!db->entered)
		sqlite_db_refuse(db, "is on a disk that does not answer");
	return db->entered;
}

static void span_leave(struct sqlite_db *db, bool durable)
{
	if (db->entered)
		db->watch.leave(durable, db->watch.context);
	db->entered = false;
}

/* ---- the end of a transaction ---- */

/* Back to no transaction, whatever state a failure left behind. */
static void abandon(struct sqlite_db *db)
{
	if (db->handle != NULL && !sqlite3_get_autocommit(db->handle))
		sqlite_db_run(db, "ROLLBACK");
	if (db->reopen)
		sqlite_db_close(db);
	db->kill_points = false;
}

/*
 * Others may write, and see what was written, before it is synced, and who
 * syncs then does so for all who wrote before: under load several commits share
 * one sync, instead of each waiting for those in front. Nothing is answered
 * before its own sync has ended, and a machine that lost power has another
 * epoch when it is back (sqlite_lineage.h), so that what somebody saw too early
 * is forgotten everywhere.
 *
 * Also a verb that wrote nothing waits: it may answer for what another one
 * wrote just now.
 */
static bool commit_now(struct sqlite_db *db, enum sqlite_access access)
{
	bool kill_points = db->kill_points;

	db->kill_points = false;
	if (kill_points)
		kill_point("before-commit");
	if (!sqlite_db_run(db, "COMMIT") ||
	    (access == ACCESS_WRITE && db->full_sync && !sqlite_log_sync(db)))
		return false;
	if (kill_points)
		kill_point("after-commit");
	return true;
}

static bool commit(struct sqlite_db *db, enum sqlite_access access)
{
	int64_t began = span_clock(db);

	if (db->entered)
		db->watch.commit(db->watch.context);
	bool done = commit_now(db, access);

	span_leave(db, done);
	if (access == ACCESS_WRITE)
		span_tell(db, STORE_TIME_COMMIT, began);
	return done;
}

/* ---- one verb ---- */

void sqlite_span_verb(struct sqlite_db *db, enum sqlite_access access)
{
	assert(!db->in_verb); /* a callback called a verb */
	assert(db->span != SPAN_SNAPSHOT || access == ACCESS_READ);
	db->in_verb = true;
	db->access = access;
	db->index_noted = false;
	db->failed = SQLITE_OK;
	db->verb_us = span_clock(db);
	sqlite_db_set_deadline(db);
	if (db->span == SPAN_VERB) {
		sqlite_db_know_nothing(db);
		if (sqlite_open(db) &&
		    (access == ACCESS_READ || span_enter(db)))
			sqlite_db_run(db, verb_begins[access]);
	}
	if (db->state == STATE_GOOD)
		db->written_before = sqlite3_total_changes64(db->handle);
}

static bool finish(struct sqlite_db *db, bool keep)
{
	if (db->state != STATE_GOOD)
		return false;
	assert(keep ||
	       sqlite3_total_changes64(db->handle) == db->written_before);
	if (db->span != SPAN_VERB)
		return true;
	return keep ? commit(db, db->access) : sqlite_db_run(db, "ROLLBACK");
}

/* A write of a batch is not durable yet, so that is told at its end. */
static void tell_verb(const struct sqlite_db *db)
{
	if (db->access == ACCESS_READ)
		span_tell(db, STORE_TIME_READ, db->verb_us);
	else if (db->span == SPAN_VERB)
		span_tell(db, STORE_TIME_WRITE, db->verb_us);
}

enum store_status sqlite_end(struct sqlite_db *db, enum store_status status)
{
	assert(db->in_verb);
	db->in_verb = false;
	bool done = finish(db, status == STORE_OK);

	if (db->span == SPAN_VERB)
		span_leave(db, false); /* unless the commit did */
	tell_verb(db);
	if (!done && db->span == SPAN_VERB)
		abandon(db);
	else if (!done)
		db->state = STATE_SPAN_LOST;
	if (db->index_damaged && db->span == SPAN_VERB)
		sqlite_note_damage(db);
	return done ? status : STORE_UNAVAILABLE;
}

/* Who cannot write it leaves it to the next who meets that. */
void sqlite_note_damage(struct sqlite_db *db)
{
	static const char note[] =
		"INSERT OR IGNORE INTO meta VALUES ('search_damaged', '0')";

	db->index_damaged = false;
	sqlite_span_verb(db, ACCESS_WRITE);
	if (db->state == STATE_GOOD)
		sqlite_db_run(db, note);
	db->index_noted = sqlite_end(db, STORE_OK) == STORE_OK;
}

/* ---- several ---- */

enum store_status sqlite_span_begin(struct sqlite_db *db, enum sqlite_span span)
{
	assert(db->span == SPAN_VERB && !db->in_verb);
	sqlite_db_know_nothing(db);
	db->span_us = span_clock(db);
	/* A deferred BEGIN sees nothing yet: the first read fixes what the
	 * snapshot shows. */
	if (!sqlite_open(db))
		return STORE_UNAVAILABLE;
	if ((span == SPAN_SNAPSHOT || span_enter(db)) &&
	    sqlite_db_run(db, span_begins[span]) &&
	    sqlite_db_run(db, "SELECT count(*) FROM meta")) {
		db->span = span;
		return STORE_OK;
	}
	span_leave(db, false);
	abandon(db);
	return STORE_UNAVAILABLE;
}

enum store_status sqlite_span_end(struct sqlite_db *db, bool keep)
{
	bool lost = db->state == STATE_SPAN_LOST;
	enum sqlite_span span = db->span;

	if (span == SPAN_VERB)
		return keep ? STORE_UNAVAILABLE : STORE_OK;
	db->span = SPAN_VERB;
	if (!lost) {
		db->state = STATE_GOOD;
		sqlite_db_set_deadline(db);
		lost = !keep || !commit(db, ACCESS_WRITE);
	}
	span_leave(db, false);
	if (span == SPAN_BATCH)
		span_tell(db, STORE_TIME_WRITE, db->span_us);
	if (lost)
		abandon(db);
	if (db->index_damaged)
		sqlite_note_damage(db);
	return lost ? STORE_UNAVAILABLE : STORE_OK;
}
