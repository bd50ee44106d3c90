#include "store_sqlite.h"

#include <string.h>

#include "mem.h"
#include "palabre_limits.h"

/* ---- one member ---- */

bool sqlite_member_get(struct sqlite_db *db, const char *conversation,
		       const char *user, struct sqlite_member *out)
{
	static const char sql[] =
		"SELECT c.kind, iif(c.low = ?2, c.high, c.low), c.last_seq,"
		" c.last_change, me.joined_seq, me.received_seq, me.read_seq"
		" FROM conversation c JOIN member me"
		"  ON me.conversation = c.id AND me.user_id = ?2"
		" WHERE c.id = ?1";
	struct query q;
	bool found;

	memset(out, 0, sizeof(*out));
	query_open(&q, db, sql);
	query_bind_text(&q, conversation);
	query_bind_text(&q, user);
	found = query_row(&q);
	if (found) {
		out->kind = (enum store_conversation_kind)query_int(&q, 0);
		query_id(&q, 1, out->other);
		out->last_seq = query_int(&q, 2);
		out->last_change = query_int(&q, 3);
		out->joined_seq = query_int(&q, 4);
		out->received_seq = query_int(&q, 5);
		out->read_seq = query_int(&q, 6);
	}
	query_close(&q);
	return found;
}

/* ---- whole conversations ---- */

#define MEMBER_COLUMNS(alias)                                                  \
	alias ".user_id, " alias ".owner, " alias ".muted, " alias             \
	      ".joined_seq, " alias ".received_seq, " alias ".read_seq"

enum {
	COLUMN_CONVERSATION,
	COLUMN_ME = COLUMN_CONVERSATION + 6,
	COLUMN_OTHER_MEMBER = COLUMN_ME + 6,
	COLUMN_OTHER_USER = COLUMN_OTHER_MEMBER + 6,
	COLUMN_LAST_MESSAGE = COLUMN_OTHER_USER + USER_COLUMN_COUNT,
};

/* ?1: the viewer. */
#define SELECT_CONVERSATION                                                    \
	"SELECT c.id, c.kind, c.title, c.last_seq, c.last_change,"             \
	" c.updated_at, " MEMBER_COLUMNS("me") ", " MEMBER_COLUMNS(            \
		"o") ", " USER_COLUMNS_PUBLIC ", NULL, " MESSAGE_COLUMNS
#define JOIN_CONVERSATION                                                      \
	" JOIN member me ON me.conversation = c.id AND me.user_id = ?1"        \
	" LEFT JOIN member o ON o.conversation = c.id"                         \
	"  AND o.user_id = iif(c.low = ?1, c.high, c.low)"                     \
	" LEFT JOIN user u ON u.id = o.user_id"                                \
	" LEFT JOIN message m ON m.conversation = c.id"                        \
	"  AND m.seq = c.last_seq"

/* A conversation as one row gives it: everything borrowed. */
struct view {
	struct store_conversation conversation;
	struct store_user other;
	struct store_message last;
	struct store_member members[LIMIT_MEMBERS_SHOWN];
};

static void member_row(const struct query *q, int column,
		       struct store_member *out)
{
	query_id(q, column, out->user_id);
	out->owner = query_int(q, column + 1) != 0;
	out->muted = query_int(q, column + 2) != 0;
	out->joined_seq = query_int(q, column + 3);
	out->received_seq = query_int(q, column + 4);
	out->read_seq = query_int(q, column + 5);
}

static void view_row(const struct query *q, struct view *view)
{
	struct store_conversation *c = &view->conversation;

	memset(c, 0, sizeof(*c));
	query_id(q, 0, c->id);
	c->kind = (enum store_conversation_kind)query_int(q, 1);
	c->title = query_text(q, 2);
	c->last_seq = query_int(q, 3);
	c->last_change = query_int(q, 4);
	c->updated_at = query_int(q, 5);
	member_row(q, COLUMN_ME, &c->me);
	if (query_text(q, COLUMN_OTHER_USER) != NULL) {
		sqlite_user_row(q, COLUMN_OTHER_USER, &view->other);
		c->other = &view->other;
	}
	if (query_text(q, COLUMN_LAST_MESSAGE) != NULL) {
		sqlite_message_row(q, COLUMN_LAST_MESSAGE, &view->last);
		c->last_message = &view->last;
	}
}

