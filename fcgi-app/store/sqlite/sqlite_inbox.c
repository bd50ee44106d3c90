#include "sqlite_inbox.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "sqlite_members.h"
#include "sqlite_reactions.h"
#include "sqlite_schema.h"
#include "sqlite_texts.h"

#define LISTED_FIRST 64

static char no_text[] = "";

/* ---- rows ---- */

/* The first of the rows is the value: no LIMIT, which costs. */
#define PLACE_OF(n)                                                            \
	"(SELECT place FROM message WHERE place BETWEEN " n " << 32"           \
	" AND (" n " << 32 | 4294967295) ORDER BY place DESC)"
#define JOIN_MESSAGE(n) " LEFT JOIN message m ON m.place = " PLACE_OF(n)

/* STATE_COLUMNS, of a list: it says itself which conversation that is. And of a
 * direct one that the user is in, the other one. */
#define STATE_LISTED                                                           \
	"i.conversation, i.n, i.kind, " COLUMNS_OF(MARK_COLUMNS) ", i.other, "
/* A conversation without a message stands where it was made. */
#define SELECT_POSITION                                                        \
	"SELECT " STATE_LISTED NEWEST_COLUMNS ", coalesce(m.id, c.made)"
#define SELECT_WHOLE(state)                                                    \
	"SELECT " state COLUMNS_OF(                                            \
		MESSAGE_COLUMNS) ", m.other_own, "                             \
				 "c.made, c.hidden, c.title, c.avatar, "       \
				 "i.own, " COLUMNS_OF(USER_FACE_COLUMNS)
enum {
	AT_OTHER = STATE_COLUMN_COUNT,
	AT_MESSAGE,
	AT_POSITION = AT_MESSAGE + NEWEST_COLUMN_COUNT,
	AT_OTHER_OWN = AT_MESSAGE + MESSAGE_COLUMN_COUNT,
	AT_MADE,
	AT_HIDDEN,
	AT_TITLE,
	AT_AVATAR,
	AT_OWN,
	AT_FACE,
};

/* Of a direct conversation, its two. */
static void pair_row(const struct query *q, const char *user,
		     struct sqlite_conversation *c)
{
	char other[ID_SIZE];

	query_id(q, AT_OTHER, other);
	if (other[0] != '\0')
		sqlite_conversation_pair(c, user, other);
}

/* The newest message that they see, where the newest of all is hidden from
 * them; there may be none. */
static bool find_shown(struct sqlite_db *db, const char *user,
		       const struct sqlite_conversation *c, struct query *q)
{
	static const char sql[] = "SELECT " COLUMNS_OF(
		MESSAGE_COLUMNS) " FROM message m WHERE m.place = ?";
	int64_t seq = sqlite_last_seen(c, user);

	if (seq == c->last_seq)
		return false;
	*q = QUERY(db, sql, INT(sqlite_place_of(c->n, seq)));
	return query_row(q);
}

static void position_row(const struct query *q, const char *user,
			 struct sqlite_listed *out)
{
	struct query shown;

	sqlite_conversation_state(q, 0, &out->c);
	pair_row(q, user, &out->c);
	sqlite_conversation_last(q, AT_MESSAGE, &out->c);
	query_id(q, AT_POSITION, out->position);
	if (find_shown(q->db, user, &out->c, &shown)) {
		query_id(&shown, m_id, out->position);
		query_close(&shown);
	}
}

static void keep_texts(struct sqlite_inbox *inbox, struct sqlite_listed *out)
{
	char **const texts[] = {
		&out->title,
		&out->avatar,
		&out->last.sender_name,
		&out->last.content,
		&out->last.client_id,
		&out->last.attachment,
		&out->last.mentions,
		&out->last.reactions,
		&out->other.username,
		&out->other.display_name,
		&out->other.avatar,
		&out->other.status_text,
	};

	for (size_t i = 0; i < COUNT_OF(texts); i++)
		sqlite_texts_keep(&inbox->texts, texts[i]);
}

static void last_row(const struct query *q, struct sqlite_listed *out)
{
	const struct store_message *last = &out->last;
	struct sqlite_conversation *c = &out->c;

	c->last_seq = last->seq;
	memcpy(c->last_sender, last->sender, ID_SIZE);
	c->last_other_own = query_int(q, AT_OTHER_OWN);
	c->last_hidden = last->hidden ? query_int(q, AT_MESSAGE + m_hidden) : 0;
}

/* Of a direct one both are empty. */
static void title_row(const struct query *q, struct sqlite_listed *out)
{
	bool direct = out->c.kind == CONVERSATION_DIRECT;

	out->title = direct ? no_text : query_text(q, AT_TITLE);
	out->avatar = direct ? no_text : query_text(q, AT_AVATAR);
}

/* Of most they have changed nothing that is theirs alone: each change of it has
 * a number. */
