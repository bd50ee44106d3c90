#include "store_sqlite.h"

#include "palabre_limits.h"
#include "sqlite_members.h"
#include "store_rules.h"

static bool find(struct sqlite_db *db, const struct store_viewer *viewer,
		 const char *id, struct store_own *out)
{
	static const char sql[] = SELECT_OWN;
	struct query q = QUERY(db, sql, ID(viewer->id), ID(id));
	bool found = query_row(&q);

	if (found) {
		sqlite_own_row(&q, 0, out);
		store_own_own(out);
	}
	query_close(&q);
	return found;
}

/* ---- what is to change ---- */

/* What is hidden from them brings nothing back. */
static int64_t newest_seen(struct sqlite_db *db,
			   const struct store_viewer *viewer, const char *id)
{
	struct sqlite_conversation c;

	return sqlite_conversation_find(db, id, &c)
		       ? sqlite_last_seen(&c, viewer->id)
		       : 0;
}

static bool is_full(struct sqlite_db *db, const struct store_viewer *viewer)
{
	static const char sql[] = "SELECT count(*) FROM inbox"
				  " WHERE user_id = ? AND pinned > 0";

	return QUERY_INT(db, sql, ID(viewer->id)) >= LIMIT_PINNED;
}

static void write(struct sqlite_db *db, const struct store_viewer *viewer,
		  struct store_own *own)
{
	static const char next[] = "UPDATE user SET own = own + 1"
				   " WHERE id = ? RETURNING own";
	static const char sql[] =
		"UPDATE inbox SET muted_until = ?, pinned = ?, archived = ?,"
		" archived_seq = ?, marked_unread = ?, draft = ?, own = ?"
		" WHERE user_id = ? AND conversation = ?";

	own->number = QUERY_INT(db, next, ID(viewer->id));
	QUERY_RUN(db, sql, INT(own->muted_until), INT(own->pinned_at),
		  INT(own->archived), INT(own->archived_seq),
		  INT(own->marked_unread), TEXT(own->draft), INT(own->number),
		  ID(viewer->id), ID(own->conversation));
}

static enum store_status own_change(struct store *store,
				    const struct store_viewer *viewer,
				    const char *id,
				    const struct store_own_change *change,
				    struct store_own *out, bool *changed)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);
	enum store_status status = STORE_OK;

	if (!find(db, viewer, id, out))
		status = STORE_NOT_FOUND;
	else if (store_own_pins(out, change) && is_full(db, viewer))
		status = STORE_FULL;
	else
		*changed = store_own_apply(out, change,
					   store_own_asks(change)
						   ? newest_seen(db, viewer, id)
						   : 0);
	if (*changed)
		write(db, viewer, out);
	status = sqlite_end(db, status);
	*changed = status == STORE_OK && *changed;
	return status;
}

/* ---- what changed ---- */

static enum store_status own_since(struct store *store,
				   const struct store_viewer *viewer,
				   int64_t number, store_each_own *each,
				   void *context, int64_t *newest)
{
	static const char counter[] = "SELECT own FROM user WHERE id = ?";
	static const char sql[] =
		"SELECT " COLUMNS_OF(OWN_COLUMNS) " FROM inbox i"
						  " WHERE i.user_id = ?"
						  " AND i.own > ?"
						  " ORDER BY i.own";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);

	*newest = QUERY_INT(db, counter, ID(viewer->id));
	/* Most have nothing new: then the list is not gone through. */
	if (*newest <= number)
		return sqlite_end(db, STORE_OK);

	struct query q = QUERY(db, sql, ID(viewer->id), INT(number));
	struct store_own own;

	while (query_row(&q)) {
		sqlite_own_row(&q, 0, &own);
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
