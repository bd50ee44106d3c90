/*
 * sqlite_db - one connection to an SQLite file: its state, its failures, its
 * prepared statements and how it waits for a lock.
 *
 * A verb is sqlite_begin(), queries (sqlite_query.h), sqlite_end(): see
 * sqlite_span.h. A begin or a query that fails makes the rest of its verb do
 * nothing and its end answer UNAVAILABLE, so nothing in between has to look.
 */
#ifndef SQLITE_DB_H
#define SQLITE_DB_H

#include <sqlite3.h>
#include <sys/types.h>

#include "store.h"

enum sqlite_access { ACCESS_READ, ACCESS_WRITE };
enum sqlite_span { SPAN_VERB, SPAN_SNAPSHOT, SPAN_BATCH };

/* How far a failure reaches. */
enum sqlite_state {
	STATE_GOOD,
	STATE_VERB_FAILED,
	STATE_SPAN_LOST, /* the batch or snapshot that the verb was part of */
};

struct sqlite_statement {
	const char *sql; /* a constant: its address is the key */
	sqlite3_stmt *stmt;
};

struct sqlite_db {
	char *path;
	bool full_sync;
	bool lobby; /* there is one */
	ids_random *random;
	char *error; /* the owner's text, of error_size bytes */
	size_t error_size;
	store_say *say;		  /* NULL: nobody listens */
	struct store_watch watch; /* without functions: nobody does */
	bool entered;		  /* the write that it was told of goes on */

	sqlite3 *handle; /* NULL: not open */
	dev_t device;	 /* of the file that is open */
	ino_t inode;
	struct sqlite_statement *statements; /* open addressing */
	size_t statement_count, statement_cap;

	int64_t verb_us, span_us;  /* clock_mono_us() when it began */
	int64_t deadline;	   /* clock_mono_ms() at which waiting ends */
	int64_t short_waits_until; /* and until which it is hardly tried */
	bool preparing;		   /* nobody waits for an answer */
	enum sqlite_span span;
	enum sqlite_access access; /* of the verb under way */
	bool in_verb;
	enum sqlite_state state;
	int failed;		/* SQLite's word of the verb's failure */
	bool reopen;		/* the connection is to be made anew */
	bool log_doubtful;	/* a sync of the log failed: sqlite_log.c */
	bool kill_points;	/* the commit to come is worth some */
	int64_t written_before; /* rows, when the verb began */
	bool index_damaged;	/* the index of words: somebody met that ... */
	bool index_noted;	/* ... and this verb has left word of it */

	char *reactions; /* sqlite_reactions.h: those read last */
	char *mentions;	 /* sqlite_columns.c: of the last hidden edit */

	/* What a transaction reads once. */
	char newest[ID_SIZE]; /* sqlite_clock.h */
	bool newest_read;
	bool hiders; /* sqlite_members.c: somebody hides how far they read */
	bool hiders_asked;
	/* sqlite_members.c: of a snapshot, which nobody changes, the
	 * conversation that was found last. */
	struct sqlite_conversation *found;
	bool found_one;
};

/* The next transaction begins. */
static inline void sqlite_db_know_nothing(struct sqlite_db *db)
{
	db->newest_read = false;
	db->hiders_asked = false;
	db->found_one = false;
}

void sqlite_db_init(struct sqlite_db *db, const struct store_config *config,
		    const char *path, char *error, size_t error_size);
void sqlite_db_done(struct sqlite_db *db);
/* Close the connection, if there is one. */
void sqlite_db_close(struct sqlite_db *db);

/* A verb waits for locks so long from now on. */
void sqlite_db_set_deadline(struct sqlite_db *db);
/* The busy handler: waits a moment, until the deadline. 0: no longer. */
int sqlite_db_wait(void *db, int tries);

/* Note a failed call: rc is SQLite's. */
void sqlite_db_fail(struct sqlite_db *db, int rc);
/* The same in words: "PATH why". */
void sqlite_db_refuse(struct sqlite_db *db, const char *why);

/* Prepared once per connection; NULL when it failed. sql: a constant. */
sqlite3_stmt *sqlite_db_statement(struct sqlite_db *db, const char *sql);
/* One such statement without parameters, whose rows do not matter. */
bool sqlite_db_run(struct sqlite_db *db, const char *sql);

#endif
