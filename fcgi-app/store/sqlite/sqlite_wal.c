#include "sqlite_wal.h"

#include "clock.h"

/* Pages of the log. A message is six to twelve. */
#define CHECKPOINT_PAGES 4000
#define TRY_AGAIN_PAGES 1000
/* The commit that is behind it waits so long for its answer. */
#define PATIENCE_MS 250

/* First what can be copied while others write, then, without them, what they
 * wrote meanwhile. True: the log starts anew. */
static bool checkpoint(sqlite3 *handle, const char *name)
{
	return sqlite3_wal_checkpoint_v2(handle, name,
					 SQLITE_CHECKPOINT_PASSIVE, NULL,
					 NULL) == SQLITE_OK &&
	       sqlite3_wal_checkpoint_v2(handle, name,
					 SQLITE_CHECKPOINT_RESTART, NULL,
					 NULL) == SQLITE_OK;
}

/* A checkpoint that fails is none of the commit's business. */
static int on_commit(void *context, sqlite3 *handle, const char *name,
		     int pages)
{
	struct sqlite_db *db = context;
	int64_t short_waits_until = db->short_waits_until;

	if (pages < db->checkpoint_at)
		return SQLITE_OK;
	db->deadline = clock_mono_ms() + PATIENCE_MS;
	db->checkpoint_at = checkpoint(handle, name) ? CHECKPOINT_PAGES
						     : pages + TRY_AGAIN_PAGES;
	db->short_waits_until = short_waits_until;
	return SQLITE_OK;
}

bool sqlite_wal_use(struct sqlite_db *db)
{
	int rc;

	/* SQLite does not call the busy handler while it changes the mode. */
	for (int tries = 0;; tries++) {
		rc = sqlite3_exec(db->handle, "PRAGMA journal_mode = WAL", NULL,
				  NULL, NULL);
		if ((rc & 0xff) != SQLITE_BUSY || !sqlite_db_wait(db, tries))
			break;
	}
	if (rc != SQLITE_OK) {
		sqlite_db_fail(db, rc);
		return false;
	}
	db->checkpoint_at = CHECKPOINT_PAGES;
	sqlite3_wal_hook(db->handle, on_commit, db);
	return true;
}
