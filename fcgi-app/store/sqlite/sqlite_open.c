#include "sqlite_open.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"
#include "sqlite_functions.h"
#include "sqlite_log.h"
#include "sqlite_schema.h"

static bool run_pragmas(struct sqlite_db *db)
{
	static const char *const common[] = {
		"PRAGMA foreign_keys = ON",
		"PRAGMA trusted_schema = OFF",
		"PRAGMA secure_delete = ON",
		"PRAGMA temp_store = MEMORY",
		"PRAGMA cache_size = -8000",
		"PRAGMA journal_size_limit = 67108864",
	};

	for (size_t i = 0; i < COUNT_OF(common); i++)
		if (!sqlite_db_run(db, common[i]))
			return false;
	/* In the log's mode this keeps the file whole whatever happens. That
	 * a commit is there, too, is for sqlite_log_sync(). */
	return sqlite_db_run(db, "PRAGMA synchronous = NORMAL");
}

/* Messages and password hashes are for the owner's eyes; SQLite gives its
 * companion files the same mode. */
static void make_file(const struct sqlite_db *db)
{
	int fd = open(db->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
}

static bool stat_file(struct sqlite_db *db, struct stat *st)
{
	if (stat(db->path, st) == 0)
		return true;
	db->state = STATE_VERB_FAILED;
	snprintf(db->error, db->error_size, "cannot open %s: %s", db->path,
		 strerror(errno));
	return false;
}

static bool open_handle(struct sqlite_db *db)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
		    SQLITE_OPEN_EXRESCODE;
	int rc = sqlite3_open_v2(db->path, &db->handle, flags, NULL);

	if (rc != SQLITE_OK) {
		sqlite_db_fail(db, rc);
		return false;
	}
	if (sqlite3_db_readonly(db->handle, "main") == 1) {
		sqlite_db_refuse(db, "is not writable");
		return false;
	}
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_busy_handler(db->handle, sqlite_db_wait, db);
	return true;
}

static bool is_open(const struct sqlite_db *db, const struct stat *st)
{
	return db->handle != NULL && !db->reopen && st->st_dev == db->device &&
	       st->st_ino == db->inode;
}

/* The file as it was looked at before it is opened: if it is replaced in
 * between, the next verb sees that. */
static bool connect_to(struct sqlite_db *db, const struct stat *st)
{
	sqlite_db_close(db);
	db->device = st->st_dev;
	db->inode = st->st_ino;
	return open_handle(db);
}

static bool make_ready(struct sqlite_db *db, bool schema(struct sqlite_db *db))
{
	return sqlite_log_use(db) && run_pragmas(db) &&
	       sqlite_functions_add(db) && schema(db);
}

static bool open_with(struct sqlite_db *db, bool schema(struct sqlite_db *db))
{
	struct stat st;

	db->state = STATE_GOOD;
	if (stat_file(db, &st)) {
		if (is_open(db, &st) && schema == sqlite_schema_check)
			return true;
		if (connect_to(db, &st) && make_ready(db, schema))
			return true;
	}
	sqlite_db_close(db);
	return false;
}

bool sqlite_open(struct sqlite_db *db)
{
	sqlite_db_set_deadline(db);
	return open_with(db, sqlite_schema_check);
}

bool sqlite_open_prepare(struct sqlite_db *db)
{
	make_file(db);
	sqlite_db_set_deadline(db);
	return open_with(db, sqlite_schema_prepare);
}
