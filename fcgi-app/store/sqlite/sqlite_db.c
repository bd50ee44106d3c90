#include "sqlite_db.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "mem.h"
#include "store_backend.h"

/* Waiting for a lock ends so long after the verb began: the caller is promised
 * an answer within 1.5 s. */
#define DEADLINE_MS 1200
/* Whoever waited in vain does not wait that long again at once: else those who
 * queue for this worker would each wait for all before them. */
#define SHORT_MS 20
#define SHORT_FOR_MS 1000
/* While it is prepared, maybe by others, too. */
#define PREPARE_MS 10000

#define STATEMENTS_FIRST 64 /* a power of two */

/* Whoever says nothing gets what loses nothing. */
static bool is_not(const struct store_config *config, const char *key,
		   const char *value)
{
	char *text = store_config_get(config, key);
	bool another = text == NULL || strcmp(text, value) != 0;

	free(text);
	return another;
}

void sqlite_db_init(struct sqlite_db *db, const struct store_config *config,
		    const char *path, char *error, size_t error_size)
{
	/* A process here has one thread, and nobody reads the counters; both
	 * cost locks for each piece of memory. Nor does one that is idle need
	 * the twenty pages that a cache begins with. Refused, which does no
	 * harm, once SQLite has started. */
	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
	*db = (struct sqlite_db){
		.path = xstrdup(path),
		.full_sync = is_not(config, "sqlite_sync", "normal"),
		.lobby = is_not(config, "lobby", "off"),
		.random = config->random,
		.error = error,
		.error_size = error_size,
	};
	if (config->watch != NULL)
		db->watch = *config->watch;
}

void sqlite_db_close(struct sqlite_db *db)
{
	for (size_t i = 0; i < db->statement_cap; i++)
		sqlite3_finalize(db->statements[i].stmt);
	free(db->statements);
	db->statements = NULL;
	db->statement_count = db->statement_cap = 0;
	sqlite3_close(db->handle);
	db->handle = NULL;
	db->reopen = false;
}

void sqlite_db_done(struct sqlite_db *db)
{
	sqlite_db_close(db);
	free(db->reactions);
	free(db->mentions);
	free(db->found);
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

static void set_failed(struct sqlite_db *db)
{
	if (db->state == STATE_GOOD)
		db->state = STATE_VERB_FAILED;
}

void sqlite_db_fail(struct sqlite_db *db, int rc)
{
	if ((rc & 0xff) == SQLITE_NOMEM)
		abort();
	if (db->state != STATE_GOOD)
		return; /* the first failure is the cause of the others */
	set_failed(db);
	if (!is_passing(rc))
		db->reopen = true;
	db->failed = rc;
	/* The index of words is the only virtual table. SQLite's own pages are
	 * not meant. */
	if (rc == SQLITE_CORRUPT_VTAB)
		db->index_damaged = true;
	const char *system = system_reason(db, rc);

	snprintf(db->error, db->error_size, "%s: %s (SQLite %d)%s%s", db->path,
		 sqlite3_extended_errcode(db->handle) == rc
			 ? sqlite3_errmsg(db->handle)
			 : sqlite3_errstr(rc),
		 rc, *system != '\0' ? ": " : "", system);
}

void sqlite_db_refuse(struct sqlite_db *db, const char *why)
{
	set_failed(db);
	snprintf(db->error, db->error_size, "%s %s", db->path, why);
}

/* ---- waiting ---- */

void sqlite_db_set_deadline(struct sqlite_db *db)
{
	int64_t now = clock_mono_ms();

	db->deadline = now + (db->preparing		    ? PREPARE_MS
			      : now < db->short_waits_until ? SHORT_MS
							    : DEADLINE_MS);
}

static void note_vain_wait(struct sqlite_db *db)
{
	int64_t now = clock_mono_ms();

	if (now >= db->short_waits_until)
		db->short_waits_until = now + SHORT_FOR_MS;
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

/* ---- statements ---- */

/* Where it is, or the free slot where it belongs. */
static struct sqlite_statement *find_statement(const struct sqlite_db *db,
					       const char *sql)
{
	size_t at = (size_t)((uintptr_t)sql >> 4);

	for (;; at++) {
		struct sqlite_statement *slot =
			&db->statements[at & (db->statement_cap - 1)];

		if (slot->sql == sql || slot->sql == NULL)
			return slot;
	}
}

/* Never more than half full. */
static void make_room(struct sqlite_db *db)
{
	struct sqlite_statement *before = db->statements;
	size_t cap = db->statement_cap;

	if (2 * (db->statement_count + 1) <= cap)
		return;
	db->statement_cap = cap > 0 ? 2 * cap : STATEMENTS_FIRST;
	db->statements = xcalloc(db->statement_cap, sizeof(*db->statements));
	for (size_t i = 0; i < cap; i++) {
		if (before[i].sql != NULL)
			*find_statement(db, before[i].sql) = before[i];
	}
	free(before);
}

sqlite3_stmt *sqlite_db_statement(struct sqlite_db *db, const char *sql)
{
	make_room(db);

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
	db->statement_count++;
	return slot->stmt;
}

bool sqlite_db_run(struct sqlite_db *db, const char *sql)
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
