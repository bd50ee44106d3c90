#include "store_sqlite.h"

#include <stdlib.h>
#include <string.h>

#include "sqlite_clock.h"
#include "sqlite_members.h"
#include "sqlite_opening.h"
#include "sqlite_reactions.h"

/* Two streams by position, each with that of its next row; "" at its end. */
struct stream {
	struct query q;
	int position_column;
	char next[ID_SIZE];
};

static void stream_step(struct stream *stream)
{
	stream->next[0] = '\0';
	if (query_row(&stream->q))
		query_id(&stream->q, stream->position_column, stream->next);
}

static struct stream stream_open(struct sqlite_db *db, const char *sql,
				 int position_column,
				 const struct store_recent *recent)
{
	struct stream stream = {
		.q = QUERY(db, sql, ID(recent->after), INT(recent->limit + 1)),
		.position_column = position_column,
	};

	stream_step(&stream);
	return stream;
}

static bool goes_first(const struct stream *a, const struct stream *b)
{
	if (a->next[0] == '\0' || b->next[0] == '\0')
		return a->next[0] != '\0';
	return strcmp(a->next, b->next) < 0;
}

/* ---- read marks ---- */

/* It is not known which of both moved. */
static bool give_marks(struct sqlite_db *db,
		       const struct sqlite_conversation *c, const char *user,
		       const struct store_recent *recent)
{
	struct store_read_marks marks = {.conversation_kind = c->kind};
	struct store_member member;

	/* Whoever left has none any more. An operator's are the server's. */
	if (!sqlite_member_find(db, c, user, &member) &&
	    (c->kind != CONVERSATION_SUPPORT ||
	     !sqlite_member_find(db, c, ID_SERVER, &member)))
		return true;
	user = member.user_id;
	memcpy(marks.conversation, c->id, ID_SIZE);
	memcpy(marks.user_id, user, ID_SIZE);
	memcpy(marks.other, sqlite_conversation_other(c, user), ID_SIZE);
	marks.received_seq = member.received_seq;
	marks.read_seq = member.read_seq;
	marks.received_moved = marks.received_seq > 0;
	marks.read_moved = marks.read_seq > 0;
	sqlite_members_name(db, c, "", &marks);
	sqlite_marks_for(db, c, &marks);
	return recent->marks(&marks, recent->context);
}

/* ---- messages ---- */

enum {
	MESSAGE_AT = CONVERSATION_COLUMN_COUNT,
	MESSAGE_PASSED = MESSAGE_AT + MESSAGE_COLUMN_COUNT,
};
static const char messages_sql[] =
	"SELECT " COLUMNS_OF(CONVERSATION_COLUMNS) ", " COLUMNS_OF(
		MESSAGE_COLUMNS) ", m.passed_unread FROM message m"
				 " JOIN conversation c ON c.n = m.n"
				 " WHERE m.id > ? ORDER BY m.id LIMIT ?";

static bool give_message(struct stream *stream,
			 const struct store_recent *recent)
{
	struct query *q = &stream->q;
	struct sqlite_conversation c;
	struct store_message message;
	bool more = true;

	if (query_int(q, MESSAGE_PASSED) != 0) {
		char sender[ID_SIZE];

		sqlite_conversation_row(q, 0, &c);
		query_id(q, MESSAGE_AT + m_sender, sender);
		if (sqlite_conversation_find(q->db, c.id, &c))
			more = give_marks(q->db, &c, sender, recent);
	}
	sqlite_conversation_row(q, 0, &c);
	sqlite_message_row(q, MESSAGE_AT, &c, "", &message);
	sqlite_reactions_read(q->db, &c, "", &message);
	if (c.kind == CONVERSATION_SUPPORT)
		sqlite_support_client(q->db, &c, message.client);
	return recent->message(&message, recent->context) && more;
}

/* ---- what happened besides ---- */

