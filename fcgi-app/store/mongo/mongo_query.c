#include "mongo_query.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"

/* A server that cannot have it kept by a majority in time says so itself,
 * before its answer is waited for no longer. */
#define WRITE_CONCERN                                                          \
	SUB("writeConcern", TEXT("w", "majority"), BOOL("j", true),            \
	    INT("wtimeout", 500))

/* ---- reads ---- */

static const struct mongo_field all_but_words[] = {
	INT("words", 0),
	{NULL, FIELD_NONE, .number = 0},
};

static const struct mongo_field *query_fields(enum mongo_collection in,
					      const struct mongo_field *fields)
{
	return fields == NULL && in == IN_MESSAGE ? all_but_words : fields;
}

struct mongo_rows mongo_find(struct mongo_db *db, enum mongo_collection in,
			     const struct mongo_find *find)
{
	const struct mongo_field *fields = query_fields(in, find->fields);
	struct mongo_rows rows = {.db = db};

	if (!mongo_db_ready(db))
		return rows;
	bson_t *filter = mongo_bson(find->filter);
	bson_t *opts = mongo_bson(DOC(
		FIELDS_IF("projection", fields), FIELDS_IF("sort", find->sort),
		IF(find->skip > 0, INT("skip", find->skip)),
		IF(find->limit > 0, INT("limit", find->limit)),
		IF(find->batch > 0, INT("batchSize", find->batch)),
		TEXT_IF("hint", find->hint)));

	rows.client = db->client;
	rows.cursor = mongoc_collection_find_with_opts(db->collections[in],
						       filter, opts, NULL);
	bson_destroy(filter);
	bson_destroy(opts);
	return rows;
}

/* Also of a cursor that outlived its connection. */
void mongo_close(struct mongo_rows *rows)
{
	mongoc_cursor_destroy(rows->cursor);
	rows->cursor = NULL;
	rows->row = NULL;
}

/* A verb that went on after a failure may have another connection by now: what
 * is left of these rows nobody gives, and some are not all. */
static bool query_goes_on(struct mongo_rows *rows)
{
	struct mongo_db *db = rows->db;

	if (rows->cursor == NULL)
		return false;
	if (!db->failed && rows->client == db->client)
		return true;
	mongo_close(rows);
	if (!db->failed)
		mongo_refuse(db, "was lost while it was read");
	return false;
}

bool mongo_next(struct mongo_rows *rows)
{
	bson_error_t error;
	bool failed;

	if (!query_goes_on(rows))
		return false;
	if (mongoc_cursor_next(rows->cursor, &rows->row))
		return true;
	failed = mongoc_cursor_error(rows->cursor, &error);
	mongo_close(rows);
	if (failed)
		mongo_db_fail(rows->db, &error, NULL, false);
	return false;
}

bool mongo_find_one(struct mongo_db *db, enum mongo_collection in,
		    const struct mongo_field *filter,
		    const struct mongo_field *fields, bson_t *out)
{
	struct mongo_rows rows = mongo_find(
		db, in,
		&(struct mongo_find){
			.filter = filter, .fields = fields, .limit = 1});
	bool found = mongo_next(&rows);

	if (found)
		bson_copy_to(rows.row, out);
	mongo_close(&rows);
	return found;
}

bool mongo_exists(struct mongo_db *db, enum mongo_collection in,
		  const struct mongo_field *filter)
{
	struct mongo_rows rows =
		mongo_find(db, in,
			   &(struct mongo_find){.filter = filter,
						.fields = DOC(INT("_id", 1)),
						.limit = 1});
	bool found = mongo_next(&rows);

	mongo_close(&rows);
	return found;
}

bool mongo_command(struct mongo_db *db, const struct mongo_field *command,
		   bson_t *reply)
{
	bson_error_t error;
	bson_t *made, answer;
	bool done;

	if (!mongo_db_ready(db))
		return false;
	made = mongo_bson(command);
	done = mongoc_client_read_command_with_opts(
		db->client, db->name, made, NULL, NULL, &answer, &error);
	if (!done)
		mongo_db_fail(db, &error, &answer, false);
	if (done && reply != NULL)
		bson_steal(reply, &answer);
	else
		bson_destroy(&answer);
	bson_destroy(made);
	return done;
}

int64_t mongo_count(struct mongo_db *db, enum mongo_collection in,
		    const struct mongo_field *filter, size_t limit)
{
	bson_t reply;
	int64_t count;

	if (!mongo_command(db,
			   DOC(TEXT("count", mongo_collection_name(in)),
			       FIELDS("query", filter),
			       IF(limit > 0, INT("limit", limit))),
			   &reply))
		return 0;
	count = mongo_read_int(&reply, "n");
	bson_destroy(&reply);
	return count;
}

/* ---- writes ---- */

