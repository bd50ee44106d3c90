#include "store_sqlite.h"

#include <string.h>

#include "mem.h"

/* ---- reading ---- */

static const char visible_message[] =
	"SELECT " MESSAGE_COLUMNS ", m.edited, m.deleted FROM message m"
	" JOIN conversation c ON c.id = m.conversation"
	" JOIN member me ON me.conversation = m.conversation"
	"  AND me.user_id = ?2 AND m.seq >= me.joined_seq"
	" WHERE m.id = ?1";
#define EDITED_COLUMN MESSAGE_COLUMN_COUNT
#define DELETED_COLUMN (MESSAGE_COLUMN_COUNT + 1)

static enum store_status message_get(struct store *store,
				     const struct store_viewer *viewer,
				     const char *id, struct store_message *out)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct query q = QUERY(db, visible_message, TEXT(id), TEXT(viewer->id));
	bool found = query_row(&q);

	if (found) {
		sqlite_message_row(&q, 0, out);
		sqlite_message_own(out);
	}
	query_close(&q);
	return sqlite_end_found(db, found);
}

/* What of a conversation a viewer sees. False: nothing. */
static bool find_sight(struct sqlite_db *db, const char *conversation,
		       const struct store_viewer *viewer,
		       struct sqlite_place *place, int64_t *first)
{
	static const char sql[] =
		"SELECT " PLACE_COLUMNS ", me.joined_seq"
		" FROM conversation c LEFT JOIN member me"
		"  ON me.conversation = c.id AND me.user_id = ?2"
		" WHERE c.id = ?1";
	struct query q = QUERY(db, sql, TEXT(conversation), TEXT(viewer->id));

	*first = 0;
	if (query_row(&q)) {
		struct store_member me = {
			.joined_seq = query_int(&q, PLACE_COLUMN_COUNT),
		};
		bool member = !query_is_null(&q, PLACE_COLUMN_COUNT);

		sqlite_place_row(&q, 0, place);
		*first = store_sight(viewer, place->kind, member ? &me : NULL);
	}
	query_close(&q);
	return *first > 0;
}

static enum store_status message_range(struct store *store,
				       const struct store_viewer *viewer,
				       const char *conversation,
				       const struct store_range *range,
				       store_each_message *each, void *context)
{
	static const char sql[] =
		"SELECT " MESSAGE_OWN_COLUMNS " FROM message m"
		" WHERE m.conversation = ? AND m.seq BETWEEN ? AND ?"
		" ORDER BY m.seq";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct sqlite_place place;
	struct store_message message;
	int64_t first;

	if (!find_sight(db, conversation, viewer, &place, &first))
		return sqlite_db_end(db, STORE_NOT_FOUND);
	if (first < range->first)
		first = range->first;
	struct query q = QUERY(db, sql, TEXT(conversation), INT(first),
			       INT(range->last));

	while (query_row(&q)) {
		sqlite_message_row_in(&q, 0, &place, &message);
		if (!each(&message, context))
			break;
	}
	query_close(&q);
	return sqlite_db_end(db, STORE_OK);
}

static enum store_status change_range(struct store *store,
				      const struct store_viewer *viewer,
				      const char *conversation,
				      const struct store_range *range,
				      store_each_change *each, void *context)
{
	static const char sql[] = FROM_CHANGE
		" WHERE h.conversation = ? AND h.change BETWEEN ? AND ?"
		" AND h.seq >= ? ORDER BY h.change";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct sqlite_place place;
	struct store_change change;
	int64_t first;

	if (!find_sight(db, conversation, viewer, &place, &first))
		return sqlite_db_end(db, STORE_NOT_FOUND);
	struct query q = QUERY(db, sql, TEXT(conversation), INT(range->first),
			       INT(range->last), INT(first));

	while (query_row(&q)) {
		sqlite_change_row(&q, 0, &change);
		if (!each(&change, context))
			break;
	}
	query_close(&q);
	return sqlite_db_end(db, STORE_OK);
}

/* ---- changing ---- */

struct changing {
	struct store *store;
	struct sqlite_db *db;
	const struct store_viewer *viewer;
	const char *id;
	const struct store_edit *edit;
	int64_t edited, deleted; /* changes that did it before; 0: none */
	struct store_change *out;
};

static enum store_status find_own(struct changing *c)
{
	struct store_message *message = &c->out->message;
	struct query q =
		QUERY(c->db, visible_message, TEXT(c->id), TEXT(c->viewer->id));
	bool found = query_row(&q);