enum {
	EVENT_POSITION,
	EVENT_USER,
	EVENT_CONVERSATION,
	EVENT_CHANGE,
	EVENT_MESSAGE = EVENT_CHANGE + CHANGE_COLUMN_COUNT,
};
static const char events_sql[] =
	"SELECT e.position, e.user_id, c.id, " COLUMNS_OF(
		CHANGE_COLUMNS) ", " COLUMNS_OF(MESSAGE_COLUMNS) " FROM event "
								 "e JOIN "
								 "conversation "
								 "c ON c.n = "
								 "e.n"
								 " LEFT JOIN "
								 "change h ON "
								 "h.place = "
								 "(e.n << 32 | "
								 "e.change)"
								 " LEFT JOIN "
								 "message m ON "
								 "m.place = "
								 "(e.n << 32 | "
								 "h.seq)"
								 " WHERE "
								 "e.position > "
								 "? ORDER BY "
								 "e.position "
								 "LIMIT ?";

/* As everybody sees it, or the one who alone hears of it. */
static void give_changed(struct query *q, const struct sqlite_conversation *c,
			 struct store_change *change)
{
	const char *viewer = change->hidden ? change->by : "";

	sqlite_message_row(q, EVENT_MESSAGE, c, viewer, &change->message);
	sqlite_reactions_read(q->db, c, viewer, &change->message);
	change->later = sqlite_members_later(q->db, c, change->message.seq);
}

static bool give_change(struct query *q, const struct sqlite_conversation *c,
			const struct store_recent *recent)
{
	struct store_change change;
	struct sqlite_members seen;
	bool more;

	sqlite_change_row(q, EVENT_CHANGE, c, &change);
	if (change.kind != CHANGE_ERASE)
		give_changed(q, c, &change);
	sqlite_members_read(q->db, c, change.message.sender, &seen);
	query_id(q, EVENT_POSITION, change.position);
	more = recent->change(&change, &seen.conversation, recent->context);
	free(change.later);
	return more;
}

static bool give_event(struct stream *stream, const struct store_recent *recent)
{
	struct query *q = &stream->q;
	struct sqlite_conversation c;
	char id[ID_SIZE], user[ID_SIZE];

	query_id(q, EVENT_CONVERSATION, id);
	query_id(q, EVENT_USER, user);
	if (!sqlite_conversation_find(q->db, id, &c))
		return true;
	if (user[0] == '\0')
		return give_change(q, &c, recent);
	return give_marks(q->db, &c, user, recent);
}

/* ---- both, in order ---- */

/* True: there is more than was wanted. */
static bool merge(struct stream *messages, struct stream *events,
		  struct store_recent *recent)
{
	bool wanted = true;

	for (size_t n = 0;; n++) {
		bool is_message = goes_first(messages, events);
		struct stream *stream = is_message ? messages : events;

		if (stream->next[0] == '\0')
			return false;
		if (!wanted || n == recent->limit)
			return true;
		wanted = is_message ? give_message(stream, recent)
				    : give_event(stream, recent);
		memcpy(recent->after, stream->next, ID_SIZE);
		stream_step(stream);
	}
}

/* Housekeeping forgets what happened besides messages. */
static bool is_forgotten(struct sqlite_db *db, const char *after)
{
	static const char sql[] =
		"SELECT value > ? FROM meta WHERE key = 'forgotten'";

	return QUERY_INT(db, sql, TEXT(after)) != 0;
}

static enum store_status event_recent(struct store *store,
				      struct store_recent *recent, bool *more)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);

	recent->lost = is_forgotten(db, recent->after);

	struct stream messages =
		stream_open(db, messages_sql, MESSAGE_AT + m_id, recent);
	struct stream events =
		stream_open(db, events_sql, EVENT_POSITION, recent);

	*more = merge(&messages, &events, recent);
	query_close(&messages.q);
	query_close(&events.q);
	return sqlite_end(db, STORE_OK);
}

static enum store_status event_newest(struct store *store, char out[ID_SIZE])
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);

	sqlite_clock_newest(db, out);
	return sqlite_end(db, STORE_OK);
}

const struct store_event_verbs sqlite_event_verbs = {
	.recent = event_recent,
	.newest = event_newest,
};
