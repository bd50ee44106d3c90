#include "store_sqlite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "mem.h"
#include "sqlite_lineage.h"
#include "sqlite_open.h"

static struct store *sqlite_new(const struct store_config *config,
				const char *location, char **error)
{
	/* Each worker would have a store of its own. */
	if (*location == '\0' || strcmp(location, ":memory:") == 0) {
		*error = xasprintf("'%s' names no file (try sqlite:PATH)",
				   config->uri);
		return NULL;
	}
	struct store_sqlite *store = xcalloc(1, sizeof(*store));

	store->base = (struct store){
		.users = &sqlite_user_verbs,
		.accounts = &sqlite_account_verbs,
		.guesses = &sqlite_guess_verbs,
		.sessions = &sqlite_session_verbs,
		.conversations = &sqlite_conversation_verbs,
		.files = &sqlite_file_verbs,
		.groups = &sqlite_group_verbs,
		.guests = &sqlite_guest_verbs,
		.import = &sqlite_import_verbs,
		.copy = &sqlite_copy_verbs,
		.operators = &sqlite_operator_verbs,
		.messages = &sqlite_message_verbs,
		.own = &sqlite_own_verbs,
		.reports = &sqlite_report_verbs,
		.blocks = &sqlite_block_verbs,
		.erase = &sqlite_erase_verbs,
		.events = &sqlite_event_verbs,
	};
	sqlite_db_init(&store->db, config, location, store->base.error,
		       sizeof(store->base.error));
	return &store->base;
}

static void sqlite_free(struct store *store)
{
	struct sqlite_db *db = store_sqlite_db(store);

	sqlite_span_end(db, false);
	sqlite_db_done(db);
	free(store);
}

static char *sqlite_prepare(struct store *store)
{
	struct sqlite_db *db = store_sqlite_db(store);

	db->say = store->say;
	db->preparing = true;
	bool done = sqlite_open_prepare(db) && sqlite_lineage_begin(db);

	db->preparing = false;
	return done ? NULL : xstrdup(store->error);
}

static enum store_status sqlite_leave(struct store *store)
{
	return sqlite_lineage_end(store_sqlite_db(store)) ? STORE_OK
							  : STORE_UNAVAILABLE;
}

static enum store_status sqlite_epoch(struct store *store, char out[ID_SIZE])
{
	static const char sql[] = "SELECT value FROM meta WHERE key = 'epoch'";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct query q = QUERY(db, sql);
	bool found = query_row(&q);

	if (found)
		snprintf(out, ID_SIZE, "%s", query_text(&q, 0));
	query_close(&q);
	return sqlite_end_found(db, found);
}

/* As many pages as a message takes, and never the same bytes: what does not
 * change SQLite does not write. */
static enum store_status sqlite_try_write(struct store *store)
{
	static const char sql[] =
		"INSERT INTO meta VALUES ('probe', hex(randomblob(16384)))"
		" ON CONFLICT (key) DO UPDATE SET value = excluded.value";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);

	return sqlite_end_found(db, QUERY_RUN(db, sql) > 0);
}

static enum store_status sqlite_batch_begin(struct store *store)
{
	return sqlite_span_begin(store_sqlite_db(store), SPAN_BATCH);
}

static enum store_status sqlite_batch_commit(struct store *store)
{
	return sqlite_span_end(store_sqlite_db(store), true);
}

static void sqlite_batch_rollback(struct store *store)
{
	sqlite_span_end(store_sqlite_db(store), false);
}

static enum store_status sqlite_read_begin(struct store *store)
{
	return sqlite_span_begin(store_sqlite_db(store), SPAN_SNAPSHOT);
}

static void sqlite_read_end(struct store *store)
{
	sqlite_span_end(store_sqlite_db(store), false);
}

/* ---- what verbs share ---- */

enum store_status sqlite_each_id(struct store *store, const char *sql,
				 const struct store_viewer *viewer,
				 size_t limit, store_each_id *each,
				 void *context)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct query q = QUERY(db, sql, ID(viewer->id), INT(limit));
	char id[ID_SIZE];

	while (query_row(&q)) {
		query_id(&q, 0, id);
		each(id, context);
	}
	return sqlite_end(db, STORE_OK);
}

/* Asked of the names, for to close a file of SQLite's would drop its locks. */
static int64_t sqlite_size_of(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 ? (int64_t)status.st_size : -1;
}

static void sqlite_room(struct store *store, struct store_room *out)
{
	const char *path = store_sqlite_db(store)->path;
	char *log = xasprintf("%s-wal", path);
	struct statvfs disk;

	out->size = sqlite_size_of(path);
	out->log_size = sqlite_size_of(log);
	if (statvfs(path, &disk) == 0)
		out->left = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
	free(log);
}

const struct store_backend store_sqlite = {
	.version = STORE_BACKEND_VERSION,
	.scheme = "sqlite:",
	.new = sqlite_new,
	.free = sqlite_free,
	.prepare = sqlite_prepare,
	.room = sqlite_room,
	.epoch = sqlite_epoch,
	.try_write = sqlite_try_write,
	.batch_begin = sqlite_batch_begin,
	.batch_commit = sqlite_batch_commit,
	.batch_rollback = sqlite_batch_rollback,
	.read_begin = sqlite_read_begin,
	.read_end = sqlite_read_end,
	.leave = sqlite_leave,
	.keep = sqlite_keep,
	.backup = sqlite_backup,
	.restore = sqlite_restore,
	.verify = sqlite_verify,
};
