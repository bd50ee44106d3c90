#include "sqlite_log.h"

#include <string.h>

#include "clock.h"

bool sqlite_log_use(struct sqlite_db *db)
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
	/* Else SQLite copies within some commits. */
	return sqlite_db_run(db, "PRAGMA wal_autocheckpoint = 0");
}

static int sync_file(struct sqlite_db *db)
{
	sqlite3_file *log = NULL;
	int rc = sqlite3_file_control(db->handle, "main",
				      SQLITE_FCNTL_JOURNAL_POINTER, &log);

	if (rc != SQLITE_OK || log == NULL || log->pMethods == NULL)
		return rc;
	return log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
}

/* What a failed sync left behind no later one writes: the kernel takes it for
 * written (https://lwn.net/Articles/752063/), and what is behind such a hole in
 * the log is lost with it. So all of it has to be in the file first, once; each
 * process is told of the failure, by a sync of its own. */
bool sqlite_log_sync(struct sqlite_db *db)
{
	int rc = db->log_doubtful
			 ? sqlite3_wal_checkpoint_v2(db->handle, "main",
						     SQLITE_CHECKPOINT_FULL,
						     NULL, NULL)
			 : sync_file(db);

	if (rc == SQLITE_OK) {
		db->log_doubtful = false;
		return true;
	}
	db->log_doubtful = true;
	sqlite_db_fail(db, rc);
	return false;
}

/* ---- how long it is ---- */

/* From the index of the log that its users share, as
 * https://sqlite.org/walformat.html describes it, in the machine's order of
 * bytes. Its file may not be opened here: to close it would drop SQLite's
 * locks. */
#define INDEX_REGION 32768
#define INDEX_FRAMES 16
#define INDEX_COPIED 96

static int64_t number_at(const volatile char *index, size_t at)
{
	uint32_t number;

	memcpy(&number, (const char *)index + at, sizeof(number));
	return number;
}

bool sqlite_log_look(struct sqlite_db *db, struct sqlite_log_state *out)
{
	sqlite3_file *file = NULL;
	volatile void *index = NULL;
	int rc = sqlite3_file_control(db->handle, "main",
				      SQLITE_FCNTL_FILE_POINTER, &file);

	*out = (struct sqlite_log_state){0};
	if (rc == SQLITE_OK && file != NULL && file->pMethods != NULL)
		rc = file->pMethods->xShmMap(file, 0, INDEX_REGION, 0, &index);
	if (rc != SQLITE_OK) {
		sqlite_db_fail(db, rc);
		return false;
	}
	if (index != NULL) {
		out->frames = number_at(index, INDEX_FRAMES);
		out->copied = number_at(index, INDEX_COPIED);
	}
	return true;
}

/* ---- copying it back ---- */

bool sqlite_log_copy(struct sqlite_db *db, struct sqlite_log_state *after)
{
	int frames = 0, copied = 0;
	int rc = sqlite3_wal_checkpoint_v2(db->handle, "main",
					   SQLITE_CHECKPOINT_PASSIVE, &frames,
					   &copied);

	*after = (struct sqlite_log_state){frames, copied};
	/* Somebody's own sqlite3 copies just now. */
	if ((rc & 0xff) == SQLITE_BUSY)
		return true;
	if (rc != SQLITE_OK)
		sqlite_db_fail(db, rc);
	return rc == SQLITE_OK;
}

bool sqlite_log_restart(struct sqlite_db *db, int64_t patience_ms)
{
	db->deadline = clock_mono_ms() + patience_ms;
	return sqlite3_wal_checkpoint_v2(db->handle, "main",
					 SQLITE_CHECKPOINT_RESTART, NULL,
					 NULL) == SQLITE_OK;
}
