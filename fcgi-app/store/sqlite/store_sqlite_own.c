#include "store_sqlite.h"

#include <string.h>

#include "mem.h"
#include "palabre_limits.h"
#include "sqlite_columns.h"

static bool find(struct sqlite_db *db, const struct store_viewer *viewer,
		 const char *id, struct store_own *out)
{
	static const char sql[] = "SELECT " COLUMNS_OF(
		OWN_COLUMNS) " FROM inbox i"
			     " WHERE i.user_id = ? AND i.conversation = ?";
	struct query q = QUERY(db, sql, ID(viewer->id), ID(id));
	bool found = query_row(&q);

	if (found) {
		sqlite_own_row(&q, 0, out);
		sqlite_own_own(out);
	}
	query_close(&q);
	return found;
}

/* ---- what is to change ---- */

static int64_t newest_seq(struct sqlite_db *db, const char *id)
{
	static const char sql[] =
		"SELECT m.seq FROM conversation c JOIN message m"
		" ON m.place BETWEEN c.n << 32 AND (c.n << 32 | 4294967295)"
		" WHERE c.id = ? ORDER BY m.place DESC LIMIT 1";

	return QUERY_INT(db, sql, ID(id));
}

static bool is_full(struct sqlite_db *db, const struct store_viewer *viewer)
{
	static const char sql[] = "SELECT count(*) FROM inbox"
				  " WHERE user_id = ? AND pinned > 0";

	return QUERY_INT(db, sql, ID(viewer->id)) >= LIMIT_PINNED;
}

struct changing {
	struct sqlite_db *db;
	const struct store_viewer *viewer;
	const struct store_own_change *change;
	struct store_own *own;
	bool changed;
};

static void set_archived(struct changing *to, bool archived)
{
	to->own->archived = archived;
	to->own->archived_seq =
		archived ? newest_seq(to->db, to->own->conversation) : 0;
	to->changed = true;
}

/* Archived once more it stays where it is until something newer comes. */
static void change_archived(struct changing *to)
{
	const bool *archived = to->change->archived;

	if (archived == NULL || (!*archived && !to->own->archived))
		return;
	if (*archived && to->own->archived &&
	    to->own->archived_seq == newest_seq(to->db, to->own->conversation))
		return;
	set_archived(to, *archived);
	if (*archived)
		to->own->pinned_at = 0;
}

/* False: no more can be. */
static bool change_pinned(struct changing *to)
{
	const bool *pinned = to->change->pinned;

	if (pinned == NULL || *pinned == (to->own->pinned_at > 0))
		return true;
	if (*pinned && is_full(to->db, to->viewer))
		return false;
	to->own->pinned_at = *pinned ? to->change->now_ms : 0;
	if (*pinned && to->own->archived)
		set_archived(to, false);
	return to->changed = true;
}

static void change_draft(struct changing *to)
{
	const char *now = to->change->draft;
	const char *before = to->own->draft != NULL ? to->own->draft : "";

	if (now == NULL || strcmp(now, before) == 0)
		return;
	free(to->own->draft);
	to->own->draft = now[0] != '\0' ? xstrdup(now) : NULL;
	to->changed = true;
}

/* One that something newer has brought back stays, also when it is muted. */
static void change_muted(struct changing *to)
{
	const int64_t *until = to->change->muted_until;
	struct store_own *own = to->own;

	if (until == NULL || *until == own->muted_until)
		return;
	if (own->archived && own->muted_until <= to->change->now_ms &&
	    own->archived_seq < newest_seq(to->db, own->conversation))
		set_archived(to, false);
	own->muted_until = *until;
	to->changed = true;
}

static bool change_all(struct changing *to)
{
	const struct store_own_change *change = to->change;

	change_muted(to);
	if (change->marked_unread != NULL &&
	    *change->marked_unread != to->own->marked_unread) {
		to->own->marked_unread = *change->marked_unread;
		to->changed = true;
	}
	change_draft(to);
	change_archived(to);
	return change_pinned(to);
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
	struct changing to = {db, viewer, change, out, false};
	enum store_status status = STORE_OK;

	if (!find(db, viewer, id, out))
		status = STORE_NOT_FOUND;
	else if (!change_all(&to))
		status = STORE_FULL;
	else if (to.changed)
		write(db, viewer, out);
	status = sqlite_end(db, status);
	*changed = status == STORE_OK && to.changed;
	if (status != STORE_OK)
		store_own_done(out);
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
