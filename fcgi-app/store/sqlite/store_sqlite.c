#include "store_sqlite.h"

#include <string.h>

#include "mem.h"

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

	sqlite_db_init(&store->db, config, location, store->base.error,
		       sizeof(store->base.error));
	return &store->base;
}

static void sqlite_free(struct store *store)
{
	struct sqlite_db *db = store_sqlite_db(store);

	sqlite_db_span_end(db, false);
	sqlite_db_done(db);
	free(store);
}

static char *sqlite_prepare(struct store *store)
{
	if (sqlite_db_open(store_sqlite_db(store), true))
		return NULL;
	return xstrdup(store->error);
}

static enum store_status sqlite_epoch(struct store *store, char out[ID_SIZE])
{
	static const char sql[] = "SELECT value FROM meta WHERE key = 'epoch'";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct query q = QUERY(db, sql);
	bool found = query_row(&q);

	if (found)
		query_id(&q, 0, out);
	query_close(&q);
	return sqlite_end_found(db, found);
}

static enum store_status sqlite_batch_begin(struct store *store)
{
	return sqlite_db_span_begin(store_sqlite_db(store), SPAN_BATCH);
}

static enum store_status sqlite_batch_commit(struct store *store)
{
	return sqlite_db_span_end(store_sqlite_db(store), true);
}

static void sqlite_batch_rollback(struct store *store)
{
	sqlite_db_span_end(store_sqlite_db(store), false);
}

static enum store_status sqlite_read_begin(struct store *store)
{
	return sqlite_db_span_begin(store_sqlite_db(store), SPAN_SNAPSHOT);
}

static void sqlite_read_end(struct store *store)
{
	sqlite_db_span_end(store_sqlite_db(store), false);
}

const struct store_ops store_sqlite_ops = {
	.scheme = "sqlite:",
	.new = sqlite_new,
	.free = sqlite_free,
	.prepare = sqlite_prepare,
	.epoch = sqlite_epoch,
	.batch_begin = sqlite_batch_begin,
	.batch_commit = sqlite_batch_commit,
	.batch_rollback = sqlite_batch_rollback,
	.read_begin = sqlite_read_begin,
	.read_end = sqlite_read_end,
	.user_add = sqlite_user_add,
	.user_get = sqlite_user_get,
	.user_by_login = sqlite_user_by_login,
	.user_list = sqlite_user_list,
	.last_seen = sqlite_last_seen,
	.user_failures = sqlite_user_failures,
	.guesses_get = sqlite_guesses_get,
	.guesses_add = sqlite_guesses_add,
	.user_profile = sqlite_user_profile,
	.user_password = sqlite_user_password,
	.user_role = sqlite_user_role,
	.user_disable = sqlite_user_disable,
	.session_add = sqlite_session_add,
	.session_get = sqlite_session_get,
	.session_touch = sqlite_session_touch,
	.session_end = sqlite_session_end,
	.sessions = sqlite_sessions,
	.send = sqlite_send,
	.message_get = sqlite_message_get,
	.message_change = sqlite_message_change,
	.conversation_get = sqlite_conversation_get,
	.conversations = sqlite_conversations,
	.positions = sqlite_positions,
	.messages = sqlite_messages,
	.changes = sqlite_changes,
	.pointer_move = sqlite_pointer_move,
	.rooms = sqlite_rooms,
	.contacts = sqlite_contacts,
	.recent = sqlite_recent,
	.verify = sqlite_verify,
};
