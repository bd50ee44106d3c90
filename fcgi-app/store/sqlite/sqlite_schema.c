#include "sqlite_schema.h"

#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "mem.h"
#include "text.h"

/*
 * Messages and changes are clustered by (conversation, number): a page of
 * history is one range of the table. low and high are the two users of a
 * direct conversation, smaller id first. message.edited and .deleted are the
 * number of the change that did it, 0 for never. No key points at user: guests
 * go, what they wrote stays. Texts of edits are folded into the message and
 * kept nowhere else, so that what is deleted is gone.
 */
static const char schema_1[] =
	"CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)"
	" WITHOUT ROWID;"

	"CREATE TABLE user ("
	" id TEXT PRIMARY KEY,"
	" username TEXT NOT NULL, username_folded TEXT NOT NULL UNIQUE,"
	" email TEXT UNIQUE,"
	" display_name TEXT NOT NULL, display_folded TEXT NOT NULL,"
	" avatar TEXT NOT NULL, status_text TEXT NOT NULL,"
	" password_hash TEXT,"
	" role INTEGER NOT NULL, disabled INTEGER NOT NULL DEFAULT 0,"
	" muted_until INTEGER NOT NULL DEFAULT 0,"
	" failures INTEGER NOT NULL DEFAULT 0,"
	" locked_until INTEGER NOT NULL DEFAULT 0,"
	" created_at INTEGER NOT NULL, last_seen INTEGER NOT NULL DEFAULT 0"
	") WITHOUT ROWID;"
	"CREATE INDEX user_listed ON user (username_folded, display_folded)"
	" WHERE role <> 2 AND disabled = 0;"

	"CREATE TABLE session ("
	" id TEXT PRIMARY KEY,"
	" user_id TEXT NOT NULL REFERENCES user (id) ON DELETE CASCADE,"
	" created_at INTEGER NOT NULL, last_used INTEGER NOT NULL,"
	" expires_at INTEGER NOT NULL,"
	" agent TEXT NOT NULL, address TEXT NOT NULL"
	") WITHOUT ROWID;"
	"CREATE INDEX session_user ON session (user_id);"

	"CREATE TABLE conversation ("
	" id TEXT PRIMARY KEY, kind INTEGER NOT NULL,"
	" title TEXT NOT NULL DEFAULT '', low TEXT, high TEXT,"
	" last_seq INTEGER NOT NULL DEFAULT 0,"
	" last_change INTEGER NOT NULL DEFAULT 0,"
	" updated_at INTEGER NOT NULL"
	") WITHOUT ROWID;"

	"CREATE TABLE member ("
	" conversation TEXT NOT NULL REFERENCES conversation (id),"
	" user_id TEXT NOT NULL,"
	" owner INTEGER NOT NULL DEFAULT 0, muted INTEGER NOT NULL DEFAULT 0,"
	" joined_seq INTEGER NOT NULL DEFAULT 1,"
	" received_seq INTEGER NOT NULL DEFAULT 0,"
	" read_seq INTEGER NOT NULL DEFAULT 0,"
	" moved_at INTEGER NOT NULL DEFAULT 0,"
	" PRIMARY KEY (conversation, user_id)"
	") WITHOUT ROWID;"
	"CREATE INDEX member_user ON member (user_id);"
	"CREATE INDEX member_moved ON member (moved_at);"

	"CREATE TABLE message ("
	" conversation TEXT NOT NULL REFERENCES conversation (id),"
	" seq INTEGER NOT NULL,"
	" id TEXT NOT NULL, kind INTEGER NOT NULL,"
	" sender TEXT NOT NULL, sender_name TEXT NOT NULL,"
	" content TEXT NOT NULL, client_id TEXT, request_hash BLOB,"
	" reply_to TEXT, created_at INTEGER NOT NULL,"
	" edited INTEGER NOT NULL DEFAULT 0,"
	" deleted INTEGER NOT NULL DEFAULT 0,"
	" PRIMARY KEY (conversation, seq)"
	") WITHOUT ROWID;"
	"CREATE UNIQUE INDEX message_id ON message (id);"
	"CREATE UNIQUE INDEX message_client"
	" ON message (conversation, sender, client_id)"
	" WHERE client_id IS NOT NULL;"

	"CREATE TABLE change ("
	" conversation TEXT NOT NULL, change INTEGER NOT NULL,"
	" id TEXT NOT NULL, seq INTEGER NOT NULL,"
	" kind INTEGER NOT NULL, by TEXT NOT NULL,"
	" created_at INTEGER NOT NULL,"
	" PRIMARY KEY (conversation, change),"
	" FOREIGN KEY (conversation, seq)"
	"  REFERENCES message (conversation, seq)"
	") WITHOUT ROWID;"
	"CREATE UNIQUE INDEX change_id ON change (id);";

