#include "store_sqlite.h"

#include <string.h>

#include "mem.h"
#include "sqlite_members.h"

/* ---- one row, as its viewer sees it ---- */

/* What a query of these gives, in this order; positions end with the newest
 * message's step, ?1 is the viewer. */
enum {
	AT_CONVERSATION,
	AT_MESSAGE = AT_CONVERSATION + CONVERSATION_COLUMN_COUNT,
	AT_TITLE = AT_MESSAGE + MESSAGE_COLUMN_COUNT,
	AT_AVATAR,
	AT_MUTED,
	AT_OTHER,
};
#define SELECT_POSITION                                                        \
	"SELECT " COLUMNS_OF(CONVERSATION_COLUMNS) ", " COLUMNS_OF(STEP_COLUMNS)
#define SELECT_WHOLE                                                           \
	"SELECT " COLUMNS_OF(CONVERSATION_COLUMNS) ", " COLUMNS_OF(            \
		MESSAGE_COLUMNS) ", c.title, c.avatar, (SELECT muted_until "   \
				 "FROM inbox"                                  \
				 " WHERE user_id = ?1 AND conversation = "     \
				 "c.id), " COLUMNS_OF(USER_SHOWN_COLUMNS)
#define JOIN_OTHER " LEFT JOIN user u ON u.id = iif(c.low = ?1, c.high, c.low)"

/* Everything borrowed. */
struct view {
	const struct store_viewer *viewer;
	struct sqlite_members seen;
	struct store_user other;
	struct store_message last;
};

/* A position gives its time, too: the milliseconds that it begins with. */
static int64_t time_of(const char position[ID_SIZE])
{
	char text[13];

	memcpy(text, position, 12);
	text[12] = '\0';
	return strtoll(text, NULL, 16);
}

/* Nobody is no member of what only their role lets them see. */
static void view_me(struct view *view, struct sqlite_db *db,
		    const struct sqlite_conversation *c)
{
	struct store_conversation *out = &view->seen.conversation;
	bool member = sqlite_member_of(db, c, view->viewer, &out->me);

	if (!member) {
		out->me = (struct store_member){.joined_seq = 1};
		memcpy(out->me.user_id, view->viewer->id, ID_SIZE);
	}
	out->first_seq =
		store_sight(view->viewer, c->kind, member ? &out->me : NULL);
}

/* False: the viewer sees nothing of it. */
static bool view_position(struct sqlite_db *db, struct query *q,
			  struct view *view)
{
	struct sqlite_conversation c;

	sqlite_conversation_row(q, AT_CONVERSATION, &c);
	sqlite_conversation_last(q, AT_MESSAGE, &c);
	sqlite_members_read(db, &c, &view->seen);
	view->seen.conversation.updated_at =
		c.last_seq > 0 ? c.last_created_at : time_of(c.made);
	view_me(view, db, &c);
	return view->seen.conversation.first_seq > 0;
}

static bool view_whole(struct sqlite_db *db, struct query *q, struct view *view)
{
	struct store_conversation *out = &view->seen.conversation;
	struct sqlite_conversation c;

	if (!view_position(db, q, view))
		return false;
	sqlite_conversation_row(q, AT_CONVERSATION, &c);
	out->title = query_text(q, AT_TITLE);
	out->avatar = query_text(q, AT_AVATAR);
	out->muted_until = query_int(q, AT_MUTED);
	if (!query_is_null(q, AT_OTHER)) {
		sqlite_user_shown_row(q, AT_OTHER, &view->other);
		out->other = &view->other;
	}
	if (out->last_seq >= out->first_seq) {
		sqlite_message_row(q, AT_MESSAGE, &c, &view->last);
		out->last_message = &view->last;
	}
	return true;
}

/* ---- one of them ---- */

static void *copy(const void *from, size_t size)
{
	return memcpy(xmalloc(size), from, size);
}

static void view_own(const struct view *view, struct store_conversation *out)
{
	*out = view->seen.conversation;
	out->title = xstrdup(out->title);
	out->avatar = xstrdup(out->avatar);
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
	static const char sql[] =
		SELECT_WHOLE " FROM conversation c" JOIN_NEWEST JOIN_OTHER
			     " WHERE c.id = ?2";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct query q = QUERY(db, sql, ID(viewer->id), ID(id));
	struct view view = {.viewer = viewer};
	bool found = query_row(&q) && view_whole(db, &q, &view);

	if (found)
		view_own(&view, out);
	query_close(&q);

	enum store_status status = sqlite_end_found(db, found);

	if (status != STORE_OK)
		store_conversation_done(out);
	return status;
}

