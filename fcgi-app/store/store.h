/*
 * store - what Palabre remembers, as domain verbs over one of its backends.
 *
 * No SQL, sqlite3 or bson leaves fcgi-app/store/. One store per process, one
 * call at a time. Opening is lazy and repeated: after UNAVAILABLE the next
 * verb tries anew, so a store that comes back needs no restart. Every verb
 * answers within 1.5 s, with STORE_UNAVAILABLE if it must.
 *
 * A write that answered STORE_OK is durable (outside a batch: at once; inside:
 * when store_batch_commit() answered STORE_OK). An UNAVAILABLE write may still
 * have happened: the same clientId asks again safely.
 *
 * What a verb fills is to be freed with its _done() after STORE_OK; after all
 * else there is nothing in it. An "each" callback calls no verb of the store. A
 * store does not survive fork(): free it before, make one per process.
 */
#ifndef STORE_H
#define STORE_H

#include "store_accounts.h"
#include "store_base.h"
#include "store_blocks.h"
#include "store_conversations.h"
#include "store_erase.h"
#include "store_events.h"
#include "store_files.h"
#include "store_groups.h"
#include "store_guesses.h"
#include "store_guests.h"
#include "store_import.h"
#include "store_messages.h"
#include "store_operators.h"
#include "store_own.h"
#include "store_reports.h"
#include "store_sessions.h"
#include "store_users.h"

/* The value of a setting, by its name in palabre.conf, for the caller to free;
 * NULL: there is no such setting. */
typedef char *store_setting(const void *settings, const char *key);

/* Who watches what a store does. */
struct store_watch {
	store_timed *timed;
	/* Before a write, or a batch of them; false: it would wait in vain, and
	 * is UNAVAILABLE at once. */
	bool (*enter)(void *context);
	void (*commit)(void *context); /* begins, with its sync */
	/* Once after each enter() that was true; durable: something is. */
	void (*leave)(bool durable, void *context);
	void *context;
};

struct store_config {
	const char *uri; /* "sqlite:PATH"; copied */
	ids_random *random;
	/* What a backend asks about, each its own; only while it is made. NULL:
	 * all as by default. */
	store_setting *setting;
	const void *settings;
	const struct store_watch *watch; /* copied; NULL: nobody does */
};

/* A URI as it may be shown: without what is between "//" and "@", and behind
 * "?". The caller frees it. */
char *store_uri_shown(const char *uri);
/* The path in the URI of a store that is a file; NULL: it is none. */
const char *store_uri_path(const char *uri);

/* NULL, and one clear line in *error (the caller frees it), for a URI that no
 * backend takes. Opens nothing yet. */
struct store *store_new(const struct store_config *config, char **error);
void store_free(struct store *store);

/* Whom it tells before something that may take long: an update of what is
 * stored. Nobody, at first. */
void store_say_to(struct store *store, store_say *say);

/* Open, create or migrate now: for start-up; verbs never create a store that
 * is missing. NULL, or one clear line (the caller frees it): cannot be opened,
 * or written by a newer Palabre. */
char *store_prepare(struct store *store);

/* When the program that prepared it ends, as its last verb. Between the two a
 * store notices, when it is prepared, that it is a copy of an earlier state,
 * and takes another epoch. */
enum store_status store_leave(struct store *store);

/* Why the last verb said UNAVAILABLE, for one log line; borrowed. */
const char *store_error(const struct store *store);
/* What an operator should know of the last store_keep() or store_verify(): one
 * line, or ""; borrowed. */
const char *store_notice(const struct store *store);

/* Bytes; -1: not known. */
struct store_room {
	int64_t size, log_size; /* of what has yet to be copied from the log */
	int64_t left;		/* on the disk that it is on */
};
void store_room(struct store *store, struct store_room *out);

/* A store that is restored from a backup gets another epoch. */
enum store_status store_epoch(struct store *store, char out[ID_SIZE]);

/* Whether what is sent could be written now: something of that size is. */
enum store_status store_try_write(struct store *store);

/* Several writes, one commit, which is to write faster and nothing else: one
 * that is refused leaves the others alone, and until commit answers for all of
 * them each may be there or not, as after UNAVAILABLE. Commit ends the batch
 * either way. Roll back is a no-op without a batch, and may be one with it. */
enum store_status store_batch_begin(struct store *store);
enum store_status store_batch_commit(struct store *store);
void store_batch_rollback(struct store *store);

/* Reads between see one state of the store where the backend can do that, so
 * that a list and what is read next agree; no writes between. Call end only
 * after a begin that answered STORE_OK. */
enum store_status store_read_begin(struct store *store);
void store_read_end(struct store *store);

/* What need not be done while somebody waits, for a process of its own, which
 * calls again after *again_ms. */
enum store_status store_keep(struct store *store, int64_t now_ms,
			     int64_t *again_ms);

/* ---- for operators ---- */

/* Bytes; false: give it up. */
typedef bool store_progress(int64_t done, int64_t total, void *context);

/* Else the two below are not for it: it is copied (store_copy.h). */
bool store_is_file(const struct store *store);

/* Copies the store as it is now to a new file, while others write. Call it
 * between store_read_begin() and _end(). NULL, or one clear line that the
 * caller frees: then there is no such file. */
char *store_backup(struct store *store, const char *path,
		   store_progress *progress, void *context);

struct store_restore {
	const char *from;
	/* That is open: the rest happens where the store is. As below. */
	char *(*opened)(void *context);
	store_progress *progress;
	/* Whether its copy is good, which is a store already, with an epoch of
	 * its own, but not in place. */
	bool (*accept)(struct store *copy, void *context);
	void *context;
};

/* Puts a copy of a backup in the place of a store that nobody has open. *kept:
 * where the store of before is now, NULL when there was none; the caller frees
 * it. NULL, or one clear line that the caller frees: then all is as it was. */
char *store_restore(struct store *store, const struct store_restore *how,
		    char **kept);

/* conversation is "" for what belongs to none. */
typedef void store_each_problem(const char *conversation, const char *what,
				void *context);
/* Every breach of: seq and change without hole or repeat, clientId unique, read
 * marks within bounds, lastSeq and lastChange right. *checked counts the
 * conversations. Takes as long as it takes. */
enum store_status store_verify(struct store *store, int64_t *checked,
			       store_each_problem *problem, void *context);

#endif
