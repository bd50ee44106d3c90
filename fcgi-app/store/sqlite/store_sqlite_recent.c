#include "store_sqlite.h"

#include <string.h>

/* ---- what was written lately ---- */

static void recent_marks(struct sqlite_db *db,
			 const struct store_recent *recent)
{
	static const char sql[] =
		"SELECT me.conversation, me.user_id, c.kind,"
		" iif(c.low = me.user_id, c.high, c.low), me.received_seq,"
		" me.read_seq FROM member me"
		" JOIN conversation c ON c.id = me.conversation"
		" WHERE me.moved_at >= ? ORDER BY me.moved_at";
	struct query q = QUERY(db, sql, INT(recent->since));

	while (query_row(&q)) {
		struct store_read_marks marks = {
			.conversation_kind =
				(enum store_conversation_kind)query_int(&q, 2),
			.received_seq = query_int(&q, 4),
			.read_seq = query_int(&q, 5),
		};

		query_id(&q, 0, marks.conversation);
		query_id(&q, 1, marks.user_id);
		query_id(&q, 3, marks.other);
		sqlite_name_messages(db, &marks);
		recent->marks(&marks, recent->context);
	}
}

/* Two streams by id, each with the id of its next row; "" at its end. */
struct stream {
	struct query q;
	int id_column;
	char next[ID_SIZE];
};

static void stream_step(struct stream *stream)
{
	stream->next[0] = '\0';
	if (query_row(&stream->q))
		query_id(&stream->q, stream->id_column, stream->next);
}

static struct stream stream_open(struct sqlite_db *db, const char *sql,
				 int id_column,
				 const struct store_recent *recent)
{
	struct stream stream = {
		.q = QUERY(db, sql, TEXT(recent->after),
			   INT(recent->limit + 1)),
		.id_column = id_column,
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

static bool give_message(const struct stream *stream,
			 const struct store_recent *recent)
{
	struct store_message message;

	sqlite_message_row(&stream->q, 0, &message);
	return recent->message(&message, recent->context);
}

static bool give_change(const struct stream *stream,
			const struct store_recent *recent)
{
	struct store_change change;
	struct sqlite_members seen;

	sqlite_change_row(&stream->q, 0, &change);
	sqlite_members_read(stream->q.db, &change.message, &seen);
	return recent->change(&change, &seen.in, recent->context);
}

/* True: there is more than was wanted. */
static bool merge(struct stream *messages, struct stream *changes,
		  struct store_recent *recent)
{
	bool wanted = true;

	for (size_t n = 0;; n++) {
		bool is_message = goes_first(messages, changes);
		struct stream *stream = is_message ? messages : changes;

		if (stream->next[0] == '\0')
			return false;
		if (!wanted || n == recent->limit)
			return true;
		wanted = is_message ? give_message(stream, recent)
				    : give_change(stream, recent);
		memcpy(recent->after, stream->next, ID_SIZE);
		stream_step(stream);
	}
}

static enum store_status event_recent(struct store *store,
				      struct store_recent *recent, bool *more)
{
	static const char messages_sql[] =
		"SELECT " MESSAGE_COLUMNS " FROM message m"
		" JOIN conversation c ON c.id = m.conversation"
		" WHERE m.id > ? ORDER BY m.id LIMIT ?";
	static const char changes_sql[] =
		FROM_CHANGE " WHERE h.id > ? ORDER BY h.id LIMIT ?";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);

	if (recent->after[0] == '\0') {
		recent_marks(db, recent);
		id_floor(recent->since, recent->after);
	}
	struct stream messages = stream_open(db, messages_sql, 0, recent);
	struct stream changes =
		stream_open(db, changes_sql, CHANGE_ID_COLUMN, recent);

	*more = merge(&messages, &changes, recent);
	query_close(&messages.q);
	query_close(&changes.q);
	return sqlite_db_end(db, STORE_OK);
}

const struct store_event_verbs sqlite_event_verbs = {
	.recent = event_recent,
};