/* ---- the viewer's list ---- */

/* ?2: how many. Only ids are sorted: a subquery that is cut by LIMIT is a list
 * in its order, and CROSS JOIN goes along it. An ORDER BY at the end would sort
 * all of it, texts too, once more. */
#define PLACE_OF(n)                                                            \
	"(SELECT max(place) FROM message WHERE place BETWEEN " n               \
	" << 32 AND (" n " << 32 | 4294967295))"
#define FROM_NEWEST(behind)                                                    \
	" FROM (SELECT i.conversation, m.place FROM inbox i"                   \
	"  LEFT JOIN message m ON m.place = " PLACE_OF(                        \
		"i.n") "  WHERE i.user_id = ?1" behind "  ORDER BY " NEWEST    \
		       " DESC LIMIT ?2) newest"                                \
		       " CROSS JOIN conversation c ON c.id ="                  \
		       "  newest.conversation"                                 \
		       " LEFT JOIN message m ON m.place = newest.place"
#define NEWEST                                                                 \
	"coalesce(m.id, (SELECT made FROM conversation"                        \
	" WHERE id = i.conversation))"
/* ?3: a conversation of the viewer's; where another's stands is not said. */
#define BEHIND                                                                 \
	" AND " NEWEST " < (SELECT coalesce("                                  \
	"(SELECT id FROM message WHERE place = " PLACE_OF(                     \
		"b.n") "), b.made) FROM conversation b"                        \
		       " JOIN inbox o ON o.user_id = ?1"                       \
		       "  AND o.conversation = b.id WHERE b.id = ?3)"

static enum store_status
each_newest(struct store *store, const struct store_viewer *viewer,
	    const char *sql, const struct store_list *list,
	    bool fill(struct sqlite_db *, struct query *, struct view *),
	    store_each_conversation *each, void *context)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct query q =
		list->before == NULL
			? QUERY(db, sql, ID(viewer->id), INT(list->limit))
			: QUERY(db, sql, ID(viewer->id), INT(list->limit),
				ID(list->before));
	struct view view = {.viewer = viewer};

	while (query_row(&q)) {
		if (fill(db, &q, &view) &&
		    !each(&view.seen.conversation, context))
			break;
	}
	query_close(&q);
	return sqlite_end(db, STORE_OK);
}

static enum store_status conversation_list(struct store *store,
					   const struct store_viewer *viewer,
					   const struct store_list *list,
					   store_each_conversation *each,
					   void *context)
{
	static const char all[] = SELECT_WHOLE FROM_NEWEST("") JOIN_OTHER;
	static const char behind[] =
		SELECT_WHOLE FROM_NEWEST(BEHIND) JOIN_OTHER;

	return each_newest(store, viewer, list->before == NULL ? all : behind,
			   list, view_whole, each, context);
}

static enum store_status
conversation_positions(struct store *store, const struct store_viewer *viewer,
		       size_t limit, store_each_conversation *each,
		       void *context)
{
	static const char sql[] = SELECT_POSITION FROM_NEWEST("");
	const struct store_list list = {.limit = limit};

	return each_newest(store, viewer, sql, &list, view_position, each,
			   context);
}

/* ---- who hears of whom ---- */

static enum store_status each_id(struct store *store, const char *sql,
				 const struct store_viewer *viewer,
				 size_t limit, store_each_id *each,
				 void *context)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct query q = QUERY(db, sql, ID(viewer->id), INT(limit));
	char id[ID_SIZE];

	while (query_row(&q)) {
		query_id(&q, 0, id);
		each(id, context);
	}
	return sqlite_end(db, STORE_OK);
}

static enum store_status conversation_rooms(struct store *store,
					    const struct store_viewer *viewer,
					    store_each_id *each, void *context)
{
	static const char sql[] =
		"SELECT conversation FROM inbox WHERE user_id = ?"
		" AND kind <> 0 LIMIT ?";

	return each_id(store, sql, viewer, INT32_MAX, each, context);
}

static enum store_status
conversation_contacts(struct store *store, const struct store_viewer *viewer,
		      size_t limit, store_each_id *each, void *context)
{
	static const char sql[] =
		"SELECT other FROM inbox WHERE user_id = ?1 AND kind = 0"
		" UNION SELECT o.user_id FROM inbox i JOIN member o"
		"  ON o.n = i.n AND o.user_id <> ?1"
		" WHERE i.user_id = ?1 AND i.kind = 1"
		"  AND (SELECT count(*) FROM member WHERE n = i.n) <= 100"
		" LIMIT ?2";

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
