#include "sqlite_schema.h"

#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "mem.h"
#include "sqlite_schema_steps.h"

/* "Palb": whose file this is, for file(1) and for us. */
#define APPLICATION_ID 0x50616c62

static bool read_int(struct sqlite_db *db, const char *sql, int64_t *out)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(db->handle, sql, -1, &stmt, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*out = sqlite3_column_int64(stmt, 0);
	else
		sqlite_db_fail(db, rc);
	sqlite3_finalize(stmt);
	return rc == SQLITE_ROW;
}

static bool run_text(struct sqlite_db *db, const char *sql)
{
	int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

	if (rc != SQLITE_OK)
		sqlite_db_fail(db, rc);
	return rc == SQLITE_OK;
}

/* ---- which version it is ---- */

struct found {
	int64_t application, version, tables;
};

/* All in one moment: another process may be filling the file. */
static bool look(struct sqlite_db *db, struct found *out)
{
	bool seen = run_text(db, "SAVEPOINT look") &&
		    read_int(db, "PRAGMA application_id", &out->application) &&
		    read_int(db, "PRAGMA user_version", &out->version) &&
		    read_int(db, "SELECT count(*) FROM sqlite_schema",
			     &out->tables);

	sqlite3_exec(db->handle, "RELEASE look", NULL, NULL, NULL);
	return seen;
}

static bool is_empty(const struct found *found)
{
	return found->version == 0 && found->tables == 0;
}

/* May it be brought up to date? */
static bool is_ours(struct sqlite_db *db, const struct found *found)
{
	char why[100];

	if (found->application != APPLICATION_ID || found->version == 0) {
		sqlite_db_refuse(db, "is not a Palabre database");
		return false;
	}
	if (found->version > sqlite_schema_newest) {
		snprintf(why, sizeof(why),
			 "was written by a newer Palabre (schema %lld; "
			 "this one knows %d)",
			 (long long)found->version, sqlite_schema_newest);
		sqlite_db_refuse(db, why);
		return false;
	}
	return true;
}

bool sqlite_schema_check(struct sqlite_db *db)
{
	struct found found;

	if (!look(db, &found))
		return false;
	if (is_empty(&found)) {
		sqlite_db_refuse(db, "is empty");
		return false;
	}
	if (!is_ours(db, &found))
		return false;
	if (found.version < sqlite_schema_newest) {
		sqlite_db_refuse(db, "is of an older Palabre: start "
				     "palabre-api, which brings it up to date");
		return false;
	}
	return true;
}

/* ---- making it this one ---- */

static bool set_meta(struct sqlite_db *db, int64_t version)
{
	char epoch[ID_SIZE], sql[300];

	id_new(clock_now_ms(), db->random, epoch);
	snprintf(sql, sizeof(sql),
		 "INSERT OR IGNORE INTO meta VALUES ('epoch', '%s');"
		 "PRAGMA application_id = %d;"
		 "PRAGMA user_version = %lld",
		 epoch, APPLICATION_ID, (long long)version);
	return run_text(db, sql);
}

/* ./run waits as long as it takes once it reads this. */
static void say_update(const struct sqlite_db *db, int64_t from)
{
	if (db->say == NULL || from == 0 || from >= sqlite_schema_newest)
		return;
	char *words =
		xasprintf("updating %s from schema %lld to %d, which may "
			  "take a while",
			  db->path, (long long)from, sqlite_schema_newest);

	db->say(words);
	free(words);
}

/* Under the write lock: another process may have been here first. */
static bool update_locked(struct sqlite_db *db)
{
	struct found found;

	if (!look(db, &found) || (!is_empty(&found) && !is_ours(db, &found)))
		return false;
	say_update(db, found.version);
	for (; found.version < sqlite_schema_newest; found.version++) {
		if (!run_text(db, sqlite_schema_steps[found.version]) ||
		    !set_meta(db, found.version + 1))
			return false;
	}
	return true;
}

bool sqlite_schema_prepare(struct sqlite_db *db)
{
	struct found found;

	if (!look(db, &found))
		return false;
	if (!is_empty(&found) && found.version >= sqlite_schema_newest)
		return is_ours(db, &found);
	if (!run_text(db, "BEGIN IMMEDIATE"))
		return false;
	if (update_locked(db) && run_text(db, "COMMIT"))
		return true;
	sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
	return false;
}
