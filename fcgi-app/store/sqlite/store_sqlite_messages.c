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

enum store_status sqlite_message_get(struct store *store, const char *viewer,
				     const char *id, struct store_message *out)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct query q = QUERY(db, visible_message, TEXT(id), TEXT(viewer));
	bool found = query_row(&q);

	if (found) {
		sqlite_message_row(&q, 0, out);
		sqlite_message_own(out);
	}
	query_close(&q);
	return sqlite_end_found(db, found);
}

static void read_place(struct sqlite_db *db, const char *conversation,
		       struct sqlite_place *out)
{
	static const char sql[] =
		"SELECT " PLACE_COLUMNS " FROM conversation c WHERE c.id = ?";
	struct query q = QUERY(db, sql, TEXT(conversation));

	if (query_row(&q))
		sqlite_place_row(&q, 0, out);
	query_close(&q);
}

enum store_status sqlite_messages(struct store *store, const char *conversation,
				  int64_t first, int64_t last,
				  store_each_message *each, void *context)
{
	static const char sql[] =
		"SELECT " MESSAGE_OWN_COLUMNS " FROM message m"
		" WHERE m.conversation = ? AND m.seq BETWEEN ? AND ?"
		" ORDER BY m.seq";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct sqlite_place place = {.conversation = ""};
	struct store_message message;

	read_place(db, conversation, &place);
	struct query q =
		QUERY(db, sql, TEXT(conversation), INT(first), INT(last));

	while (query_row(&q)) {
		sqlite_message_row_in(&q, 0, &place, &message);
		each(&message, context);
	}
	return sqlite_db_end(db, STORE_OK);
}

/* ---- changing ---- */

struct changing {
	struct store *store;
	struct sqlite_db *db;
	const char *user, *id, *content;
	enum store_change_kind kind;
	int64_t now_ms;
	int64_t edited, deleted; /* changes that did it before; 0: none */
	struct store_change *out;
};

static enum store_status find_own(struct changing *c)
{
	struct store_message *message = &c->out->message;
	struct query q =
		QUERY(c->db, visible_message, TEXT(c->id), TEXT(c->user));
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
	if (strcmp(message->sender, c->user) != 0 ||
	    message->kind == MESSAGE_SYSTEM ||
	    (c->deleted > 0 && c->kind == CHANGE_EDIT))
		return STORE_FORBIDDEN;
	return STORE_OK;
}

/* The number of the change that did the very same before; 0: none did. */
static int64_t earlier_change(const struct changing *c)
{
	if (c->kind == CHANGE_DELETE)
		return c->deleted;
	if (c->content == NULL ||
	    strcmp(c->content, c->out->message.content) == 0)
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
	bool deletes = c->kind == CHANGE_DELETE;
	const char *content = deletes ? "" : c->content;

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

	store_new_id(c->store, c->now_ms, id);
	c->out->created_at = c->now_ms;
	QUERY_RUN(c->db, sql, TEXT(message->conversation), INT(c->out->change),
		  TEXT(id), INT(message->seq), INT(c->kind), TEXT(c->user),
		  INT(c->now_ms));
}

static enum store_status change_locked(struct changing *c)
{
	enum store_status status = find_own(c);
	int64_t earlier;

	if (status != STORE_OK)
		return status;
	c->out->kind = c->kind;
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

enum store_status sqlite_message_change(struct store *store, const char *user,
					const char *id,
					enum store_change_kind kind,
					const char *content, int64_t now_ms,
					struct store_change *out)
{
	struct changing c = {
		.store = store,
		.db = sqlite_begin(store, ACCESS_WRITE),
		.user = user,
		.id = id,
		.content = content,
		.kind = kind,
		.now_ms = now_ms,
		.out = out,
	};

	return sqlite_db_end(c.db, change_locked(&c));
}
