#include "store_sqlite.h"

#include <string.h>

#include "mem.h"

#define SELECT_MESSAGE                                                         \
	"SELECT " MESSAGE_COLUMNS " FROM message m"                            \
	" JOIN conversation c ON c.id = m.conversation"

/* ---- sending ---- */

/* One send under way: what it was asked, and where it goes. */
struct sending {
	struct store *store;
	struct sqlite_db *db;
	const struct store_send *send;
	const char *conversation;
	uint8_t hash[STORE_HASH_SIZE];
	struct sqlite_member member; /* the sender's, before */
	struct store_sent *out;
};

/* The message that this clientId made already. True: *status says what that
 * means, and it is in out. */
static bool find_duplicate(struct sending *s, enum store_status *status)
{
	static const char sql[] =
		"SELECT " MESSAGE_COLUMNS ", m.request_hash = ?4 FROM message m"
		" JOIN conversation c ON c.id = m.conversation"
		" WHERE m.conversation = ?1 AND m.sender = ?2"
		" AND m.client_id = ?3";
	struct query q;
	bool found;

	if (s->send->client_id == NULL)
		return false;
	query_open(&q, s->db, sql);
	query_bind_text(&q, s->conversation);
	query_bind_text(&q, s->send->sender);
	query_bind_text(&q, s->send->client_id);
	query_bind_blob(&q, s->hash, sizeof(s->hash));
	found = query_row(&q);
	if (found && query_int(&q, MESSAGE_COLUMN_COUNT) != 0) {
		sqlite_message_row(&q, 0, &s->out->message);
		sqlite_message_own(&s->out->message);
		s->out->duplicate = true;
		*status = STORE_OK;
	} else if (found) {
		*status = STORE_REUSED;
	}
	query_close(&q);
	return found;
}

static void add_member(struct sending *s, const char *user)
{
	static const char sql[] =
		"INSERT INTO member (conversation, user_id) VALUES (?, ?)";
	struct query q;

	query_open(&q, s->db, sql);
	query_bind_text(&q, s->conversation);
	query_bind_text(&q, user);
	query_run(&q);
}

static void open_direct(struct sending *s)
{
	static const char sql[] =
		"INSERT INTO conversation (id, kind, low, high, updated_at)"
		" VALUES (?1, 0, min(?2, ?3), max(?2, ?3), ?4)";
	struct query q;

	query_open(&q, s->db, sql);
	query_bind_text(&q, s->conversation);
	query_bind_text(&q, s->send->sender);
	query_bind_text(&q, s->send->to);
	query_bind_int(&q, s->send->now_ms);
	query_run(&q);
	add_member(s, s->send->sender);
	add_member(s, s->send->to);
	s->out->opened = true;
}

/* The sender's row in the conversation, made first if it is a direct one that
 * has no message yet. */
static bool find_target(struct sending *s)
{
	const struct store_send *send = s->send;

	if (send->to != NULL && !sqlite_user_active(s->db, send->to))
		return false;
	if (sqlite_member_get(s->db, s->conversation, send->sender, &s->member))
		return s->member.other[0] == '\0' || send->to != NULL ||
		       sqlite_user_active(s->db, s->member.other);
	if (send->to == NULL)
		return false;
	open_direct(s);
	return sqlite_member_get(s->db, s->conversation, send->sender,
				 &s->member);
}

static bool can_reply(struct sending *s)
{
	static const char sql[] = "SELECT 1 FROM message WHERE id = ?"
				  " AND conversation = ? AND seq >= ?";
	struct query q;
	bool found;

	if (s->send->reply_to == NULL)
		return true;
	query_open(&q, s->db, sql);
	query_bind_text(&q, s->send->reply_to);
	query_bind_text(&q, s->conversation);
	query_bind_int(&q, s->member.joined_seq);
	found = query_row(&q);
	query_close(&q);
	return found;
}

static void fill_message(struct sending *s)
{
	const struct store_send *send = s->send;
	struct store_message *message = &s->out->message;

	store_new_id(s->store, send->now_ms, message->id);
	memcpy(message->conversation, s->conversation, ID_SIZE);
	memcpy(message->sender, send->sender, ID_SIZE);
	memcpy(message->recipient, s->member.other, ID_SIZE);
	if (send->reply_to != NULL)
		memcpy(message->reply_to, send->reply_to, ID_SIZE);
	message->seq = s->member.last_seq + 1;
	message->kind = send->kind;
	message->in = s->member.kind;
	message->created_at = send->now_ms;
	message->sender_name = xstrdup(send->sender_name);
	message->content = xstrdup(send->content);
	if (send->client_id != NULL)
		message->client_id = xstrdup(send->client_id);
}

