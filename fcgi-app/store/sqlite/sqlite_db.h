/*
 * sqlite_db - one connection to an SQLite file, opened when it is needed and
 * again after it was lost, and the transactions on it.
 *
 * A verb is begin, queries (sqlite_query.h), end. A begin or a query that fails
 * makes the rest of its verb do nothing and its end answer UNAVAILABLE, so
 * nothing in between has to look.
 */
#ifndef SQLITE_DB_H
#define SQLITE_DB_H

#include <sqlite3.h>
#include <sys/types.h>

#include "store.h"

#define SQLITE_DB_STATEMENTS 128 /* a power of two, well above their number */

enum sqlite_access { ACCESS_READ, ACCESS_WRITE };
enum sqlite_span { SPAN_VERB, SPAN_SNAPSHOT, SPAN_BATCH };

struct sqlite_statement {
	const char *sql; /* its address is the key */
	sqlite3_stmt *stmt;
};

struct sqlite_db {
	char *path;
	bool full_sync;
	ids_random *random;
	char *error; /* the owner's text, of error_size bytes */
	size_t error_size;

	sqlite3 *handle; /* NULL: not open */
	dev_t device;	 /* of the file that is open */
	ino_t inode;
	struct sqlite_statement statements[SQLITE_DB_STATEMENTS];

	int checkpoint_at;   /* pages of the log; sqlite_wal.h */
	int64_t deadline;    /* clock_mono_ms() at which waiting ends */
	int64_t brief_until; /* and until which it is hardly tried */
	enum sqlite_span span;
	enum sqlite_access access; /* of the verb under way */
	bool in_verb;
	bool failed;   /* this verb did */
	bool spoiled;  /* ... so its batch or snapshot is lost */
	bool suspect;  /* ... and the connection is to be made anew */
	bool delicate; /* what is written is worth a kill point */
};

void sqlite_db_init(struct sqlite_db *db, const struct store_config *config,
		    const char *path, char *error, size_t error_size);
void sqlite_db_done(struct sqlite_db *db);

/* Make sure of an open connection on the file now at the path. False: error
 * says why. create: make the file and its directory entry if there is none. */
bool sqlite_db_open(struct sqlite_db *db, bool create);

void sqlite_db_begin(struct sqlite_db *db, enum sqlite_access access);
/* Commits when status is STORE_OK, else undoes what the verb wrote. Gives
 * status, or UNAVAILABLE. */
enum store_status sqlite_db_end(struct sqlite_db *db, enum store_status status);

enum store_status sqlite_db_span_begin(struct sqlite_db *db,
				       enum sqlite_span span);
enum store_status sqlite_db_span_end(struct sqlite_db *db, bool commit);

/* The busy handler: waits a moment, until the deadline. 0: no longer. */
int sqlite_db_wait(void *db, int tries);
/* Note a failed call: rc is SQLite's. */
void sqlite_db_fail(struct sqlite_db *db, int rc);
/* Prepared once per connection; NULL when it failed. sql: a constant. */
sqlite3_stmt *sqlite_db_statement(struct sqlite_db *db, const char *sql);

#endif
