/*
 * Housekeeping, by a process of its own: the log is copied back into the file,
 * so that no commit has to, what was written is put into the index of words,
 * and events are forgotten after a day.
 *
 * Copying goes on beside readers and writers. But the log starts anew only when
 * all of it is copied and nobody reads it, and with several busy workers
 * somebody always does: so behind a length of it those who write wait for the
 * copying of the last few frames, once in some thousand messages, and for the
 * readers there are, who are quick. Where one is not (a backup, an operator's
 * own sqlite3) the log grows until they are through; this is said.
 */
#include "store_sqlite.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "sqlite_log.h"

#define TICK_MIN_MS 50	  /* while somebody writes */
#define TICK_MAX_MS 400	  /* ... and when nobody has for long */
#define COPY_FRAMES 4000  /* 16 MiB: what is written often is copied once */
#define COPY_IDLE_MS 1000 /* ... or after so long */
#define RESTART_FRAMES 12000
/* So long do writers wait for readers, and longer each time it was in vain. */
#define RESTART_PATIENCE_MS 50
#define RESTART_PATIENCE_MAX_MS 400
#define RESTART_AGAIN_MS 500
#define LONG_FRAMES 24000 /* about 100 MiB: worth a line */
#define SAY_AGAIN_MS 60000

#define EVENTS_KEPT_MS (INT64_C(24) * 3600 * 1000)
#define EVENTS_EVERY_MS 1000
#define EVENTS_AT_ONCE 500

#define SEARCH_EVERY_MS 1000
#define SEARCH_NEXT_MS 20 /* others write meanwhile */

/* ---- the log ---- */

/* Few frames are left behind where no reader holds on to older ones. */
static bool is_held(const struct sqlite_log_state *log)
{
	return log->frames - log->copied > COPY_FRAMES / 4;
}

static void say_long(struct store_sqlite *store,
		     const struct sqlite_log_state *log, int64_t now)
{
	if (log->frames < LONG_FRAMES || now < store->keep.say_at)
		return;
	store->keep.say_at = now + SAY_AGAIN_MS;
	snprintf(store->base.notice, sizeof(store->base.notice),
		 "somebody has been reading %s for long: its log is %lld MiB",
		 store->db.path, (long long)log->frames / 256);
}

static void restart_log(struct store_sqlite *store, int64_t now)
{
	struct sqlite_keep *keep = &store->keep;

	if (now < keep->restart_at)
		return;
	if (keep->patience_ms == 0)
		keep->patience_ms = RESTART_PATIENCE_MS;
	if (sqlite_log_restart(&store->db, keep->patience_ms)) {
		keep->patience_ms = RESTART_PATIENCE_MS;
		return;
	}
	keep->restart_at = clock_mono_ms() + RESTART_AGAIN_MS;
	if (keep->patience_ms < RESTART_PATIENCE_MAX_MS)
		keep->patience_ms *= 2;
}

static bool copy_log(struct store_sqlite *store, int64_t now)
{
	struct sqlite_log_state log;

	store->keep.copied_at = now;
	if (!sqlite_log_copy(&store->db, &log))
		return false;
	if (is_held(&log))
		say_long(store, &log, now);
	else if (log.frames >= RESTART_FRAMES)
		restart_log(store, now);
	return true;
}

static void set_tick(struct sqlite_keep *keep,
		     const struct sqlite_log_state *log)
{
	int64_t longer = 2 * keep->tick_ms;

	if (log->frames != keep->frames || longer < TICK_MIN_MS)
		keep->tick_ms = TICK_MIN_MS;
	else
		keep->tick_ms = longer < TICK_MAX_MS ? longer : TICK_MAX_MS;
	keep->frames = log->frames;
}

static bool keep_log(struct store_sqlite *store, int64_t now)
{
	struct sqlite_log_state log;
	int64_t waiting;

	if (!sqlite_log_look(&store->db, &log))
		return false;
	set_tick(&store->keep, &log);
	waiting = log.frames - log.copied;
	if (waiting >= COPY_FRAMES ||
	    (waiting > 0 && now - store->keep.copied_at >= COPY_IDLE_MS))
		return copy_log(store, now);
	return true;
}

/* ---- events ---- */

/* The position of the last of the oldest few; "" if there is nothing old. The
 * newest one stays: no new one may be below it (sqlite_clock.h). */
static void find_old(struct sqlite_db *db, int64_t now_ms, char out[ID_SIZE])
{
	static const char sql[] =
		"SELECT max(position) FROM (SELECT position FROM event"
		" WHERE position < min(?, (SELECT max(position) FROM event))"
		" ORDER BY position LIMIT ?)";
	char floor[ID_SIZE];
	id_floor(now_ms - EVENTS_KEPT_MS, floor);

	struct query q = QUERY(db, sql, ID(floor), INT(EVENTS_AT_ONCE));

	out[0] = '\0';
	if (query_row(&q))
		query_id(&q, 0, out);
	query_close(&q);
}

/* Who asks for what was before is told that it is gone. */
static void forget(struct sqlite_db *db, const char *last)
{
	static const char events[] = "DELETE FROM event WHERE position <= ?";
	static const char until[] =
		"INSERT OR REPLACE INTO meta VALUES ('forgotten', ?)";

	QUERY_RUN(db, events, ID(last));
	QUERY_RUN(db, until, TEXT(last));
}

static enum store_status forget_events(struct store *store, int64_t now_ms)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	char last[ID_SIZE];

	find_old(db, now_ms, last);

	enum store_status status = sqlite_end(db, STORE_OK);

	if (status != STORE_OK || last[0] == '\0')
		return status;
	db = sqlite_begin(store, ACCESS_WRITE);
	forget(db, last);
	return sqlite_end(db, STORE_OK);
}

/* ---- all of it ---- */

enum store_status sqlite_keep(struct store *base, int64_t now_ms,
			      int64_t *again_ms)
{
	struct store_sqlite *store = (struct store_sqlite *)base;
	int64_t now = clock_mono_ms();

	enum store_status status = STORE_OK;
	bool more = false;

	*again_ms = TICK_MIN_MS;
	/* A verb that reads a row, for the log is known to who has read. */
	if (now >= store->keep.events_at) {
		status = forget_events(base, now_ms);
		if (status == STORE_OK)
			store->keep.events_at = now + EVENTS_EVERY_MS;
	}
	if (status == STORE_OK && now >= store->keep.search_at) {
		status = sqlite_search_keep(store, now_ms, &more);
		store->keep.search_at = more ? now : now + SEARCH_EVERY_MS;
	}
	/* Whatever has failed, or the log would grow for ever. */
	if (store->db.handle != NULL && keep_log(store, now)) {
		*again_ms = more ? SEARCH_NEXT_MS : store->keep.tick_ms;
		return status;
	}
	store->db.state = STATE_GOOD;
	store->keep.events_at = now; /* which opens the file anew */
	return STORE_UNAVAILABLE;
}
