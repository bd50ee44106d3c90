#include "store_mongo.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "mongo_change.h"
#include "mongo_reactions.h"
#include "mongo_read_marks.h"
#include "mongo_step.h"

/* The rest is for another call: each may have to look into a conversation. */
#define ENOUGH_MS 300

/* As many as can be under way: one of each process that writes. */
#define MENDED_MAX 64

/* A position is made before it is written, and no verb takes longer than this;
 * whoever works looks at the newest more often (worker.c), so that their clock
 * is not behind it. */
#define MARGIN_MS 2500

/* Three streams by position, each with that of its next row; "" at its end. */
struct stream {
	struct mongo_rows rows;
	char next[ID_SIZE];
};
enum { MESSAGES, CHANGES, EVENTS, STREAMS };

struct hearing {
	struct mongo_db *db;
	struct store_recent *recent;
	struct stream streams[STREAMS];
	struct mongo_conversation c; /* the one that was needed last */
};

static void stream_step(struct stream *stream)
{
	stream->next[0] = '\0';
	if (mongo_next(&stream->rows))
		mongo_read_id(stream->rows.row, "_id", stream->next);
}

static void stream_open(struct mongo_db *db, enum mongo_collection in,
			const struct store_recent *recent, struct stream *out)
{
	out->rows = mongo_find(
		db, in,
		&(struct mongo_find){
			.filter = DOC(SUB("_id", ID("$gt", recent->after))),
			.sort = DOC(INT("_id", 1)),
			.limit = recent->limit + 1,
		});
	stream_step(out);
}

/* NULL: all are at their ends. */
static struct stream *goes_first(struct stream streams[STREAMS])
{
	struct stream *first = NULL;

	for (size_t i = 0; i < STREAMS; i++) {
		struct stream *one = &streams[i];

		if (one->next[0] != '\0' &&
		    (first == NULL || strcmp(one->next, first->next) < 0))
			first = one;
	}
	return first;
}

/* The conversation of a row, as it stands with what the row is in it. */
static bool find_conversation(struct hearing *h, const bson_t *row, int64_t seq)
{
	char id[ID_SIZE];

	mongo_read_id(row, "c", id);
	if (strcmp(h->c.id, id) == 0 && h->c.last_seq >= seq)
		return true;
	mongo_conversation_done(&h->c);
	if (!mongo_conversation_find(h->db, id, &h->c))
		return mongo_step_first(h->db, id, &h->c);
	if (h->c.last_seq < seq)
		mongo_step_mend(h->db, &h->c);
	return true;
}

/* ---- read marks ---- */

/* It is not known which of both moved. */
static bool give_marks(struct hearing *h, const char *user)
{
	const struct mongo_conversation *c = &h->c;
	struct store_read_marks marks = {.conversation_kind = c->kind};
	struct mongo_member member;

	/* Whoever left has none any more. An operator's are the server's. */
	if (!mongo_member_find(h->db, c, user, &member) &&
	    (c->kind != CONVERSATION_SUPPORT ||
	     !mongo_member_find(h->db, c, ID_SERVER, &member)))
		return true;
	user = member.row.user_id;
	memcpy(marks.conversation, c->id, ID_SIZE);
	memcpy(marks.user_id, user, ID_SIZE);
	memcpy(marks.other, mongo_conversation_other(c, user), ID_SIZE);
	marks.received_seq = member.row.received_seq;
	marks.read_seq = member.row.read_seq;
	marks.received_moved = marks.received_seq > 0;
	marks.read_moved = marks.read_seq > 0;
	mongo_marks_name(h->db, c, &marks);
	mongo_marks_for(h->db, c, &marks);
	return h->recent->marks(&marks, h->recent->context);
}

/* ---- messages and changes ---- */

static bool give_message(struct hearing *h, const bson_t *row)
{
	struct store_message message;
	bool more = true;

	if (!find_conversation(h, row, mongo_read_int(row, "seq")))
		return true;
	mongo_message_read(row, &h->c, "", &message);
	mongo_reactions_read(h->db, row, "", &message);
	memcpy(message.client, mongo_conversation_client(&h->c), ID_SIZE);
	if (mongo_read_bool(row, "passed"))
		more = give_marks(h, message.sender);
	return h->recent->message(&message, h->recent->context) && more;
}

static bool give_change(struct hearing *h, const bson_t *row,
			const char *position)
{
	struct store_change change;
	struct mongo_hiding hiding;
	struct mongo_view seen;
	bson_t message;
	bool folded, more;

	if (!find_conversation(h, row, 0))
		return true;
	mongo_change_read(row, &h->c, &change);
	folded = change.kind != CHANGE_ERASE &&
		 mongo_find_one(h->db, IN_MESSAGE,
				DOC(ID("c", h->c.id),
				    INT("seq", mongo_read_int(row, "seq"))),
				NULL, &message);
	/* As everybody sees it, or the one who alone hears of it. */
	if (folded) {
		const char *viewer = change.hidden ? change.by : "";

		mongo_message_read(&message, &h->c, viewer, &change.message);
		mongo_reactions_read(h->db, &message, viewer, &change.message);
		change.later =
			mongo_members_later(h->db, &h->c, change.message.seq);
	}
	mongo_conversations_hiding(h->db, &h->c, 1, sizeof(h->c), &hiding);
	mongo_view_read(h->db, &h->c, &hiding, change.message.sender, &seen);
	mongo_hiding_done(&hiding);
	memcpy(change.position, position, ID_SIZE);
	more = h->recent->change(&change, &seen.conversation,
				 h->recent->context);
	if (folded)
		bson_destroy(&message);
	free(change.later);
	return more;
}