/* Of two, the row has both already. */
static void view_pair(const struct query *q, struct view *view)
{
	struct store_conversation *c = &view->conversation;

	view->members[c->member_count++] = c->me;
	if (query_text(q, COLUMN_OTHER_MEMBER) != NULL)
		member_row(q, COLUMN_OTHER_MEMBER,
			   &view->members[c->member_count++]);
	c->members = view->members;
}

static void view_members(struct sqlite_db *db, struct view *view)
{
	static const char sql[] = "SELECT " MEMBER_COLUMNS(
		"me") " FROM member me"
		      " WHERE conversation = ? ORDER BY user_id";
	struct store_conversation *c = &view->conversation;
	struct query q;

	query_open(&q, db, sql);
	query_bind_text(&q, c->id);
	for (; query_row(&q); c->member_count++)
		if (c->member_count < LIMIT_MEMBERS_SHOWN)
			member_row(&q, 0, &view->members[c->member_count]);
	query_close(&q);
	if (c->member_count <= LIMIT_MEMBERS_SHOWN)
		c->members = view->members;
}

static void view_fill(struct sqlite_db *db, const struct query *q,
		      struct view *view)
{
	view_row(q, view);
	if (view->conversation.kind == CONVERSATION_DIRECT)
		view_pair(q, view);
	else
		view_members(db, view);
}

static void *copy(const void *from, size_t size)
{
	return memcpy(xmalloc(size), from, size);
}

static void view_own(const struct view *view, struct store_conversation *out)
{
	*out = view->conversation;
	out->title = xstrdup(out->title);
	if (out->members != NULL)
		out->members = copy(out->members,
				    out->member_count * sizeof(*out->members));
	if (out->other != NULL) {
		out->other = copy(out->other, sizeof(*out->other));
		sqlite_user_own(out->other);
	}
	if (out->last_message != NULL) {
		out->last_message =
			copy(out->last_message, sizeof(*out->last_message));
		sqlite_message_own(out->last_message);
	}
}

enum store_status sqlite_conversation_get(struct store *store,
					  const char *viewer, const char *id,
					  struct store_conversation *out)
{
	static const char sql[] = SELECT_CONVERSATION
		" FROM conversation c" JOIN_CONVERSATION " WHERE c.id = ?2";
	struct sqlite_db *db = store_sqlite_db(store);
	enum store_status status = sqlite_db_begin(db, ACCESS_READ);
	struct view view;
	struct query q;

	if (status != STORE_OK)
		return status;
	status = STORE_NOT_FOUND;
	query_open(&q, db, sql);
	query_bind_text(&q, viewer);
	query_bind_text(&q, id);
	if (query_row(&q)) {
		view_fill(db, &q, &view);
		view_own(&view, out);
		status = STORE_OK;
	}
	query_close(&q);
	return sqlite_db_end(db, status);
}

enum store_status sqlite_conversations(struct store *store, const char *viewer,
				       size_t limit,
				       store_each_conversation *each,
				       void *context)
{
	/* Only the ids are sorted, not the texts. */
	static const char sql[] = SELECT_CONVERSATION
		" FROM (SELECT c.id, c.updated_at FROM member me"
		"  JOIN conversation c ON c.id = me.conversation"
		"  WHERE me.user_id = ?1"
		"  ORDER BY c.updated_at DESC, c.id LIMIT ?2) newest"
		" JOIN conversation c ON c.id = newest.id" JOIN_CONVERSATION
		" ORDER BY newest.updated_at DESC, newest.id";
	struct sqlite_db *db = store_sqlite_db(store);
	enum store_status status = sqlite_db_begin(db, ACCESS_READ);
	struct view view;
	struct query q;

	if (status != STORE_OK)
		return status;
	query_open(&q, db, sql);
	query_bind_text(&q, viewer);
	query_bind_int(&q, (int64_t)limit);
	while (query_row(&q)) {
		view_fill(db, &q, &view);
		each(&view.conversation, context);
	}
	query_close(&q);
	return sqlite_db_end(db, STORE_OK);
}

/* ---- pointers ---- */

/* FACTS: a range needs both ends. */
#define LOOK_BACK 1000

