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
	struct query q = QUERY(db, sql, TEXT(conversation), TEXT(user));
	bool found = query_row(&q);

	memset(out, 0, sizeof(*out));
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
	alias ".owner, " alias ".muted, " alias ".joined_seq, " alias          \
	      ".received_seq, " alias ".read_seq"

enum {
	COLUMN_PLACE,
	COLUMN_LAST_SEQ = COLUMN_PLACE + 4,
	COLUMN_LAST_CHANGE,
	COLUMN_ME,
	COLUMN_OTHER_MEMBER = COLUMN_ME + 5,
	COLUMN_TITLE = COLUMN_OTHER_MEMBER + 5, /* from here: whole ones */
	COLUMN_UPDATED_AT,
	COLUMN_OTHER_USER,
	COLUMN_LAST_MESSAGE = COLUMN_OTHER_USER + USER_SHOWN_COLUMN_COUNT,
};

/* Where a conversation stands. ?1: the viewer. */
#define SELECT_POSITION                                                        \
	"SELECT " PLACE_COLUMNS                                                \
	", c.last_seq, c.last_change, " MEMBER_COLUMNS(                        \
		"me") ", " MEMBER_COLUMNS("o")
#define JOIN_POSITION                                                          \
	" JOIN member me ON me.conversation = c.id AND me.user_id = ?1"        \
	" LEFT JOIN member o ON o.conversation = c.id"                         \
	"  AND o.user_id = iif(c.low = ?1, c.high, c.low)"
/* ... and all there is to see of it. */
#define SELECT_WHOLE                                                           \
	SELECT_POSITION ", c.title, c.updated_at, " USER_SHOWN_COLUMNS         \
			", " MESSAGE_OWN_COLUMNS
#define JOIN_WHOLE                                                             \
	JOIN_POSITION                                                          \
	" LEFT JOIN user u ON u.id = o.user_id"                                \
	" LEFT JOIN message m ON m.conversation = c.id"                        \
	"  AND m.seq = c.last_seq"
/* ?2: how many. Only the ids are sorted: a subquery that is cut by LIMIT is a
 * list in its order, and CROSS JOIN goes along it. An ORDER BY at the end would
 * sort all of it, texts too, once more. */
#define FROM_NEWEST                                                            \
	" FROM (SELECT c.id FROM member me"                                    \
	"  JOIN conversation c ON c.id = me.conversation"                      \
	"  WHERE me.user_id = ?1"                                              \
	"  ORDER BY c.updated_at DESC, c.id LIMIT ?2) newest"                  \
	" CROSS JOIN conversation c ON c.id = newest.id"

/* A conversation as one row gives it: everything borrowed. */
struct view {
	const struct store_viewer *viewer;
	struct store_conversation conversation;
	struct store_user other;
	struct store_message last;
	struct store_member members[LIMIT_MEMBERS_SHOWN];
};

static void member_row(const struct query *q, int column, const char *user_id,
		       struct store_member *out)
{
	memcpy(out->user_id, user_id, ID_SIZE);
	out->owner = query_int(q, column) != 0;
	out->muted = query_int(q, column + 1) != 0;
	out->joined_seq = query_int(q, column + 2);
	out->received_seq = query_int(q, column + 3);
	out->read_seq = query_int(q, column + 4);
}

/* All members, or only their number where they are more than are shown. */
static void read_members(struct sqlite_db *db, struct store_conversation *c,
			 struct store_member *members)
{
	static const char sql[] = "SELECT " MEMBER_COLUMNS(
		"me") ", me.user_id FROM member me"
		      " WHERE conversation = ? ORDER BY user_id";
	struct query q = QUERY(db, sql, TEXT(c->id));

	for (; query_row(&q); c->member_count++)
		if (c->member_count < LIMIT_MEMBERS_SHOWN)
			member_row(&q, 0, query_text(&q, 5),
				   &members[c->member_count]);
	if (c->member_count <= LIMIT_MEMBERS_SHOWN)
		c->members = members;
}

void sqlite_members_read(struct sqlite_db *db,
			 const struct store_message *message,
			 struct sqlite_members *out)
{
	out->in = (struct store_conversation){
		.kind = message->conversation_kind,
	};
	memcpy(out->in.id, message->conversation, ID_SIZE);
	read_members(db, &out->in, out->members);
}

/* Of two, the row has both. */
static void view_pair(const struct query *q, const struct sqlite_place *place,
		      struct view *view)
{
	struct store_conversation *c = &view->conversation;
	bool low = strcmp(place->low, view->viewer->id) == 0;

	c->member_count = 2;
	c->members = view->members;
	c->members[0] = c->me;
	member_row(q, COLUMN_OTHER_MEMBER, low ? place->high : place->low,
		   &c->members[1]);
}

