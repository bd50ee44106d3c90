#include "mongo_schema.h"

#include <string.h>

#include "clock.h"
#include "mem.h"
#include "mongo_query.h"

/*
 * Ids are ObjectIds, times milliseconds, enums the numbers of store_types.h.
 *
 * meta: what there is one of.
 *
 *	{_id: "store", schema, epoch}
 *	{_id: "probe", bytes}		what store_try_write() writes
 *
 * user: one document is all that there is of somebody. Names are kept folded
 * beside how they were written, so nothing needs a collation.
 *
 *	{_id, username, nameFolded, nameSeek, nameShape, displayName,
 *	 displaySeek, displayShape, email?, avatar, statusText, passwordHash?,
 *	 role, disabled, contactsAdd, mutedUntil, own, createdAt, lastSeen,
 *	 networks: [{network, at}], oldNames: [{name, at}]}
 *
 *	name   nameFolded, unique	shape  nameShape, unique
 *	email  email, unique where it is there
 *	listed disabled, nameFolded of those who are no guests
 *	guest  role, _id of guests	old    oldNames.name
 *
 * A name may be the username of one and, in its shape, the display name of
 * nobody else; that is looked at before it is written, and whoever takes a
 * display name and then a username meets no index: the order counts, as if one
 * had come after the other.
 *
 * session: written before its user, where both are new, and ended after the
 * user's password is another: one without a user, or of a user who is disabled,
 * is none.
 *
 *	{_id, user, createdAt, lastUsed, expiresAt, agent, address}
 *
 *	user   user, lastUsed, _id	expiry expiresAt
 *
 * guess: at passwords; _id is the hash of whose and from where.
 *
 *	{_id, failures, lockedUntil, at}
 *
 *	at     at
 */
#define SCHEMA_NEWEST 1

struct schema_index {
	enum mongo_collection in;
	const char *name;
	const char *keys[4]; /* "-name": downwards */
	bool unique;
	const char *only; /* of which documents, as JSON; NULL: of all */
};
#define INDEX(in, name, ...) {(in), (name), {__VA_ARGS__}, false, NULL}
#define UNIQUE(in, name, ...) {(in), (name), {__VA_ARGS__}, true, NULL}
#define INDEX_OF(in, name, only, ...)                                          \
	{(in), (name), {__VA_ARGS__}, false, (only)}
#define UNIQUE_OF(in, name, only, ...)                                         \
	{(in), (name), {__VA_ARGS__}, true, (only)}
#define JSON(...) #__VA_ARGS__

static const struct schema_index indexes[] = {
	UNIQUE(IN_USER, "name", "nameFolded"),
	UNIQUE(IN_USER, "shape", "nameShape"),
	UNIQUE_OF(IN_USER, "email", JSON({"email" : {"$exists" : true}}),
		  "email"),
	/* 2: a guest */
	INDEX_OF(IN_USER, "listed", JSON({"role" : {"$lt" : 2}}), "disabled",
		 "nameFolded"),
	INDEX_OF(IN_USER, "guest", JSON({"role" : 2}), "role", "_id"),
	INDEX(IN_USER, "old", "oldNames.name"),
	INDEX(IN_SESSION, "user", "user", "-lastUsed", "-_id"),
	INDEX(IN_SESSION, "expiry", "expiresAt"),
	INDEX(IN_GUESS, "at", "at"),
};

/* ---- indexes ---- */

static bson_t *index_keys(const struct schema_index *index)
{
	bson_t *keys = bson_new();

	for (size_t i = 0; i < COUNT_OF(index->keys); i++) {
		const char *key = index->keys[i];

		if (key == NULL)
			break;
		bson_append_int32(keys, *key == '-' ? key + 1 : key, -1,
				  *key == '-' ? -1 : 1);
	}
	return keys;
}