static void own_row(struct sqlite_inbox *inbox, const struct query *q,
		    const char *user, struct sqlite_listed *out)
{
	static const char sql[] = SELECT_OWN;
	struct query own;

	out->own = (struct store_own){.number = query_int(q, AT_OWN)};
	memcpy(out->own.conversation, out->c.id, ID_SIZE);
	if (out->own.number == 0)
		return;
	own = QUERY(q->db, sql, ID(user), ID(out->c.id));
	if (query_row(&own)) {
		sqlite_own_row(&own, 0, &out->own);
		sqlite_texts_keep(&inbox->texts, &out->own.draft);
	}
	query_close(&own);
}

static void other_row(const struct query *q, const char *user,
		      struct sqlite_listed *out)
{
	out->other = (struct store_user){.id = ""};
	sqlite_user_face_row(q, AT_FACE, &out->other);
	if (out->other.username != NULL)
		memcpy(out->other.id, sqlite_conversation_other(&out->c, user),
		       ID_SIZE);
}

static void whole_row(struct sqlite_inbox *inbox, struct query *q,
		      const char *user, struct sqlite_listed *out)
{
	struct query shown;
	bool hidden;

	sqlite_conversation_state(q, 0, &out->c);
	pair_row(q, user, &out->c);
	sqlite_message_row(q, AT_MESSAGE, &out->c, user, &out->last);
	last_row(q, out);
	out->c.hidden = query_int(q, AT_HIDDEN);
	if (out->c.last_seq == 0)
		query_id(q, AT_MADE, out->c.made);
	hidden = find_shown(q->db, user, &out->c, &shown);
	if (hidden)
		sqlite_message_row(&shown, 0, &out->c, user, &out->last);
	memcpy(out->position, out->c.last_seq == 0 ? out->c.made : out->last.id,
	       ID_SIZE);
	sqlite_reactions_read(q->db, &out->c, user, &out->last);
	title_row(q, out);
	own_row(inbox, q, user, out);
	other_row(q, user, out);
	keep_texts(inbox, out);
	if (hidden)
		query_close(&shown);
}

static struct sqlite_listed *add_row(struct sqlite_inbox *inbox)
{
	if (inbox->count == inbox->cap) {
		inbox->cap = inbox->cap > 0 ? 2 * inbox->cap : LISTED_FIRST;
		inbox->listed = xrealloc(inbox->listed,
					 inbox->cap * sizeof(*inbox->listed));
	}
	return &inbox->listed[inbox->count++];
}

/* ---- one ---- */

/* NULL also to whom it is no conversation of theirs. */
#define OTHER_THERE "CASE ?1 WHEN c.low THEN c.high WHEN c.high THEN c.low END"
#define STATE_THERE COLUMNS_OF(STATE_COLUMNS) ", " OTHER_THERE ", "
#define FROM_CONVERSATION                                                      \
	" FROM conversation c LEFT JOIN inbox i"                               \
	"  ON i.user_id = ?1 AND i.conversation = c.id" JOIN_MESSAGE(          \
		"c.n") " LEFT JOIN user u ON u.id = " OTHER_THERE

/* Of a direct conversation that the user is not in the row does not say whose
 * it is. */
static bool is_complete(const struct sqlite_conversation *c)
{
	return c->kind != CONVERSATION_DIRECT || c->low[0] != '\0';
}

void sqlite_inbox_get(struct sqlite_db *db, const char *user, const char *id,
		      struct sqlite_inbox *out)
{
	static const char sql[] =
		SELECT_WHOLE(STATE_THERE) FROM_CONVERSATION " WHERE c.id = ?2";
	struct query q = QUERY(db, sql, ID(user), ID(id));

	*out = (struct sqlite_inbox){.count = 0};
	if (query_row(&q)) {
		struct sqlite_listed *listed = add_row(out);

		whole_row(out, &q, user, listed);
		query_id(&q, AT_MADE, listed->c.made);
		if (is_complete(&listed->c))
			sqlite_conversation_found(db, &listed->c);
	}
	query_close(&q);
}

/* ---- all of a user's ---- */

/* As position_row(), but where all is hidden from them: they do not see it. */
#define POSITION                                                               \
	"coalesce(iif(m.hidden = 0 OR m.sender = i.user_id, m.id,"             \
	" (SELECT id FROM message"                                             \
	"  WHERE place = (m.place >> 32 << 32) + m.hidden - 1)), c.made)"

/* Positions from low on, below high. */
struct window {
	char low[ID_SIZE], high[ID_SIZE];
};

#define FROM_INBOX                                                             \
	" FROM inbox i CROSS JOIN conversation c"                              \
	"  ON c.id = i.conversation" JOIN_MESSAGE("i.n")
#define IN_WINDOW(position)                                                    \
	" WHERE i.user_id = ? AND " position " >= ? AND " position " < ?"