/* Logins that are nobody's; key is a hash. */
static const char schema_2[] =
	"CREATE TABLE guess ("
	" n INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE,"
	" failures INTEGER NOT NULL, locked_until INTEGER NOT NULL);";

/* The directory is counted for each page of it: by the index alone. Its own
 * condition counts as two columns that it must have. */
static const char schema_3[] =
	"DROP INDEX user_listed;"
	"CREATE INDEX user_listed"
	" ON user (username_folded, display_folded, role, disabled)"
	" WHERE role <> 2 AND disabled = 0;";

/* Names are folded in another way since. Who would take somebody else's so
 * keeps his as it was: he signs in by email, or with another name. */
static const char schema_4[] =
	"UPDATE OR IGNORE user SET username_folded = palabre_fold(username);"
	"UPDATE user SET display_folded = palabre_fold(display_name);";

/* steps[n] makes version n + 1 of version n. Add at the end, change nothing. */
static const char *const steps[] = {
	schema_1,
	schema_2,
	schema_3,
	schema_4,
};
#define SCHEMA_NEWEST ((int)COUNT_OF(steps))

/* "Plbr": whose file this is, for file(1) and for us. */
#define APPLICATION_ID 0x506c6272

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

static bool refuse(struct sqlite_db *db, const char *why)
{
	snprintf(db->error, db->error_size, "%s %s", db->path, why);
	db->failed = true;
	return false;
}

/* Is this version one that may be opened (and brought up to date)? */
static bool acceptable(struct sqlite_db *db, int64_t version, bool create)
{
	int64_t application, tables;
	char why[100];

	if (!read_int(db, "PRAGMA application_id", &application) ||
	    !read_int(db, "SELECT count(*) FROM sqlite_schema", &tables))
		return false;
	if (version == 0 && tables == 0)
		return create || refuse(db, "is empty");
	if (application != APPLICATION_ID || version == 0)
		return refuse(db, "is not a Palabre database");
	if (version > SCHEMA_NEWEST) {
		snprintf(why, sizeof(why),
			 "was written by a newer Palabre (schema %lld; "
			 "this one knows %d)",
			 (long long)version, SCHEMA_NEWEST);
		return refuse(db, why);
	}
	return true;
}

static bool run_text(struct sqlite_db *db, const char *sql)
{
	int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

	if (rc != SQLITE_OK)
		sqlite_db_fail(db, rc);
	return rc == SQLITE_OK;
}

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

static void fold(sqlite3_context *context, int count, sqlite3_value **values)
{
	(void)count;
	sqlite3_result_text(
		context, text_fold((const char *)sqlite3_value_text(values[0])),
		-1, free);
}

/* What steps may call. */
static bool add_functions(struct sqlite_db *db)
{
	int rc = sqlite3_create_function(db->handle, "palabre_fold", 1,
					 SQLITE_UTF8, NULL, fold, NULL, NULL);

	if (rc != SQLITE_OK)
		sqlite_db_fail(db, rc);
	return rc == SQLITE_OK;
}

/* Under the write lock: another process may have been here first. */
static bool update_locked(struct sqlite_db *db, bool create)
{
	int64_t version;

	if (!read_int(db, "PRAGMA user_version", &version) ||
	    !acceptable(db, version, create) || !add_functions(db))
		return false;
	for (; version < SCHEMA_NEWEST; version++) {
		if (!run_text(db, steps[version]) || !set_meta(db, version + 1))
			return false;
	}
	return true;
}

bool sqlite_schema_update(struct sqlite_db *db, bool create)
{
	int64_t version;

	if (!read_int(db, "PRAGMA user_version", &version))
		return false;
	if (version >= SCHEMA_NEWEST)
		return acceptable(db, version, create);
	if (!run_text(db, "BEGIN IMMEDIATE"))
		return false;
	if (update_locked(db, create) && run_text(db, "COMMIT"))
		return true;
	sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
	return false;
}