/* The index that the words of an error name, as all servers write them:
 * "E11000 duplicate key error collection: D.C index: NAME dup key: ..." */
static void query_note_duplicate(struct mongo_db *db, const char *words)
{
	const char *name = words != NULL ? strstr(words, "index: ") : NULL;
	int len = 0;

	if (name != NULL) {
		name += strlen("index: ");
		len = (int)strcspn(name, " ");
	}
	snprintf(db->duplicate, sizeof(db->duplicate), "%.*s",
		 len > 0 ? len : 1, len > 0 ? name : "?");
}

const char *mongo_duplicate(const struct mongo_db *db)
{
	return db->duplicate[0] != '\0' ? db->duplicate : NULL;
}

/* Each that fails means that another one has written, who is done then: of
 * sixteen who write all the time into one group, one came to 27 in a row. Verbs
 * that are in a hurry give up before, for they are late. */
#define TRIES 200

bool mongo_tries_on(struct mongo_db *db, int *tries)
{
	const char *index = mongo_duplicate(db);

	if (!db->failed && ++*tries == TRIES)
		mongo_refuse(db,
			     "refused a write %d times in a row%s%s: the "
			     "indexes of database %s may have to be rebuilt",
			     TRIES, index != NULL ? ", by index " : "",
			     index != NULL ? index : "", db->name);
	return !db->failed;
}

/* Errors of single documents: of duplicates the last is noted, any other is a
 * failure. */
static bool query_check_rows(struct mongo_db *db, const bson_t *reply)
{
	struct mongo_items errors;

	mongo_items(reply, "writeErrors", &errors);
	while (mongo_item(&errors)) {
		const char *words = mongo_read_text(&errors.row, "errmsg");
		int64_t code = mongo_read_int(&errors.row, "code");
		bson_error_t error;

		if (code == MONGOC_ERROR_DUPLICATE_KEY) {
			query_note_duplicate(db, words);
			continue;
		}
		bson_set_error(&error, MONGOC_ERROR_SERVER, (uint32_t)code,
			       "%s", words != NULL ? words : "refused");
		mongo_db_fail(db, &error, reply, true);
		return false;
	}
	return true;
}

/* reply is for bson_destroy() when it answered true. */
static bool query_write(struct mongo_db *db, bson_t *command, bson_t *reply)
{
	int64_t began_us = clock_mono_us();
	bson_error_t error;
	bool done;

	db->duplicate[0] = '\0';
	mongo_db_commit(db);
	done = mongoc_client_write_command_with_opts(
		db->client, db->name, command, NULL, reply, &error);
	mongo_db_committed(db, clock_mono_us() - began_us, done);
	if (!done && error.domain == MONGOC_ERROR_SERVER &&
	    error.code == MONGOC_ERROR_DUPLICATE_KEY)
		query_note_duplicate(db, error.message);
	else if (!done)
		mongo_db_fail(db, &error, reply, true);
	else if (query_check_rows(db, reply))
		return true;
	bson_destroy(reply);
	return false;
}

/* The number that such a command answers with, -1: it failed. */
static int64_t query_write_n(struct mongo_db *db,
			     const struct mongo_field *command,
			     const char *name)
{
	bson_t *made, reply;
	int64_t n = -1;

	if (!mongo_db_ready(db))
		return -1;
	made = mongo_bson(command);
	if (query_write(db, made, &reply)) {
		n = mongo_read_int(&reply, name);
		bson_destroy(&reply);
	}
	bson_destroy(made);
	return n;
}

static bool query_insert(struct mongo_db *db, enum mongo_collection in,
			 const struct mongo_field *doc)
{
	return query_write_n(db,
			     DOC(TEXT("insert", mongo_collection_name(in)),
				 ARRAY("documents", FIELDS("", doc)),
				 WRITE_CONCERN),
			     "n") == 1;
}

/* For good: a write that changes nothing waits as long as one that does
 * (mongo_durable.h). */
static bool query_is_there(struct mongo_db *db, enum mongo_collection in,
			   const struct mongo_field *doc)
{
	const struct mongo_field id[] = {doc[0],
					 {NULL, FIELD_NONE, .number = 0}};

	return mongo_update(db, in, id, DOC(FIELDS("$set", id)));
}

/* The one that failed may be there, or comes to be there now: then it met
 * itself. */
static bool query_insert_again(struct mongo_db *db, enum mongo_collection in,
			       const struct mongo_field *doc)
{
	if (query_is_there(db, in, doc) || query_insert(db, in, doc))
		return true;
	if (strcmp(db->duplicate, "_id_") != 0 || !query_is_there(db, in, doc))
		return false;
	db->duplicate[0] = '\0';
	return true;
}

bool mongo_insert(struct mongo_db *db, enum mongo_collection in,
		  const struct mongo_field *doc)
{
	return !db->failed &&
	       (query_insert(db, in, doc) ||
		(mongo_look_again(db) && query_insert_again(db, in, doc)));
}

