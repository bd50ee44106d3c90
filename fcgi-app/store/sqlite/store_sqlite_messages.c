#include "store_sqlite.h"

#include <string.h>

#include "sqlite_members.h"
#include "sqlite_reactions.h"
#include "sqlite_schema.h"
#include "store_rules.h"

struct query sqlite_message_query(struct sqlite_db *db, const char *id)
{
	static const char sql[] =
		"SELECT " COLUMNS_OF(CONVERSATION_COLUMNS) ", " COLUMNS_OF(
			MESSAGE_COLUMNS) " FROM message m"
					 " JOIN conversation c ON c.n = m.n"
					 " WHERE m.id = ?";

	return QUERY(db, sql, ID(id));
}

void sqlite_message_seen(struct query *q, int at,
			 const struct sqlite_conversation *c,
			 const struct store_viewer *viewer,
			 struct store_message *out)
{
	sqlite_message_row(q, at, c, viewer->id, out);
	store_message_show(out, viewer->id);
	sqlite_reactions_read(q->db, c, viewer->id, out);
}

static bool find_message(struct sqlite_db *db,
			 const struct store_viewer *viewer, const char *id,
			 struct store_message *out)
{
	struct query q = sqlite_message_query(db, id);
	struct sqlite_conversation c;
	bool found = query_row(&q);

	if (found) {
		sqlite_conversation_row(&q, 0, &c);

		int64_t first = sqlite_sight(db, &c, viewer);

		sqlite_message_seen(&q, SQLITE_FOUND_MESSAGE, &c, viewer, out);
		store_message_own(out);
		found = first > 0 && out->seq >= first;
	}
	query_close(&q);
	return found;
}

static enum store_status message_get(struct store *store,
				     const struct store_viewer *viewer,
				     const char *id, struct store_message *out)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	bool found = find_message(db, viewer, id, out);
	return sqlite_end_found(db, found);
}

/* ---- ranges ---- */

/* What of a conversation a viewer sees. False: nothing. */
static bool find_sight(struct sqlite_db *db, const char *id,
		       const struct store_viewer *viewer,
		       struct sqlite_conversation *c, int64_t *first)
{
	*first = sqlite_conversation_find(db, id, c)
			 ? sqlite_sight(db, c, viewer)
			 : 0;
	return *first > 0;
}

static struct query_param place_at(const struct sqlite_conversation *c,
				   int64_t number)
{
	if (number < 0)
		number = 0;
	if (number > SQLITE_SEQ_MAX)
		number = SQLITE_SEQ_MAX;
	return INT(sqlite_place_of(c->n, number));
}

static void give_rows(struct query *q, const struct sqlite_conversation *c,
		      const struct store_viewer *viewer,
		      store_each_message *each, void *context)
{
	struct store_message message;
	bool more = true;

	while (more && query_row(q)) {
		sqlite_message_seen(q, 0, c, viewer, &message);
		more = each(&message, context);
	}
	query_close(q);
}

static enum store_status message_range(struct store *store,
				       const struct store_viewer *viewer,
				       const char *conversation,
				       const struct store_range *range,
				       store_each_message *each, void *context)
{
	static const char sql[] =
		"SELECT " COLUMNS_OF(MESSAGE_COLUMNS) " FROM message m"
						      " WHERE m.place"
						      " BETWEEN ? AND ?"
						      " ORDER BY m.place";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct sqlite_conversation c;
	int64_t first;

	if (!find_sight(db, conversation, viewer, &c, &first))
		return sqlite_end(db, STORE_NOT_FOUND);
	if (first < range->first)
		first = range->first;
	struct query q =
		QUERY(db, sql, place_at(&c, first), place_at(&c, range->last));

	give_rows(&q, &c, viewer, each, context);
	return sqlite_end(db, STORE_OK);
}

