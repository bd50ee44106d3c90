/*
 * mongo_query - what verbs read and write, one operation each (mongo_db.h says
 * what becomes of a failure).
 */
#ifndef MONGO_QUERY_H
#define MONGO_QUERY_H

#include "mongo_db.h"

/* ---- reads ---- */

struct mongo_find {
	const struct mongo_field *filter; /* NULL: all */
	/* A projection; NULL: all but the words of a message, which are for its
	 * index alone. */
	const struct mongo_field *fields;
	const struct mongo_field *sort;
	size_t skip, limit; /* 0: none */
	size_t batch;	    /* rows that come at once; 0: as the server likes */
	const char *hint;   /* an index's name; NULL: the server chooses */
};

/* Rows of one read, until the end or mongo_close(), before the end of the verb.
 * When the connection was made anew meanwhile, they end and the verb fails.
 *
 *	struct mongo_rows rows = mongo_find(db, IN_SESSION,
 *		&(struct mongo_find){.filter = DOC(ID("user", id))});
 *
 *	while (mongo_next(&rows))
 *		mongo_read_int(rows.row, "expiresAt");
 */
struct mongo_rows {
	struct mongo_db *db;
	const mongoc_client_t *client; /* whose cursor it is */
	mongoc_cursor_t *cursor;       /* NULL: closed, or failed */
	const bson_t *row;
};
struct mongo_rows mongo_find(struct mongo_db *db, enum mongo_collection in,
			     const struct mongo_find *find);
bool mongo_next(struct mongo_rows *rows);
void mongo_close(struct mongo_rows *rows); /* early; may be closed */

/* The first row; out is for bson_destroy() when it answered true, and is
 * nothing else. */
bool mongo_find_one(struct mongo_db *db, enum mongo_collection in,
		    const struct mongo_field *filter,
		    const struct mongo_field *fields, bson_t *out);
bool mongo_exists(struct mongo_db *db, enum mongo_collection in,
		  const struct mongo_field *filter);
/* At most limit of them are counted; 0: all. */
int64_t mongo_count(struct mongo_db *db, enum mongo_collection in,
		    const struct mongo_field *filter, size_t limit);

/* Of a loop that tries until nobody is in its way; tries begins as 0. False:
 * the verb failed; or fails, for after so many it is not others who are: an
 * index says that something is there which no read finds, say. */
bool mongo_tries_on(struct mongo_db *db, int *tries);

/* ---- writes: what a unique index refuses is told by mongo_duplicate() ---- */

/* False: a duplicate, or failed. doc begins with its _id, which is nobody
 * else's: where nobody knows whether it was written, that is looked up, and it
 * is tried once more. */
bool mongo_insert(struct mongo_db *db, enum mongo_collection in,
		  const struct mongo_field *doc);
/* Several, in order, of which one that is a duplicate stops none; how many
 * were inserted. */
size_t mongo_insert_all(struct mongo_db *db, enum mongo_collection in,
			const bson_t *const *docs, size_t count);
/* The same, up to the first duplicate. */
size_t mongo_insert_until(struct mongo_db *db, enum mongo_collection in,
			  const bson_t *const *docs, size_t count);

/* Change one: how many matched, 0 or 1 (also when nothing changed, or it was
 * inserted by upsert). */
bool mongo_update(struct mongo_db *db, enum mongo_collection in,
		  const struct mongo_field *filter,
		  const struct mongo_field *change);
bool mongo_upsert(struct mongo_db *db, enum mongo_collection in,
		  const struct mongo_field *filter,
		  const struct mongo_field *change);
/* Change all of them: how many were different before. */
int64_t mongo_update_all(struct mongo_db *db, enum mongo_collection in,
			 const struct mongo_field *filter,
			 const struct mongo_field *change);

/* Several changes at once, in no order, each DOC(FIELDS("q", filter),
 * FIELDS("u", change)): how many were different before. */
size_t mongo_update_each(struct mongo_db *db, enum mongo_collection in,
			 const bson_t *const *updates, size_t count);

/* Change one and give it. False: none matched, a duplicate, or failed. */
struct mongo_modify {
	const struct mongo_field *filter, *change; /* change NULL: remove it */
	const struct mongo_field *fields, *sort;   /* NULL: all; any */
	bool before; /* as it was before; else as it is then */
	bool upsert; /* before: false for one that was not there */
};
bool mongo_modify(struct mongo_db *db, enum mongo_collection in,
		  const struct mongo_modify *modify, bson_t *out);

bool mongo_delete(struct mongo_db *db, enum mongo_collection in,
		  const struct mongo_field *filter); /* one; was it there? */
int64_t mongo_delete_all(struct mongo_db *db, enum mongo_collection in,
			 const struct mongo_field *filter);

/* The name of the unique index that the last write here met, or NULL: it met
 * none. Where it met two, either. "_id_" is that of _id. */
const char *mongo_duplicate(const struct mongo_db *db);

/* A command to the database; reply may be NULL, else is for bson_destroy() when
 * it answered true. */
bool mongo_command(struct mongo_db *db, const struct mongo_field *command,
		   bson_t *reply);

#endif