static size_t query_insert_n(struct mongo_db *db, enum mongo_collection in,
			     const bson_t *const *docs, size_t count,
			     bool ordered)
{
	int64_t n =
		count == 0
			? 0
			: query_write_n(
				  db,
				  DOC(TEXT("insert", mongo_collection_name(in)),
				      DOCS("documents", docs, count),
				      BOOL("ordered", ordered), WRITE_CONCERN),
				  "n");

	return n > 0 ? (size_t)n : 0;
}

size_t mongo_insert_all(struct mongo_db *db, enum mongo_collection in,
			const bson_t *const *docs, size_t count)
{
	return query_insert_n(db, in, docs, count, false);
}

size_t mongo_insert_until(struct mongo_db *db, enum mongo_collection in,
			  const bson_t *const *docs, size_t count)
{
	return query_insert_n(db, in, docs, count, true);
}

size_t mongo_update_each(struct mongo_db *db, enum mongo_collection in,
			 const bson_t *const *updates, size_t count)
{
	int64_t n =
		count == 0
			? 0
			: query_write_n(
				  db,
				  DOC(TEXT("update", mongo_collection_name(in)),
				      DOCS("updates", updates, count),
				      BOOL("ordered", false), WRITE_CONCERN),
				  "nModified");

	return n > 0 ? (size_t)n : 0;
}

struct query_update {
	const struct mongo_field *filter, *change;
	bool all, upsert;
};

static int64_t query_update(struct mongo_db *db, enum mongo_collection in,
			    const struct query_update *u, const char *name)
{
	return query_write_n(
		db,
		DOC(TEXT("update", mongo_collection_name(in)),
		    ARRAY("updates",
			  SUB("", FIELDS("q", u->filter),
			      FIELDS("u", u->change), BOOL("multi", u->all),
			      BOOL("upsert", u->upsert))),
		    WRITE_CONCERN),
		name);
}

bool mongo_update(struct mongo_db *db, enum mongo_collection in,
		  const struct mongo_field *filter,
		  const struct mongo_field *change)
{
	const struct query_update update = {filter, change, false, false};

	return query_update(db, in, &update, "n") == 1;
}

bool mongo_upsert(struct mongo_db *db, enum mongo_collection in,
		  const struct mongo_field *filter,
		  const struct mongo_field *change)
{
	const struct query_update update = {filter, change, false, true};

	return query_update(db, in, &update, "n") == 1;
}

int64_t mongo_update_all(struct mongo_db *db, enum mongo_collection in,
			 const struct mongo_field *filter,
			 const struct mongo_field *change)
{
	const struct query_update update = {filter, change, true, false};
	int64_t n = query_update(db, in, &update, "nModified");

	return n > 0 ? n : 0;
}

static bson_t *query_modify_command(enum mongo_collection in,
				    const struct mongo_modify *modify)
{
	bool remove = modify->change == NULL;

	return mongo_bson(DOC(TEXT("findAndModify", mongo_collection_name(in)),
			      FIELDS("query", modify->filter),
			      FIELDS_IF("sort", modify->sort),
			      FIELDS_IF("fields", modify->fields),
			      IF(remove, BOOL("remove", true)),
			      FIELDS_IF("update", modify->change),
			      IF(!remove, BOOL("new", !modify->before)),
			      IF(!remove, BOOL("upsert", modify->upsert)),
			      WRITE_CONCERN));
}

bool mongo_modify(struct mongo_db *db, enum mongo_collection in,
		  const struct mongo_modify *modify, bson_t *out)
{
	bson_t *command, reply, value;
	bool found = false;

	if (!mongo_db_ready(db))
		return false;
	command = query_modify_command(in, modify);
	if (query_write(db, command, &reply)) {
		found = mongo_read_doc(&reply, "value", &value);
		if (found)
			bson_copy_to(&value, out);
		bson_destroy(&reply);
	}
	bson_destroy(command);
	return found;
}

static int64_t query_delete(struct mongo_db *db, enum mongo_collection in,
			    const struct mongo_field *filter, int most)
{
	return query_write_n(db,
			     DOC(TEXT("delete", mongo_collection_name(in)),
				 ARRAY("deletes", SUB("", FIELDS("q", filter),
						      INT("limit", most))),
				 WRITE_CONCERN),
			     "n");
}

bool mongo_delete(struct mongo_db *db, enum mongo_collection in,
		  const struct mongo_field *filter)
{
	return query_delete(db, in, filter, 1) == 1;
}

int64_t mongo_delete_all(struct mongo_db *db, enum mongo_collection in,
			 const struct mongo_field *filter)
{
	int64_t n = query_delete(db, in, filter, 0);

	return n > 0 ? n : 0;
}
