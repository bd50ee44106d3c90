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
	struct sqlite_db *db = store_sqlite_db(store);
	enum store_status status = sqlite_db_begin(db, ACCESS_READ);
	struct query q;

	if (status != STORE_OK)
		return status;
	status = STORE_NOT_FOUND;
	query_open(&q, db, visible_message);
	query_bind_text(&q, id);
	query_bind_text(&q, viewer);
	if (query_row(&q)) {
		sqlite_message_row(&q, 0, out);
		sqlite_message_own(out);
		status = STORE_OK;
	}
	query_close(&q);
	return sqlite_db_end(db, status);
}

static void read_place(struct sqlite_db *db, const char *conversation,
		       struct sqlite_place *out)
{
	static const char sql[] =
		"SELECT " PLACE_COLUMNS " FROM conversation c WHERE c.id = ?";
	struct query q;

	query_open(&q, db, sql);
	query_bind_text(&q, conversation);
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
	struct sqlite_db *db = store_sqlite_db(store);
	enum store_status status = sqlite_db_begin(db, ACCESS_READ);
	struct sqlite_place place = {.conversation = ""};
	struct store_message message;
	struct query q;

	if (status != STORE_OK)
		return status;
	read_place(db, conversation, &place);
	query_open(&q, db, sql);
	query_bind_text(&q, conversation);
	query_bind_int(&q, first);
	query_bind_int(&q, last);
	while (query_row(&q)) {
		sqlite_message_row_in(&q, 0, &place, &message);
		each(&message, context);
	}
	query_close(&q);
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
	enum store_status status = STORE_NOT_FOUND;
	struct query q;

	query_open(&q, c->db, visible_message);
	query_bind_text(&q, c->id);
	query_bind_text(&q, c->user);
	if (query_row(&q)) {
		sqlite_message_row(&q, 0, message);
		sqlite_message_own(message);
		c->edited = query_int(&q, EDITED_COLUMN);
		c->deleted = query_int(&q, DELETED_COLUMN);
		status = STORE_OK;
	}
	query_close(&q);
	if (status != STORE_OK)
		return status;
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
	struct query q;

	query_open(&q, c->db, sql);
	query_bind_text(&q, c->out->message.conversation);
	query_bind_int(&q, number);
	if (query_row(&q))
		c->out->created_at = query_int(&q, 0);
	query_close(&q);
	c->out->change = number;
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
	struct query q;

	query_open(&q, c->db, deletes ? erase : edit);
	query_bind_text(&q, message->conversation);
	query_bind_int(&q, message->seq);
	query_bind_int(&q, c->out->change);
	query_bind_text(&q, content);
	query_run(&q);
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
	struct query q;

	query_open(&q, c->db, sql);
	query_bind_text(&q, c->out->message.conversation);
	if (query_row(&q))
		c->out->change = query_int(&q, 0);
	query_close(&q);
}

static void insert_change(struct changing *c)
{
	static const char sql[] =
		"INSERT INTO change (conversation, change, id, seq, kind, by,"
		" created_at) VALUES (?, ?, ?, ?, ?, ?, ?)";
	const struct store_message *message = &c->out->message;
	char id[ID_SIZE];
	struct query q;

	store_new_id(c->store, c->now_ms, id);
	c->out->created_at = c->now_ms;
	query_open(&q, c->db, sql);
	query_bind_text(&q, message->conversation);
	query_bind_int(&q, c->out->change);
	query_bind_text(&q, id);
	query_bind_int(&q, message->seq);
	query_bind_int(&q, (int64_t)c->kind);
	query_bind_text(&q, c->user);
	query_bind_int(&q, c->now_ms);
	query_run(&q);
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
		.db = store_sqlite_db(store),
		.user = user,
		.id = id,
		.content = content,
		.kind = kind,
		.now_ms = now_ms,
		.out = out,
	};
	enum store_status status = sqlite_db_begin(c.db, ACCESS_WRITE);

	if (status != STORE_OK)
		return status;
	return sqlite_db_end(c.db, change_locked(&c));
}
