/*
 * mongo_db - one connection to a MongoDB: what verbs ask of it, its failures
 * and its patience.
 *
 * A verb is mongo_begin(), reads and writes, mongo_end(). What fails makes the
 * rest of its verb do nothing and find nothing, and its end answer UNAVAILABLE,
 * so nothing in between has to look. A duplicate key is no failure.
 *
 * No operation begins 0.6 s after its verb or later, and one that is not
 * answered ends after 1.3 s, so that each verb answers within 2 s. After a
 * failure of the server's or on the way to it no verb tries for half a second;
 * then the connection is made anew.
 *
 * Each document is written at once and for good (majority and journal): there
 * are no transactions, and a batch is nothing. What must hold together is one
 * document, or written in an order that is right wherever it ends.
 */
#ifndef MONGO_DB_H
#define MONGO_DB_H

#include <mongoc/mongoc.h>

#include "mongo_bson.h"
#include "store_backend.h"

/* Their names are in mongo_db.c, what is in them in mongo_schema.c. */
enum mongo_collection {
	IN_META,
	IN_USER,
	IN_SESSION,
	IN_GUESS,
	IN_CONVERSATION,
	IN_MESSAGE,
	IN_CHANGE,
	IN_EVENT,
	IN_FILE,
	IN_LINK,
	IN_REPORT,
	IN_AUDIT,
	IN_ADDRESS_BLOCK,
	IN_USER_BLOCK,
	IN_ERASURE,
	IN_ERASED,
	IN_WORK,
	MONGO_COLLECTIONS,
};

enum mongo_access { ACCESS_READ, ACCESS_WRITE };

#define MONGO_INDEX_SIZE 64

/* What is wrong with it is not said: it may be the password that is read as
 * something else. */
#define MONGO_URI_UNREADABLE                                                   \
	"cannot read the MongoDB URI (in a name or a password, write what is " \
	"no letter or digit as %XX)"

struct mongo_db {
	mongoc_uri_t *uri; /* secret, never said */
	char *name;	   /* of the database */
	bool lobby;	   /* there is one */
	ids_random *random;
	char *error; /* the owner's text, of error_size bytes */
	size_t error_size;
	struct store_watch watch; /* without functions: nobody does */
	bool entered;		  /* the write that it was told of goes on */

	mongoc_client_t *client; /* NULL: not connected */
	mongoc_client_t **aside; /* that were closed in this verb */
	size_t aside_count;
	mongoc_collection_t *collections[MONGO_COLLECTIONS];
	bool prepared; /* it was seen to be a store of ours */
	bool patient;  /* it waits as long as unhurried verbs do */
	bool leased;   /* by this object; mongo_lease.h */
	int64_t beat_at_ms;
	int64_t retry_at_ms; /* clock_mono_ms(): no try before */

	enum mongo_access access; /* of the verb under way */
	bool in_verb, failed;
	bool in_batch, batch_lost;
	bool kill_points; /* a batch passed some, which are at its end */
	bool unknown;	  /* what failed was a write, which may have happened */
	/* Of a batch, or of a verb that is in none. */
	bool committing, durable; /* something is being written; and was */
	int64_t commit_us, span_us;
	int64_t verb_us, begun_ms;
	int64_t read_ms; /* when a row of verbs that read began; 0: none */

	char *reactions;		  /* mongo_reactions.h */
	char newest[ID_SIZE];		  /* mongo_clock.h */
	char duplicate[MONGO_INDEX_SIZE]; /* the index; "": there was none */
};

/* ---- verbs ---- */

/* How one begins: of a store, store_mongo.h has it. */
void mongo_db_begin(struct mongo_db *db, enum mongo_access access);
/* Gives status, or UNAVAILABLE. */
enum store_status mongo_end(struct mongo_db *db, enum store_status status);
static inline enum store_status mongo_end_found(struct mongo_db *db, bool found)
{
	return mongo_end(db, found ? STORE_OK : STORE_NOT_FOUND);
}

/* This verb, and all of this store behind it, may take as long as they take.
 * For operators' verbs and housekeeping. Right behind mongo_begin(). */
void mongo_unhurried(struct mongo_db *db);

/* When the write just before failed, and may have happened all the same: forget
 * that, so that the caller looks whether it did, with a write that changes
 * nothing (mongo_durable.h), for what is only read may be lost. False: nothing
 * to look up, or no time left, and the verb stays failed. */
bool mongo_look_again(struct mongo_db *db);

/* Something that should never be there was found: makes the verb fail. */
void mongo_refuse(struct mongo_db *db, const char *why, ...)
	__attribute__((format(printf, 2, 3)));

/* ---- for mongo_query, mongo_schema and store_mongo ---- */

void mongo_db_init(struct mongo_db *db, const struct store_config *config,
		   char *error, size_t error_size);
void mongo_db_done(struct mongo_db *db);
/* Not to be asked any more; the client goes at the end of the verb. */
void mongo_db_close(struct mongo_db *db);
/* False: the verb has failed, or it is too late in it to begin another
 * operation. Connects, if it is not. */
bool mongo_db_ready(struct mongo_db *db);
/* Note what failed. wrote: it was a write; reply may be NULL. */
void mongo_db_fail(struct mongo_db *db, const bson_error_t *error,
		   const bson_t *reply, bool wrote);
/* A write begins; and was that long under way. */
void mongo_db_commit(struct mongo_db *db);
void mongo_db_committed(struct mongo_db *db, int64_t took_us, bool done);
/* A failure was just now: nobody tries. */
bool mongo_db_rests(const struct mongo_db *db);
/* Several verbs, to who watches one write. Of the end: false: one of them
 * failed, or all is to be as if none had been. */
bool mongo_db_batch_begin(struct mongo_db *db);
bool mongo_db_batch_end(struct mongo_db *db, bool keep);
const char *mongo_collection_name(enum mongo_collection in);

#endif