static enum store_status change_range(struct store *store,
				      const struct store_viewer *viewer,
				      const char *conversation,
				      const struct store_range *range,
				      store_each_change *each, void *context)
{
	static const char sql[] =
		"SELECT " COLUMNS_OF(CHANGE_COLUMNS) ", " COLUMNS_OF(
			MESSAGE_COLUMNS) " FROM change h LEFT JOIN message m"
					 "  ON m.place = (h.n << 32 | h.seq)"
					 " WHERE h.place BETWEEN ? AND ?"
					 " AND (h.seq >= ? OR h.kind = 3)"
					 " ORDER BY h.place";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct sqlite_conversation c;
	struct store_change change;
	int64_t first;

	if (!find_sight(db, conversation, viewer, &c, &first))
		return sqlite_end(db, STORE_NOT_FOUND);
	struct query q = QUERY(db, sql, place_at(&c, range->first),
			       place_at(&c, range->last), INT(first));

	while (query_row(&q)) {
		sqlite_change_row(&q, 0, &c, &change);
		if (change.kind != CHANGE_ERASE)
			sqlite_message_seen(&q, CHANGE_COLUMN_COUNT, &c, viewer,
					    &change.message);
		if (change.hidden && strcmp(change.by, viewer->id) != 0)
			change.emoji = NULL;
		if (!each(&change, context))
			break;
	}
	query_close(&q);
	return sqlite_end(db, STORE_OK);
}

static enum store_status message_page(struct store *store,
				      const struct store_viewer *viewer,
				      const char *conversation,
				      const struct store_page *page,
				      struct store_range *out)
{
	static const char sql[] =
		"SELECT seq FROM message WHERE place BETWEEN ? AND ?"
		" AND (hidden = 0 OR sender = ?)"
		" ORDER BY place DESC LIMIT ? OFFSET ?";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct sqlite_conversation c;
	int64_t first;

	if (!find_sight(db, conversation, viewer, &c, &first))
		return sqlite_end(db, STORE_NOT_FOUND);
	struct query q = QUERY(db, sql, place_at(&c, first),
			       place_at(&c, SQLITE_SEQ_MAX), ID(viewer->id),
			       INT(page->limit), INT(page->skip));

	while (query_row(&q)) {
		out->first = query_int(&q, 0);
		if (out->last == 0)
			out->last = out->first;
	}
	query_close(&q);
	return sqlite_end(db, STORE_OK);
}

/* ---- what shows files ---- */

static enum store_status message_files(struct store *store,
				       const struct store_viewer *viewer,
				       const char *conversation,
				       const struct store_showing *showing,
				       store_each_message *each, void *context)
{
	static const char sql[] =
		"SELECT " COLUMNS_OF(MESSAGE_COLUMNS) " FROM attached a"
						      " CROSS JOIN message m"
						      "  ON m.place = a.place"
						      " WHERE a.place"
						      "  BETWEEN ? AND ?"
						      " AND (m.hidden = 0"
						      "  OR m.sender = ?)"
						      " ORDER BY a.place DESC"
						      " LIMIT ?";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct sqlite_conversation c;
	int64_t first;

	if (!find_sight(db, conversation, viewer, &c, &first))
		return sqlite_end(db, STORE_NOT_FOUND);
	struct query q = QUERY(db, sql, place_at(&c, first),
			       place_at(&c, showing->before - 1),
			       ID(viewer->id), INT(showing->limit));

	give_rows(&q, &c, viewer, each, context);
	return sqlite_end(db, STORE_OK);
}

/* ---- what was written when ---- */

/* By its id, which begins with its time: these never go back. */
static bool is_before(struct sqlite_db *db, const struct sqlite_conversation *c,
		      int64_t seq, const char *then)
{
	static const char sql[] = "SELECT id FROM message WHERE place = ?";
	struct query q = QUERY(db, sql, place_at(c, seq));
	char id[ID_SIZE] = "";

	if (query_row(&q))
		query_id(&q, 0, id);
	query_close(&q);
	return strcmp(id, then) < 0;
}

static enum store_status message_seek(struct store *store,
				      const struct store_viewer *viewer,
				      const char *conversation, int64_t at_ms,
				      int64_t *seq)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct sqlite_conversation c;
	char then[ID_SIZE];
	int64_t first, behind;

	if (!find_sight(db, conversation, viewer, &c, &first))
		return sqlite_end(db, STORE_NOT_FOUND);
	id_floor(at_ms > 0 ? at_ms : 0, then);
	behind = c.last_seq + 1;
	while (first < behind) {
		int64_t middle = first + (behind - first) / 2;

		if (is_before(db, &c, middle, then))
			first = middle + 1;
		else
			behind = middle;
	}
	*seq = first;
	return sqlite_end(db, STORE_OK);
}

const struct store_message_verbs sqlite_message_verbs = {
	.send = sqlite_send,
	.get = message_get,
	.change = sqlite_change,
	.react = sqlite_react,
	.range = message_range,
	.changes = change_range,
	.search = sqlite_search,
	.page = message_page,
	.files = message_files,
	.seek = message_seek,
};