static bson_t *index_spec(const struct schema_index *index)
{
	bson_t *keys = index_keys(index);
	bson_t *only = index->only != NULL
			       ? bson_new_from_json(
					 (const uint8_t *)index->only, -1, NULL)
			       : NULL;
	bson_t *spec = mongo_bson(
		DOC(BSON("key", keys), TEXT("name", index->name),
		    IF(index->unique, BOOL("unique", true)),
		    IF(only != NULL, BSON("partialFilterExpression", only))));

	bson_destroy(keys);
	bson_destroy(only);
	return spec;
}

/* All of a collection; those that are there already are left as they are. */
static bool make_indexes_in(struct mongo_db *db, enum mongo_collection in)
{
	const bson_t *specs[COUNT_OF(indexes)];
	size_t count = 0;
	bool done;

	for (size_t i = 0; i < COUNT_OF(indexes); i++) {
		if (indexes[i].in == in)
			specs[count++] = index_spec(&indexes[i]);
	}
	done = count == 0 || mongo_command(db,
					   DOC(TEXT("createIndexes",
						    mongo_collection_name(in)),
					       DOCS("indexes", specs, count)),
					   NULL);
	for (size_t i = 0; i < count; i++)
		bson_destroy((bson_t *)specs[i]);
	return done;
}

static bool make_indexes(struct mongo_db *db)
{
	for (enum mongo_collection in = 0; in < MONGO_COLLECTIONS; in++) {
		if (!make_indexes_in(db, in))
			return false;
	}
	return true;
}

/* ---- the version ---- */

/* 0: there is none. */
static int64_t read_version(struct mongo_db *db)
{
	int64_t version = 0;
	bson_t row;

	if (mongo_find_one(db, IN_META, DOC(TEXT("_id", "store")), NULL,
			   &row)) {
		version = mongo_read_int(&row, "schema");
		bson_destroy(&row);
	}
	return version;
}

static bool is_newer(struct mongo_db *db, int64_t version)
{
	if (version <= SCHEMA_NEWEST)
		return false;
	mongo_refuse(db,
		     "database %s was written by a newer Palabre (schema %lld; "
		     "this one knows %d)",
		     db->name, (long long)version, SCHEMA_NEWEST);
	return true;
}

bool mongo_schema_check(struct mongo_db *db)
{
	int64_t version = read_version(db);

	if (db->failed || is_newer(db, version))
		return false;
	if (version == SCHEMA_NEWEST)
		return true;
	if (version == 0)
		mongo_refuse(db, "database %s is empty", db->name);
	else
		mongo_refuse(db,
			     "database %s is of an older Palabre: start "
			     "palabre-api, which brings it up to date",
			     db->name);
	return false;
}

/* The server, a user like others: who writes to it writes to its operators.
 * Nobody signs in as it, it is in no directory (disabled), and no user could
 * have its name. */
static bool make_server(struct mongo_db *db)
{
	static const char name[] = "@server";

	mongo_insert(
		db, IN_USER,
		DOC(ID("_id", ID_SERVER), TEXT("username", name),
		    TEXT("nameFolded", name), TEXT("nameSeek", name),
		    TEXT("nameShape", name), TEXT("displayName", "Serveur"),
		    TEXT("displaySeek", "serveur"),
		    TEXT("displayShape", "serveur"),
		    TEXT("avatar", "\xf0\x9f\x99\x82"),
		    TEXT("statusText", "Disponible"), INT("role", ROLE_USER),
		    BOOL("disabled", true), BOOL("contactsAdd", false),
		    INT("mutedUntil", 0), INT("own", 0), INT("createdAt", 0),
		    INT("lastSeen", 0)));
	return !db->failed;
}

/* Last of all: where it is there, so is the rest. */
static bool write_version(struct mongo_db *db)
{
	char epoch[ID_SIZE];

	id_new(clock_now_ms(), db->random, epoch);
	return mongo_upsert(db, IN_META, DOC(TEXT("_id", "store")),
			    DOC(SUB("$max", INT("schema", SCHEMA_NEWEST)),
				SUB("$setOnInsert", ID("epoch", epoch))));
}

bool mongo_schema_prepare(struct mongo_db *db)
{
	return !is_newer(db, read_version(db)) && !db->failed &&
	       make_indexes(db) && make_server(db) && write_version(db);
}
