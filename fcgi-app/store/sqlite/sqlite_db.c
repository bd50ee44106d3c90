#include "sqlite_db.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "kill_point.h"
#include "mem.h"
#include "sqlite_schema.h"
#include "sqlite_wal.h"
#include "store_backend.h"

/* Waiting for a lock ends so long after the verb began: the caller is promised
 * an answer within 1.5 s. */
#define DEADLINE_MS 1200
/* Whoever waited in vain does not wait that long again at once: else those who
 * queue for this worker would each wait for all before them. */
#define BRIEF_MS 20
#define BRIEFLY_FOR_MS 1000

/* Whoever says nothing gets what loses nothing. */
static bool wants_full_sync(const struct store_config *config)
{
	char *sync = store_config_get(config, "sqlite_sync");
	bool full = sync == NULL || strcmp(sync, "normal") != 0;

	free(sync);
	return full;
}

void sqlite_db_init(struct sqlite_db *db, const struct store_config *config,
		    const char *path, char *error, size_t error_size)
{
	/* Counters that nobody reads cost two locks for each piece of memory;
	 * refused, which does no harm, once SQLite has started. */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	*db = (struct sqlite_db){
		.path = xstrdup(path),
		.full_sync = wants_full_sync(config),
		.random = config->random,
		.error = error,
		.error_size = error_size,
	};
}

static void close_handle(struct sqlite_db *db)
{
	for (size_t i = 0; i < SQLITE_DB_STATEMENTS; i++)
		sqlite3_finalize(db->statements[i].stmt);
	memset(db->statements, 0, sizeof(db->statements));
	sqlite3_close(db->handle);
	db->handle = NULL;
	db->suspect = false;
}

void sqlite_db_done(struct sqlite_db *db)
{
	close_handle(db);
	free(db->path);
}

/* ---- failures ---- */

/* After these the connection itself is fine: wait for a lock or for room. */
static bool is_passing(int rc)
{
	int primary = rc & 0xff;

	return primary == SQLITE_BUSY || primary == SQLITE_LOCKED ||
	       primary == SQLITE_FULL;
}

/* The system's own word says more than SQLite's about these. */
static const char *system_reason(const struct sqlite_db *db, int rc)
{
	int primary = rc & 0xff;
	int system = sqlite3_system_errno(db->handle);

	if (system == 0 ||
	    (primary != SQLITE_IOERR && primary != SQLITE_CANTOPEN))
		return "";
	return strerror(system);
}

void sqlite_db_fail(struct sqlite_db *db, int rc)
{
	if ((rc & 0xff) == SQLITE_NOMEM)
		abort();
	if (db->failed)
		return; /* the first failure is the cause of the others */
	db->failed = true;
	if (!is_passing(rc))
		db->suspect = true;
	const char *system = system_reason(db, rc);

	snprintf(db->error, db->error_size, "%s: %s (SQLite %d)%s%s", db->path,
		 sqlite3_errmsg(db->handle), rc, *system != '\0' ? ": " : "",
		 system);
}

/* One statement without parameters or rows; false when it failed. */
static bool exec(struct sqlite_db *db, const char *sql)
{
	sqlite3_stmt *stmt = sqlite_db_statement(db, sql);

	if (stmt == NULL)
		return false;
	int rc = sqlite3_step(stmt);

	if (rc != SQLITE_DONE && rc != SQLITE_ROW)
		sqlite_db_fail(db, rc);
	sqlite3_reset(stmt);
	return rc == SQLITE_DONE || rc == SQLITE_ROW;
}

/* ---- statements ---- */

static struct sqlite_statement *find_statement(struct sqlite_db *db,
					       const char *sql)
{
	size_t at = (size_t)((uintptr_t)sql >> 4);

	for (size_t i = 0; i < SQLITE_DB_STATEMENTS; i++, at++) {
		struct sqlite_statement *slot =
			&db->statements[at & (SQLITE_DB_STATEMENTS - 1)];

		if (slot->sql == sql || slot->sql == NULL)
			return slot;
	}
	assert(!"more statements than SQLITE_DB_STATEMENTS");
	abort();
}

sqlite3_stmt *sqlite_db_statement(struct sqlite_db *db, const char *sql)
{
	struct sqlite_statement *slot = find_statement(db, sql);

	if (slot->stmt != NULL) {
		assert(!sqlite3_stmt_busy(slot->stmt));
		return slot->stmt;
	}
	int rc = sqlite3_prepare_v3(db->handle, sql, -1,
				    SQLITE_PREPARE_PERSISTENT, &slot->stmt,
				    NULL);

	if (rc != SQLITE_OK) {
		sqlite_db_fail(db, rc);
		return NULL;
	}
	slot->sql = sql;
	return slot->stmt;
}

/* ---- opening ---- */

static void set_deadline(struct sqlite_db *db)
{
	int64_t now = clock_mono_ms();

	db->deadline = now + (now < db->brief_until ? BRIEF_MS : DEADLINE_MS);
}

static void note_vain_wait(struct sqlite_db *db)
{
	int64_t now = clock_mono_ms();

	if (now >= db->brief_until)
		db->brief_until = now + BRIEFLY_FOR_MS;
}

/* SQLite's own sleeps grow to 100 ms, which starves the unlucky: short ones
 * cut the longest wait of four busy writers from 2 s to 44 ms. */
int sqlite_db_wait(void *context, int tries)
{
	struct sqlite_db *db = context;
	struct timespec nap = {.tv_nsec = 100000};

	if (clock_mono_ms() >= db->deadline) {
		note_vain_wait(db);
		return 0;
	}
	nap.tv_nsec += (tries % 5) * 100000;
	nanosleep(&nap, NULL);
	return 1;
}

