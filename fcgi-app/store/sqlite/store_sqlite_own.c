#include "store_sqlite.h"

#include <string.h>

static bool find(struct sqlite_db *db, const struct store_viewer *viewer,
		 const char *id, struct store_own *out)
{
	static const char sql[] = "SELECT muted_until, own FROM inbox"
				  " WHERE user_id = ? AND conversation = ?";
	struct query q = QUERY(db, sql, ID(viewer->id), ID(id));
	bool found = query_row(&q);

	if (found) {
		memcpy(out->conversation, id, ID_SIZE);
		out->muted_until = query_int(&q, 0);
		out->number = query_int(&q, 1);
	}
	query_close(&q);
	return found;
}

static void write(struct sqlite_db *db, const struct store_viewer *viewer,
		  struct store_own *own)
{
	static const char next[] = "UPDATE user SET own = own + 1"
				   " WHERE id = ? RETURNING own";
	static const char sql[] = "UPDATE inbox SET muted_until = ?, own = ?"
				  " WHERE user_id = ? AND conversation = ?";

	own->number = QUERY_INT(db, next, ID(viewer->id));
	QUERY_RUN(db, sql, INT(own->muted_until), INT(own->number),
		  ID(viewer->id), ID(own->conversation));
}

static enum store_status own_change(struct store *store,
				    const struct store_viewer *viewer,
				    const char *id,
				    const struct store_own_change *change,
				    struct store_own *out, bool *changed)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);

	if (!find(db, viewer, id, out))
		return sqlite_end(db, STORE_NOT_FOUND);
	*changed = change->muted_until != NULL &&
		   *change->muted_until != out->muted_until;
	if (*changed) {
		out->muted_until = *change->muted_until;
		write(db, viewer, out);
	}
	return sqlite_end(db, STORE_OK);
}

static enum store_status own_since(struct store *store,
				   const struct store_viewer *viewer,
				   int64_t number, store_each_own *each,
				   void *context, int64_t *newest)
{
	static const char counter[] = "SELECT own FROM user WHERE id = ?";
	static const char sql[] =
		"SELECT conversation, muted_until, own FROM inbox"
		" WHERE user_id = ? AND own > ? ORDER BY own";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);

	*newest = QUERY_INT(db, counter, ID(viewer->id));
	/* Most have nothing new: then the list is not gone through. */
	if (*newest <= number)
		return sqlite_end(db, STORE_OK);

	struct query q = QUERY(db, sql, ID(viewer->id), INT(number));

	while (query_row(&q)) {
		struct store_own own = {
			.muted_until = query_int(&q, 1),
			.number = query_int(&q, 2),
		};

		query_id(&q, 0, own.conversation);
		if (!each(&own, context))
			break;
	}
	query_close(&q);
	return sqlite_end(db, STORE_OK);
}

const struct store_own_verbs sqlite_own_verbs = {
	.change = own_change,
	.since = own_since,
};