/* One that was numbered late: it is announced again, where it is now. */
static bool give_late(struct hearing *h, const bson_t *event,
		      const char *position)
{
	char id[ID_SIZE];
	bson_t row;
	bool more;

	mongo_read_id(event, "c", id);
	if (!mongo_find_one(h->db, IN_CHANGE,
			    DOC(ID("c", id),
				INT("change", mongo_read_int(event, "change"))),
			    NULL, &row))
		return true;
	more = give_change(h, &row, position);
	bson_destroy(&row);
	return more;
}

static bool give_event(struct hearing *h, const bson_t *row,
		       const char *position)
{
	char user[ID_SIZE];

	mongo_read_id(row, "u", user);
	if (user[0] == '\0')
		return give_late(h, row, position);
	mongo_conversation_done(&h->c); /* marks move without a seq */
	return !find_conversation(h, row, 0) || give_marks(h, user);
}

/* ---- all, in order ---- */

static bool give(struct hearing *h, const struct stream *stream)
{
	const bson_t *row = stream->rows.row;

	if (stream == &h->streams[MESSAGES])
		return give_message(h, row);
	if (stream == &h->streams[CHANGES])
		return give_change(h, row, stream->next);
	return give_event(h, row, stream->next);
}

/* True: there is more than was wanted. */
static bool merge(struct hearing *h)
{
	struct stream *stream;
	bool wanted = true;

	for (size_t n = 0; (stream = goes_first(h->streams)) != NULL; n++) {
		if (!wanted || n == h->recent->limit ||
		    (n > 0 && clock_mono_ms() - h->db->begun_ms > ENOUGH_MS))
			return true;
		wanted = give(h, stream);
		memcpy(h->recent->after, stream->next, ID_SIZE);
		stream_step(stream);
	}
	return false;
}

/* Whoever was killed with a change folded in announces it no more, and whoever
 * meets it later does not either: so it gets its number here, and its turn. */
static void mend_changes(struct mongo_db *db, const char *after)
{
	struct mongo_rows rows = mongo_find(
		db, IN_MESSAGE,
		&(struct mongo_find){
			.filter = DOC(SUB("pending.op", ID("$gt", after))),
			.limit = MENDED_MAX,
		});
	bson_t mended;

	while (mongo_next(&rows)) {
		if (mongo_change_mend(db, rows.row, &mended))
			bson_destroy(&mended);
	}
	mongo_close(&rows);
}

/* Housekeeping forgets what happened besides messages. */
static bool is_forgotten(struct mongo_db *db, const char *after)
{
	char forgotten[ID_SIZE] = "";
	bson_t row;

	if (mongo_find_one(db, IN_META, DOC(TEXT("_id", "forgotten")), NULL,
			   &row)) {
		mongo_read_id(&row, "position", forgotten);
		bson_destroy(&row);
	}
	return strcmp(forgotten, after) > 0;
}

static enum store_status event_recent(struct store *store,
				      struct store_recent *recent, bool *more)
{
	static const enum mongo_collection from[STREAMS] = {
		[MESSAGES] = IN_MESSAGE,
		[CHANGES] = IN_CHANGE,
		[EVENTS] = IN_EVENT,
	};
	struct hearing h = {
		.db = mongo_begin(store, ACCESS_READ),
		.recent = recent,
	};

	recent->lost = is_forgotten(h.db, recent->after);
	mend_changes(h.db, recent->after);
	for (size_t i = 0; i < STREAMS; i++)
		stream_open(h.db, from[i], recent, &h.streams[i]);
	*more = merge(&h);
	for (size_t i = 0; i < STREAMS; i++)
		mongo_close(&h.streams[i].rows);
	mongo_conversation_done(&h.c);
	return mongo_end(h.db, STORE_OK);
}

static void see_newest(struct mongo_db *db, enum mongo_collection in,
		       char newest[ID_SIZE])
{
	struct mongo_rows rows =
		mongo_find(db, in,
			   &(struct mongo_find){.fields = DOC(INT("_id", 1)),
						.sort = DOC(INT("_id", -1)),
						.limit = 1});
	char id[ID_SIZE];

	if (mongo_next(&rows)) {
		mongo_read_id(rows.row, "_id", id);
		if (strcmp(id, newest) > 0)
			memcpy(newest, id, ID_SIZE);
	}
	mongo_close(&rows);
}

static enum store_status event_newest(struct store *store, char out[ID_SIZE])
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);

	id_floor(0, out);
	see_newest(db, IN_MESSAGE, out);
	see_newest(db, IN_CHANGE, out);
	see_newest(db, IN_EVENT, out);
	mongo_clock_seen(db, out);
	return mongo_end(db, STORE_OK);
}

const struct store_event_verbs mongo_event_verbs = {
	.recent = event_recent,
	.newest = event_newest,
	.margin_ms = MARGIN_MS,
};