#define READING(position)                                                      \
	{SELECT_WHOLE(STATE_LISTED) FROM_INBOX                                 \
	 " LEFT JOIN user u ON u.id = i.other" IN_WINDOW(position),            \
	 SELECT_POSITION FROM_INBOX IN_WINDOW(position),                       \
	 "SELECT " position " AS position" FROM_INBOX                          \
	 " WHERE i.user_id = ? AND position < ?"                               \
	 " ORDER BY position DESC LIMIT 1 OFFSET ?"}

/* Whose list is gone through from one end to the other, for all of it is
 * theirs; and the server's, to which everybody may write. */
struct reading {
	const char *whole, *positions, *low;
};

static const struct reading *reading_of(const char *user)
{
	static const struct reading theirs = READING(POSITION);
	static const struct reading servers = READING("i.newest");

	return strcmp(user, ID_SERVER) == 0 ? &servers : &theirs;
}

/* False: there are more than limit. They are sorted later and not by the
 * statement, which would do so with all of a row. */
static bool read_rows(struct query q, const char *user, bool whole,
		      size_t limit, struct sqlite_inbox *out)
{
	out->count = 0;
	while (query_row(&q)) {
		if (out->count == limit) {
			query_close(&q);
			return false;
		}
		if (whole)
			whole_row(out, &q, user, add_row(out));
		else
			position_row(&q, user, add_row(out));
	}
	return true;
}

/* Where each stands is not looked at: most lists are as short as this. */
static bool read_all(struct sqlite_db *db, const char *user,
		     const struct store_list *list, struct sqlite_inbox *out)
{
	static const char whole_sql[] = SELECT_WHOLE(STATE_LISTED) FROM_INBOX
		" LEFT JOIN user u ON u.id = i.other WHERE i.user_id = ?";
	static const char position_sql[] =
		SELECT_POSITION FROM_INBOX " WHERE i.user_id = ?";
	struct query q =
		QUERY(db, list->brief ? position_sql : whole_sql, ID(user));

	return read_rows(q, user, !list->brief, list->limit, out);
}

static bool read_window(struct sqlite_db *db, const char *user,
			const struct store_list *list,
			const struct window *window, struct sqlite_inbox *out)
{
	const struct reading *reading = reading_of(user);
	struct query q =
		QUERY(db, list->brief ? reading->positions : reading->whole,
		      ID(user), ID(window->low), ID(window->high));

	return read_rows(q, user, !list->brief, list->limit, out);
}

/* Where a conversation of theirs stands; "" for any other: it is not said. */
static void find_position(struct sqlite_db *db, const char *user,
			  const char *id, char out[ID_SIZE])
{
	static const char sql[] = "SELECT " POSITION FROM_INBOX
				  " WHERE i.user_id = ? AND i.conversation = ?";
	struct query q = QUERY(db, sql, ID(user), ID(id));

	out[0] = '\0';
	if (query_row(&q))
		query_id(&q, 0, out);
	query_close(&q);
}

/* The window begins with the last one that is wanted. */
static void find_low(struct sqlite_db *db, const char *user, size_t limit,
		     struct window *window)
{
	struct query q = QUERY(db, reading_of(user)->low, ID(user),
			       ID(window->high), INT(limit - 1));

	if (query_row(&q))
		query_id(&q, 0, window->low);
	query_close(&q);
}

static int newest_first(const void *a, const void *b)
{
	const struct sqlite_listed *const *one = a, *const *other = b;

	return strcmp((*other)->position, (*one)->position);
}

static void put_in_order(struct sqlite_inbox *inbox)
{
	if (inbox->count == 0)
		return;
	inbox->order = xcalloc(inbox->count, sizeof(struct sqlite_listed *));
	for (size_t i = 0; i < inbox->count; i++)
		inbox->order[i] = &inbox->listed[i];
	qsort(inbox->order, inbox->count, sizeof(struct sqlite_listed *),
	      newest_first);
}

void sqlite_inbox_read(struct sqlite_db *db, const char *user,
		       const struct store_list *list, struct sqlite_inbox *out)
{
	struct window window = {.high = "ffffffffffffffffffffffff"};
	bool whole_list = list->before == NULL && strcmp(user, ID_SERVER) != 0;

	*out = (struct sqlite_inbox){.count = 0};
	id_floor(0, window.low);
	if (list->before != NULL)
		find_position(db, user, list->before, window.high);
	if (window.high[0] == '\0' || list->limit == 0)
		return;
	if (!(whole_list ? read_all(db, user, list, out)
			 : read_window(db, user, list, &window, out))) {
		find_low(db, user, list->limit, &window);
		read_window(db, user, list, &window, out);
	}
	put_in_order(out);
}

void sqlite_inbox_done(struct sqlite_inbox *inbox)
{
	sqlite_texts_done(&inbox->texts);
	free(inbox->listed);
	free(inbox->order);
}