static bool run_pragmas(struct sqlite_db *db)
{
	static const char *const common[] = {
		"PRAGMA foreign_keys = ON",
		"PRAGMA trusted_schema = OFF",
		"PRAGMA temp_store = MEMORY",
		"PRAGMA cache_size = -8000",
		"PRAGMA journal_size_limit = 67108864",
	};

	for (size_t i = 0; i < COUNT_OF(common); i++)
		if (!exec(db, common[i]))
			return false;
	return exec(db, db->full_sync ? "PRAGMA synchronous = FULL"
				      : "PRAGMA synchronous = NORMAL");
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
	snprintf(db->error, db->error_size, "cannot open %s: %s", db->path,
		 strerror(errno));
	db->failed = true;
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
		snprintf(db->error, db->error_size, "%s is not writable",
			 db->path);
		db->failed = true;
		return false;
	}
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_busy_handler(db->handle, sqlite_db_wait, db);
	return true;
}

bool sqlite_db_open(struct sqlite_db *db, bool create)
{
	struct stat st;

	db->failed = false;
	set_deadline(db);
	if (create)
		make_file(db);
	/* Looked at before it is opened: if it is replaced in between, the
	 * next verb sees that. */
	if (!stat_file(db, &st)) {
		close_handle(db);
		return false;
	}
	if (db->handle != NULL && !db->suspect && st.st_dev == db->device &&
	    st.st_ino == db->inode)
		return true;
	close_handle(db);
	db->device = st.st_dev;
	db->inode = st.st_ino;
	if (open_handle(db) && sqlite_wal_use(db) && run_pragmas(db) &&
	    sqlite_schema_update(db, create))
		return true;
	close_handle(db);
	return false;
}

/* ---- transactions ---- */

/* What a verb runs, by where it stands and whether it writes: undo when it is
 * refused, and end in any case. A verb of its own is kept by commit(). */
struct frame {
	const char *begin, *undo, *end;
};
static const struct frame frames[][2] = {
	[SPAN_VERB][ACCESS_READ] = {"BEGIN", "ROLLBACK", NULL},
	[SPAN_VERB][ACCESS_WRITE] = {"BEGIN IMMEDIATE", "ROLLBACK", NULL},
	[SPAN_BATCH][ACCESS_WRITE] = {"SAVEPOINT verb", "ROLLBACK TO verb",
				      "RELEASE verb"},
};
static const char *const span_begins[] = {
	[SPAN_SNAPSHOT] = "BEGIN",
	[SPAN_BATCH] = "BEGIN IMMEDIATE",
};

static bool run_if(struct sqlite_db *db, const char *sql)
{
	return sql == NULL || exec(db, sql);
}

/* Back to no transaction, whatever state a failure left behind. */
static void abandon(struct sqlite_db *db)
{
	if (db->handle != NULL && !sqlite3_get_autocommit(db->handle))
		exec(db, "ROLLBACK");
	if (db->suspect)
		close_handle(db);
	db->delicate = false;
}

static bool commit(struct sqlite_db *db)
{
	bool delicate = db->delicate;

	db->delicate = false;
	if (delicate)
		kill_point("before-commit");
	if (!exec(db, "COMMIT"))
		return false;
	if (delicate)
		kill_point("after-commit");
	return true;
}

void sqlite_db_begin(struct sqlite_db *db, enum sqlite_access access)
{
	assert(!db->in_verb); /* a callback called a verb */
	assert(db->span != SPAN_SNAPSHOT || access == ACCESS_READ);
	db->in_verb = true;
	db->access = access;
	db->failed = db->spoiled;
	set_deadline(db);
	if (db->span == SPAN_VERB)
		db->failed = !sqlite_db_open(db, false);
	if (!db->failed)
		run_if(db, frames[db->span][access].begin);
}

static bool finish(struct sqlite_db *db, bool keep)
{
	const struct frame *frame = &frames[db->span][db->access];

	if (keep && db->span == SPAN_VERB)
		return commit(db);
	return (keep || run_if(db, frame->undo)) && run_if(db, frame->end);
}

enum store_status sqlite_db_end(struct sqlite_db *db, enum store_status status)
{
	assert(db->in_verb);
	db->in_verb = false;
	if (!db->failed && finish(db, status == STORE_OK))
		return status;
	if (db->span == SPAN_VERB)
		abandon(db);
	else
		db->spoiled = true;
	return STORE_UNAVAILABLE;
}

enum store_status sqlite_db_span_begin(struct sqlite_db *db,
				       enum sqlite_span span)
{
	assert(db->span == SPAN_VERB && !db->in_verb);
	/* A deferred BEGIN sees nothing yet: the first read fixes what the
	 * snapshot shows. */
	if (!sqlite_db_open(db, false))
		return STORE_UNAVAILABLE;
	if (exec(db, span_begins[span]) &&
	    exec(db, "SELECT count(*) FROM meta")) {
		db->span = span;
		return STORE_OK;
	}
	abandon(db);
	return STORE_UNAVAILABLE;
}

enum store_status sqlite_db_span_end(struct sqlite_db *db, bool keep)
{
	bool lost = db->spoiled;

	if (db->span == SPAN_VERB)
		return keep ? STORE_UNAVAILABLE : STORE_OK;
	db->span = SPAN_VERB;
	db->spoiled = false;
	if (!lost) {
		db->failed = false;
		set_deadline(db);
		lost = !keep || !commit(db);
	}
	if (lost)
		abandon(db);
	return lost ? STORE_UNAVAILABLE : STORE_OK;
}