	if (found) {
		sqlite_message_row(&q, 0, message);
		sqlite_message_own(message);
		c->edited = query_int(&q, EDITED_COLUMN);
		c->deleted = query_int(&q, DELETED_COLUMN);
	}
	query_close(&q);
	if (!found)
		return STORE_NOT_FOUND;
	if (strcmp(message->sender, c->viewer->id) != 0 ||
	    message->kind == MESSAGE_SYSTEM ||
	    (c->deleted > 0 && c->edit->kind == CHANGE_EDIT))
		return STORE_FORBIDDEN;
	return STORE_OK;
}

/* The number of the change that did the very same before; 0: none did. */
static int64_t earlier_change(const struct changing *c)
{
	if (c->edit->kind == CHANGE_DELETE)
		return c->deleted;
	if (c->edit->content == NULL ||
	    strcmp(c->edit->content, c->out->message.content) == 0)
		return c->edited;
	return 0;
}

static void read_change(struct changing *c, int64_t number)
{
	static const char sql[] = "SELECT created_at FROM change"
				  " WHERE conversation = ? AND change = ?";

	c->out->change = number;
	c->out->created_at =
		QUERY_INT(c->db, sql, TEXT(c->out->conversation), INT(number));
}

static void fold(struct changing *c)
{
	static const char edit[] = "UPDATE message SET edited = ?3, content = "
				   "coalesce(?4, content)"
				   " WHERE conversation = ?1 AND seq = ?2";
	static const char erase[] =
		"UPDATE message SET deleted = ?3, content = ?4"
		" WHERE conversation = ?1 AND seq = ?2";
	struct store_message *message = &c->out->message;
	bool deletes = c->edit->kind == CHANGE_DELETE;
	const char *content = deletes ? "" : c->edit->content;

	QUERY_RUN(c->db, deletes ? erase : edit, TEXT(message->conversation),
		  INT(message->seq), INT(c->out->change), TEXT(content));
	message->edited = message->edited || !deletes;
	message->deleted = deletes;
	message->change = c->out->change;
	if (content != NULL) {
		free(message->content);
		message->content = xstrdup(content);
	}
}

static void next_change(struct changing *c)
{
	static const char sql[] =
		"UPDATE conversation SET last_change = last_change + 1"
		" WHERE id = ? RETURNING last_change";

	c->out->change = QUERY_INT(c->db, sql, TEXT(c->out->conversation));
}

static void insert_change(struct changing *c)
{
	static const char sql[] =
		"INSERT INTO change (conversation, change, id, seq, kind, by,"
		" created_at) VALUES (?, ?, ?, ?, ?, ?, ?)";
	const struct store_message *message = &c->out->message;
	char id[ID_SIZE];

	store_new_id(c->store, c->edit->now_ms, id);
	c->out->created_at = c->edit->now_ms;
	QUERY_RUN(c->db, sql, TEXT(message->conversation), INT(c->out->change),
		  TEXT(id), INT(message->seq), INT(c->edit->kind),
		  TEXT(c->viewer->id), INT(c->edit->now_ms));
}

static enum store_status change_locked(struct changing *c)
{
	enum store_status status = find_own(c);
	int64_t earlier;

	if (status != STORE_OK)
		return status;
	c->out->kind = c->edit->kind;
	memcpy(c->out->conversation, c->out->message.conversation, ID_SIZE);
	earlier = earlier_change(c);
	if (earlier > 0) {
		read_change(c, earlier);
		return STORE_OK;
	}
	next_change(c);
	fold(c);
	insert_change(c);
	c->db->delicate = true;
	return STORE_OK;
}

static enum store_status message_change(struct store *store,
					const struct store_viewer *viewer,
					const char *id,
					const struct store_edit *edit,
					struct store_change *out)
{
	struct changing c = {
		.store = store,
		.db = sqlite_begin(store, ACCESS_WRITE),
		.viewer = viewer,
		.id = id,
		.edit = edit,
		.out = out,
	};
	enum store_status status = sqlite_db_end(c.db, change_locked(&c));

	if (status != STORE_OK)
		store_change_done(out);
	return status;
}

const struct store_message_verbs sqlite_message_verbs = {
	.send = sqlite_send,
	.get = message_get,
	.change = message_change,
	.range = message_range,
	.changes = change_range,
};
