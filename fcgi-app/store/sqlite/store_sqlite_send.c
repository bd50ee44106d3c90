#include "store_sqlite.h"

#include <string.h>

#include "mem.h"

/* One send under way: what it was asked, and where it goes. */
struct sending {
	struct store *store;
	struct sqlite_db *db;
	const struct store_viewer *viewer; /* who sends */
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

	if (s->send->client_id == NULL)
		return false;
	struct query q =
		QUERY(s->db, sql, TEXT(s->conversation), TEXT(s->viewer->id),
		      TEXT(s->send->client_id), BLOB(s->hash, sizeof(s->hash)));
	bool found = query_row(&q);

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

	QUERY_RUN(s->db, sql, TEXT(s->conversation), TEXT(user));
}

static void open_direct(struct sending *s)
{
	static const char sql[] =
		"INSERT INTO conversation (id, kind, low, high, updated_at)"
		" VALUES (?1, 0, min(?2, ?3), max(?2, ?3), ?4)";

	QUERY_RUN(s->db, sql, TEXT(s->conversation), TEXT(s->viewer->id),
		  TEXT(s->send->to), INT(s->send->now_ms));
	add_member(s, s->viewer->id);
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
	if (sqlite_member_get(s->db, s->conversation, s->viewer->id,
			      &s->member))
		return s->member.other[0] == '\0' || send->to != NULL ||
		       sqlite_user_active(s->db, s->member.other);
	if (send->to == NULL)
		return false;
	open_direct(s);
	return sqlite_member_get(s->db, s->conversation, s->viewer->id,
				 &s->member);
}

static bool can_reply(struct sending *s)
{
	static const char sql[] = "SELECT 1 FROM message WHERE id = ?"
				  " AND conversation = ? AND seq >= ?";

	return s->send->reply_to == NULL ||
	       QUERY_INT(s->db, sql, TEXT(s->send->reply_to),
			 TEXT(s->conversation), INT(s->member.joined_seq));
}

static void fill_message(struct sending *s)
{
	const struct store_send *send = s->send;
	struct store_message *message = &s->out->message;

	store_new_id(s->store, send->now_ms, message->id);
	memcpy(message->conversation, s->conversation, ID_SIZE);
	memcpy(message->sender, s->viewer->id, ID_SIZE);
	memcpy(message->recipient, s->member.other, ID_SIZE);
	if (send->reply_to != NULL)
		memcpy(message->reply_to, send->reply_to, ID_SIZE);
	message->seq = s->member.last_seq + 1;
	message->kind = send->kind;
	message->conversation_kind = s->member.kind;
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

	QUERY_RUN(s->db, sql, TEXT(message->conversation), INT(message->seq),
		  TEXT(message->id), INT(message->kind), TEXT(message->sender),
		  TEXT(message->sender_name), TEXT(message->content),
		  TEXT(message->client_id),
		  BLOB(keyed ? s->hash : NULL, sizeof(s->hash)),
		  TEXT(s->send->reply_to), INT(message->created_at));
}

static void move_conversation(struct sending *s)
{
	static const char sql[] = "UPDATE conversation SET last_seq = ?2,"
				  " updated_at = max(updated_at, ?3)"
				  " WHERE id = ?1";

	QUERY_RUN(s->db, sql, TEXT(s->conversation), INT(s->out->message.seq),
		  INT(s->send->now_ms));
}

/* moved_at stays where the message alone tells the others all there is: an
 * index less to write. */
static void move_sender(struct sending *s)
{
	static const char sql[] =
		"UPDATE member SET received_seq = ?3, read_seq = ?3,"
		" moved_at = iif(?4, max(moved_at, ?5), moved_at)"
		" WHERE conversation = ?1 AND user_id = ?2";
	struct store_read_marks *marks = &s->out->marks;

	marks->received_seq = marks->read_seq = s->out->message.seq;
	marks->received_moved = s->member.received_seq < s->member.last_seq;
	marks->read_moved = s->member.read_seq < s->member.last_seq;
	QUERY_RUN(s->db, sql, TEXT(s->conversation), TEXT(s->viewer->id),
		  INT(marks->read_seq), INT(marks->read_moved),
		  INT(s->send->now_ms));
}

static void fill_marks(struct sending *s)
{
	struct store_read_marks *marks = &s->out->marks;

	memcpy(marks->conversation, s->conversation, ID_SIZE);
	memcpy(marks->user_id, s->viewer->id, ID_SIZE);
	memcpy(marks->other, s->member.other, ID_SIZE);
	marks->conversation_kind = s->member.kind;
	if (marks->read_moved)
		sqlite_name_messages(s->db, marks);
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
	fill_marks(s);
	s->db->delicate = true;
	return STORE_OK;
}

enum store_status sqlite_send(struct store *store,
			      const struct store_viewer *viewer,
			      const struct store_send *send,
			      const char *conversation, struct store_sent *out)
{
	struct sending s = {
		.store = store,
		.db = sqlite_begin(store, ACCESS_WRITE),
		.viewer = viewer,
		.send = send,
		.conversation = conversation,
		.out = out,
	};

	store_request_hash(send, conversation, s.hash);

	enum store_status status = sqlite_db_end(s.db, send_locked(&s));

	if (status != STORE_OK)
		store_sent_done(out);
	return status;
}