static void view_place(struct sqlite_db *db, const struct query *q,
		       const struct sqlite_place *place, struct view *view)
{
	struct store_conversation *c = &view->conversation;

	*c = (struct store_conversation){.kind = place->kind};
	memcpy(c->id, place->conversation, ID_SIZE);
	c->last_seq = query_int(q, COLUMN_LAST_SEQ);
	c->last_change = query_int(q, COLUMN_LAST_CHANGE);
	member_row(q, COLUMN_ME, view->viewer->id, &c->me);
	c->first_seq = store_sight(view->viewer, c->kind, &c->me);
	if (c->kind == CONVERSATION_DIRECT)
		view_pair(q, place, view);
	else
		read_members(db, c, view->members);
}

static void view_position(struct sqlite_db *db, const struct query *q,
			  struct view *view)
{
	struct sqlite_place place;

	sqlite_place_row(q, COLUMN_PLACE, &place);
	view_place(db, q, &place, view);
}

static void view_whole(struct sqlite_db *db, const struct query *q,
		       struct view *view)
{
	struct store_conversation *c = &view->conversation;
	struct sqlite_place place;

	sqlite_place_row(q, COLUMN_PLACE, &place);
	view_place(db, q, &place, view);
	c->title = query_text(q, COLUMN_TITLE);
	c->updated_at = query_int(q, COLUMN_UPDATED_AT);
	if (query_text(q, COLUMN_OTHER_USER) != NULL) {
		sqlite_user_shown_row(q, COLUMN_OTHER_USER, &view->other);
		c->other = &view->other;
	}
	if (query_text(q, COLUMN_LAST_MESSAGE) != NULL) {
		sqlite_message_row_in(q, COLUMN_LAST_MESSAGE, &place,
				      &view->last);
		c->last_message = &view->last;
	}
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

static enum store_status conversation_get(struct store *store,
					  const struct store_viewer *viewer,
					  const char *id,
					  struct store_conversation *out)
{
	static const char sql[] = SELECT_WHOLE " FROM conversation c" JOIN_WHOLE
					       " WHERE c.id = ?2";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct query q = QUERY(db, sql, TEXT(viewer->id), TEXT(id));
	struct view view = {.viewer = viewer};
	bool found = query_row(&q);

	if (found) {
		view_whole(db, &q, &view);
		view_own(&view, out);
	}
	query_close(&q);
	return sqlite_end_found(db, found);
}

static enum store_status
each_newest(struct store *store, const struct store_viewer *viewer,
	    const char *sql, size_t limit,
	    void fill(struct sqlite_db *, const struct query *, struct view *),
	    store_each_conversation *each, void *context)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct query q = QUERY(db, sql, TEXT(viewer->id), INT(limit));
	struct view view = {.viewer = viewer};

	while (query_row(&q)) {
		fill(db, &q, &view);
		if (!each(&view.conversation, context))
			break;
	}
	query_close(&q);
	return sqlite_db_end(db, STORE_OK);
}

static enum store_status
conversation_list(struct store *store, const struct store_viewer *viewer,
		  size_t limit, store_each_conversation *each, void *context)
{
	static const char sql[] = SELECT_WHOLE FROM_NEWEST JOIN_WHOLE;

	return each_newest(store, viewer, sql, limit, view_whole, each,
			   context);
}

static enum store_status
conversation_positions(struct store *store, const struct store_viewer *viewer,
		       size_t limit, store_each_conversation *each,
		       void *context)
{
	static const char sql[] = SELECT_POSITION FROM_NEWEST JOIN_POSITION;

	return each_newest(store, viewer, sql, limit, view_position, each,
			   context);
}

/* ---- who hears of whom ---- */

static enum store_status each_id(struct store *store, const char *sql,
				 const struct store_viewer *viewer,
				 size_t limit, store_each_id *each,
				 void *context)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct query q = QUERY(db, sql, TEXT(viewer->id), INT(limit));

	while (query_row(&q))
		each(query_text(&q, 0), context);
	return sqlite_db_end(db, STORE_OK);
}

static enum store_status conversation_rooms(struct store *store,
					    const struct store_viewer *viewer,
					    store_each_id *each, void *context)
{
	static const char sql[] =
		"SELECT c.id FROM member me JOIN conversation c"
		"  ON c.id = me.conversation"
		" WHERE me.user_id = ? AND c.kind <> 0 LIMIT ?";

	return each_id(store, sql, viewer, INT32_MAX, each, context);
}

static enum store_status
conversation_contacts(struct store *store, const struct store_viewer *viewer,
		      size_t limit, store_each_id *each, void *context)
{
	static const char sql[] =
		"SELECT DISTINCT o.user_id FROM member me"
		" JOIN conversation c ON c.id = me.conversation"
		" JOIN member o ON o.conversation = c.id"
		"  AND o.user_id <> me.user_id"
		" WHERE me.user_id = ? AND (c.kind = 0 OR (c.kind = 1"
		"  AND (SELECT count(*) FROM member n"
		"   WHERE n.conversation = c.id) <= 100)) LIMIT ?";

	return each_id(store, sql, viewer, limit, each, context);
}

const struct store_conversation_verbs sqlite_conversation_verbs = {
	.get = conversation_get,
	.list = conversation_list,
	.positions = conversation_positions,
	.mark = sqlite_mark,
	.rooms = conversation_rooms,
	.contacts = conversation_contacts,
};