static void insert_message(struct sending *s)
{
	static const char sql[] =
		"INSERT INTO message (conversation, seq, id, kind, sender,"
		" sender_name, content, client_id, request_hash, reply_to,"
		" created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
	const struct store_message *message = &s->out->message;
	bool keyed = message->client_id != NULL;
	struct query q;

	query_open(&q, s->db, sql);
	query_bind_text(&q, message->conversation);
	query_bind_int(&q, message->seq);
	query_bind_text(&q, message->id);
	query_bind_int(&q, (int64_t)message->kind);
	query_bind_text(&q, message->sender);
	query_bind_text(&q, message->sender_name);
	query_bind_text(&q, message->content);
	query_bind_text(&q, message->client_id);
	query_bind_blob(&q, keyed ? s->hash : NULL, sizeof(s->hash));
	query_bind_text(&q, s->send->reply_to);
	query_bind_int(&q, message->created_at);
	query_run(&q);
}

static void move_conversation(struct sending *s)
{
	static const char sql[] = "UPDATE conversation SET last_seq = ?2,"
				  " updated_at = max(updated_at, ?3)"
				  " WHERE id = ?1";
	struct query q;

	query_open(&q, s->db, sql);
	query_bind_text(&q, s->conversation);
	query_bind_int(&q, s->out->message.seq);
	query_bind_int(&q, s->send->now_ms);
	query_run(&q);
}

/* moved_at stays where the message alone tells the others all there is: an
 * index less to write. */
static void move_sender(struct sending *s)
{
	static const char sql[] =
		"UPDATE member SET received_seq = ?3, read_seq = ?3,"
		" moved_at = iif(?4, max(moved_at, ?5), moved_at)"
		" WHERE conversation = ?1 AND user_id = ?2";
	struct store_pointer *pointer = &s->out->pointer;
	struct query q;

	pointer->received_seq = pointer->read_seq = s->out->message.seq;
	pointer->received_moved = s->member.received_seq < s->member.last_seq;
	pointer->read_moved = s->member.read_seq < s->member.last_seq;
	query_open(&q, s->db, sql);
	query_bind_text(&q, s->conversation);
	query_bind_text(&q, s->send->sender);
	query_bind_int(&q, pointer->read_seq);
	query_bind_int(&q, pointer->read_moved);
	query_bind_int(&q, s->send->now_ms);
	query_run(&q);
}

static void fill_pointer(struct sending *s)
{
	struct store_pointer *pointer = &s->out->pointer;

	memcpy(pointer->conversation, s->conversation, ID_SIZE);
	memcpy(pointer->user_id, s->send->sender, ID_SIZE);
	memcpy(pointer->other, s->member.other, ID_SIZE);
	pointer->in = s->member.kind;
	if (!pointer->read_moved)
		return;
	sqlite_newest_of_others(s->db, s->conversation, s->send->sender,
				pointer->read_seq, pointer->read_message);
	memcpy(pointer->received_message, pointer->read_message, ID_SIZE);
}

static enum store_status send_locked(struct sending *s)
{
	enum store_status status;

	if (find_duplicate(s, &status))
		return status;
	if (!find_target(s) || !can_reply(s))
		return STORE_NOT_FOUND;
	fill_message(s);
	insert_message(s);
	move_conversation(s);
	move_sender(s);
	fill_pointer(s);
	s->db->delicate = true;
	return STORE_OK;
}

enum store_status sqlite_send(struct store *store,
			      const struct store_send *send,
			      const char *conversation, struct store_sent *out)
{
	struct sending s = {
		.store = store,
		.db = store_sqlite_db(store),
		.send = send,
		.conversation = conversation,
		.out = out,
	};
	enum store_status status = sqlite_db_begin(s.db, ACCESS_WRITE);

	if (status != STORE_OK)
		return status;
	store_request_hash(send, conversation, s.hash);
	return sqlite_db_end(s.db, send_locked(&s));
}

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

enum store_status sqlite_messages(struct store *store, const char *conversation,
				  int64_t first, int64_t last,
				  store_each_message *each, void *context)
{
	static const char sql[] = SELECT_MESSAGE
		" WHERE m.conversation = ? AND m.seq BETWEEN ? AND ?"
		" ORDER BY m.seq";
	struct sqlite_db *db = store_sqlite_db(store);
	enum store_status status = sqlite_db_begin(db, ACCESS_READ);
	struct store_message message;
	struct query q;

	if (status != STORE_OK)
		return status;
	query_open(&q, db, sql);
	query_bind_text(&q, conversation);
	query_bind_int(&q, first);
	query_bind_int(&q, last);
	while (query_row(&q)) {
		sqlite_message_row(&q, 0, &message);
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
