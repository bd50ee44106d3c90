#include "store_mongo.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "kill_point.h"
#include "mem.h"
#include "mongo_lease.h"
#include "mongo_schema.h"
#include "store_module.h"

#define NAME_DEFAULT "palabre" /* of a database that the URI does not name */
#define PROBE_SIZE 16384

static bool read_uri(const struct store_config *config, struct mongo_db *db,
		     char **error)
{
	const char *name;

	mongoc_log_set_handler(NULL, NULL); /* it names parts of a URI */
	db->uri = mongoc_uri_new_with_error(config->uri, NULL);
	if (db->uri == NULL) {
		*error = xstrdup(MONGO_URI_UNREADABLE);
		return false;
	}
	name = mongoc_uri_get_database(db->uri);
	db->name = xstrdup(name != NULL && *name != '\0' ? name : NAME_DEFAULT);
	return true;
}

static struct store *mongo_new(const struct store_config *config,
			       const char *location, char **error)
{
	struct store_mongo *store;

	(void)location;
	*error = NULL;
	store = xcalloc(1, sizeof(*store));
	store->base = (struct store){
		.users = &mongo_user_verbs,
		.accounts = &mongo_account_verbs,
		.guesses = &mongo_guess_verbs,
		.sessions = &mongo_session_verbs,
		.guests = &mongo_guest_verbs,
		.conversations = &mongo_conversation_verbs,
		.messages = &mongo_message_verbs,
		.own = &mongo_own_verbs,
		.events = &mongo_event_verbs,
		.groups = &mongo_group_verbs,
		.import = &mongo_import_verbs,
		.copy = &mongo_copy_verbs,
		.operators = &mongo_operator_verbs,
		.reports = &mongo_report_verbs,
		.blocks = &mongo_block_verbs,
		.erase = &mongo_erase_verbs,
		.files = &mongo_file_verbs,
	};
	mongo_db_init(&store->db, config, store->base.error,
		      sizeof(store->base.error));
	if (read_uri(config, &store->db, error))
		return &store->base;
	free(store);
	return NULL;
}

static void mongo_free(struct store *store)
{
	mongo_db_done(store_mongo_db(store));
	free(store);
}

struct mongo_db *mongo_begin(struct store *store, enum mongo_access access)
{
	struct mongo_db *db = store_mongo_db(store);

	mongo_db_begin(db, access);
	if (!db->prepared && mongo_db_ready(db))
		db->prepared = mongo_schema_check(db);
	return db;
}

/* Not begun as a verb, which asks for a store that is there. */
static char *mongo_prepare(struct store *store)
{
	struct mongo_db *db = store_mongo_db(store);

	mongo_db_begin(db, ACCESS_WRITE);
	mongo_unhurried(db);
	db->prepared =
		mongo_schema_prepare(db) && mongo_lease_take(db, store->say);
	return mongo_end(db, STORE_OK) == STORE_OK ? NULL
						   : xstrdup(store->error);
}

static enum store_status mongo_leave(struct store *store)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_WRITE);

	mongo_lease_end(db);
	return mongo_end(db, STORE_OK);
}

/* What the server has on its disk, of which it says less where it is not asked
 * itself (a proxy). */
static void mongo_room(struct store *store, struct store_room *out)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);
	bson_t reply;

	if (mongo_command(db, DOC(INT("dbStats", 1)), &reply)) {
		out->size = mongo_read_int(&reply, "storageSize") +
			    mongo_read_int(&reply, "indexSize");
		if (mongo_has(&reply, "fsTotalSize"))
			out->left = mongo_read_int(&reply, "fsTotalSize") -
				    mongo_read_int(&reply, "fsUsedSize");
		bson_destroy(&reply);
	}
	mongo_end(db, STORE_OK);
}

static enum store_status mongo_epoch(struct store *store, char out[ID_SIZE])
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);
	bson_t row;
	bool found = mongo_find_one(db, IN_META, DOC(TEXT("_id", "store")),
				    NULL, &row);

	if (found) {
		mongo_read_id(&row, "epoch", out);
		bson_destroy(&row);
	}
	return mongo_end_found(db, found);
}

/* Never the same bytes: what does not change is not written. */
static enum store_status mongo_try_write(struct store *store)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_WRITE);
	uint8_t *bytes = xmalloc(PROBE_SIZE);

	db->random(bytes, PROBE_SIZE);
	mongo_upsert(db, IN_META, DOC(TEXT("_id", "probe")),
		     DOC(SUB("$set", BYTES("bytes", bytes, PROBE_SIZE))));
	free(bytes);
	return mongo_end(db, STORE_OK);
}

/* ---- several verbs: each is written when it answers ---- */

static enum store_status mongo_batch_begin(struct store *store)
{
	struct mongo_db *db = store_mongo_db(store);

	db->kill_points = false;
	return mongo_db_batch_begin(db) ? STORE_OK : STORE_UNAVAILABLE;
}

static enum store_status mongo_batch_commit(struct store *store)
{
	struct mongo_db *db = store_mongo_db(store);

	if (db->kill_points) {
		kill_point("before-commit");
		kill_point("after-commit");
	}
	return mongo_db_batch_end(db, true) ? STORE_OK : STORE_UNAVAILABLE;
}

static void mongo_batch_rollback(struct store *store)
{
	mongo_db_batch_end(store_mongo_db(store), false);
}

static enum store_status mongo_read_begin(struct store *store)
{
	struct mongo_db *db = store_mongo_db(store);

	if (mongo_db_rests(db))
		return STORE_UNAVAILABLE;
	db->read_ms = clock_mono_ms();
	return STORE_OK;
}

static void mongo_read_end(struct store *store)
{
	store_mongo_db(store)->read_ms = 0;
}

/* ---- all of it ---- */

STORE_MODULE_EXPORT const struct store_backend STORE_MODULE_SYMBOL = {
	.version = STORE_BACKEND_VERSION,
	.scheme = "mongodb:",
	.new = mongo_new,
	.free = mongo_free,
	.prepare = mongo_prepare,
	.room = mongo_room,
	.epoch = mongo_epoch,
	.try_write = mongo_try_write,
	.batch_begin = mongo_batch_begin,
	.batch_commit = mongo_batch_commit,
	.batch_rollback = mongo_batch_rollback,
	.read_begin = mongo_read_begin,
	.read_end = mongo_read_end,
	.leave = mongo_leave,
	.keep = mongo_keep,
	.verify = mongo_verify,
	.mevn = &mongo_mevn_verbs,
};