void sqlite_newest_of_others(struct sqlite_db *db, const char *conversation,
			     const char *user, int64_t seq, char out[ID_SIZE])
{
	static const char sql[] =
		"SELECT id FROM message WHERE conversation = ?"
		" AND seq BETWEEN ? AND ? AND sender <> ?"
		" ORDER BY seq DESC LIMIT 1";
	struct query q;

	out[0] = '\0';
	query_open(&q, db, sql);
	query_bind_text(&q, conversation);
	query_bind_int(&q, seq - LOOK_BACK + 1);
	query_bind_int(&q, seq);
	query_bind_text(&q, user);
	if (query_row(&q))
		query_id(&q, 0, out);
	query_close(&q);
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void write_pointer(struct sqlite_db *db,
			  const struct store_pointer *pointer, int64_t now_ms)
{
	static const char sql[] =
		"UPDATE member SET received_seq = ?3, read_seq = ?4,"
		" moved_at = max(moved_at, ?5)"
		" WHERE conversation = ?1 AND user_id = ?2";
	struct query q;

	query_open(&q, db, sql);
	query_bind_text(&q, pointer->conversation);
	query_bind_text(&q, pointer->user_id);
	query_bind_int(&q, pointer->received_seq);
	query_bind_int(&q, pointer->read_seq);
	query_bind_int(&q, now_ms);
	query_run(&q);
}

void sqlite_name_messages(struct sqlite_db *db, struct store_pointer *pointer)
{
	sqlite_newest_of_others(db, pointer->conversation, pointer->user_id,
				pointer->read_seq, pointer->read_message);
	sqlite_newest_of_others(db, pointer->conversation, pointer->user_id,
				pointer->received_seq,
				pointer->received_message);
}

enum store_status sqlite_pointer_move(struct store *store, const char *user,
				      const char *conversation,
				      int64_t received_seq, int64_t read_seq,
				      int64_t now_ms, struct store_pointer *out)
{
	struct sqlite_db *db = store_sqlite_db(store);
	enum store_status status = sqlite_db_begin(db, ACCESS_WRITE);
	struct sqlite_member member;

	if (status != STORE_OK)
		return status;
	if (!sqlite_member_get(db, conversation, user, &member))
		return sqlite_db_end(db, STORE_NOT_FOUND);
	read_seq = smaller(read_seq, member.last_seq);
	received_seq = smaller(larger(received_seq, read_seq), member.last_seq);
	out->read_seq = larger(member.read_seq, read_seq);
	out->received_seq = larger(member.received_seq, received_seq);
	out->read_moved = out->read_seq > member.read_seq;
	out->received_moved = out->received_seq > member.received_seq;
	out->in = member.kind;
	memcpy(out->conversation, conversation, ID_SIZE);
	memcpy(out->user_id, user, ID_SIZE);
	memcpy(out->other, member.other, ID_SIZE);
	if (out->received_moved || out->read_moved)
		write_pointer(db, out, now_ms);
	sqlite_name_messages(db, out);
	return sqlite_db_end(db, STORE_OK);
}

/* ---- who hears of whom ---- */

static enum store_status each_id(struct store *store, const char *sql,
				 const char *user, size_t limit,
				 store_each_id *each, void *context)
{
	struct sqlite_db *db = store_sqlite_db(store);
	enum store_status status = sqlite_db_begin(db, ACCESS_READ);
	struct query q;

	if (status != STORE_OK)
		return status;
	query_open(&q, db, sql);
	query_bind_text(&q, user);
	query_bind_int(&q, (int64_t)limit);
	while (query_row(&q))
		each(query_text(&q, 0), context);
	query_close(&q);
	return sqlite_db_end(db, STORE_OK);
}

enum store_status sqlite_rooms(struct store *store, const char *user,
			       store_each_id *each, void *context)
{
	static const char sql[] =
		"SELECT c.id FROM member me JOIN conversation c"
		"  ON c.id = me.conversation"
		" WHERE me.user_id = ? AND c.kind <> 0 LIMIT ?";

	return each_id(store, sql, user, INT32_MAX, each, context);
}

enum store_status sqlite_contacts(struct store *store, const char *user,
				  size_t limit, store_each_id *each,
				  void *context)
{
	static const char sql[] =
		"SELECT DISTINCT o.user_id FROM member me"
		" JOIN conversation c ON c.id = me.conversation"
		" JOIN member o ON o.conversation = c.id"
		"  AND o.user_id <> me.user_id"
		" WHERE me.user_id = ? AND (c.kind = 0 OR (c.kind = 1"
		"  AND (SELECT count(*) FROM member n"
		"   WHERE n.conversation = c.id) <= 100)) LIMIT ?";

	return each_id(store, sql, user, limit, each, context);
}
