/* One person's reaction to a message comes or goes. */
#include "store_sqlite.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "sqlite_members.h"
#include "sqlite_reactions.h"
#include "sqlite_schema.h"
#include "store_rules.h"

struct reacting {
	struct sqlite_db *db;
	const struct store_viewer *viewer;
	const struct store_reaction *reaction;
	struct sqlite_conversation c;
	int64_t place;
	int64_t mine; /* the change that put it there; 0: it is not */
	bool known;   /* others who see it have the same */
	struct store_change *out;
};

static bool react_find_message(struct reacting *r, const char *id)
{
	struct query q = sqlite_message_query(r->db, id);
	struct store_message *message = &r->out->message;
	bool found = query_row(&q);

	if (found) {
		sqlite_conversation_row(&q, 0, &r->c);
		sqlite_message_row(&q, SQLITE_FOUND_MESSAGE, &r->c, "",
				   message);
		store_message_own(message);
		r->place = sqlite_place_of(r->c.n, message->seq);
	}
	query_close(&q);
	return found;
}

static enum store_status react_may(struct reacting *r, const char *id)
{
	if (!react_find_message(r, id))
		return STORE_NOT_FOUND;
	return store_reaction_may(
		r->reaction, r->viewer, &r->out->message,
		sqlite_sight(r->db, &r->c, r->viewer),
		r->c.kind == CONVERSATION_DIRECT &&
			sqlite_conversation_blocks(&r->c, r->viewer->id));
}

/* The same emoji of anybody gives its spelling, and their own says whether it
 * is there, and hidden. */
static void react_find_same(struct reacting *r)
{
	static const char sql[] =
		"SELECT emoji, user_id = ?3, change, hidden FROM reaction"
		" WHERE place = ?1 AND (hidden = 0 OR user_id = ?3) AND"
		" replace(emoji, char(65039), '') ="
		"  replace(?2, char(65039), '')";
	struct query q = QUERY(r->db, sql, INT(r->place),
			       TEXT(r->reaction->emoji), ID(r->viewer->id));

	while (query_row(&q)) {
		if (r->out->emoji == NULL)
			r->out->emoji = xstrdup(query_text(&q, 0));
		r->known = true;
		if (query_int(&q, 1) == 0)
			continue;
		r->mine = query_int(&q, 2);
		r->out->hidden = query_int(&q, 3) != 0;
	}
	query_close(&q);
	if (r->out->emoji == NULL)
		r->out->emoji = xstrdup(r->reaction->emoji);
}

static bool react_is_crowded(struct reacting *r)
{
	static const char sql[] =
		"SELECT count(DISTINCT emoji) FROM reaction"
		" WHERE place = ? AND (hidden = 0 OR user_id = ?)";

	return !r->known && QUERY_INT(r->db, sql, INT(r->place),
				      ID(r->viewer->id)) >= LIMIT_REACTIONS;
}

static void react_add(struct reacting *r)
{
	static const char sql[] =
		"INSERT INTO reaction (place, change, emoji, user_id, hidden)"
		" VALUES (?, ?, ?, ?, ?)";
	const struct store_change *out = r->out;

	QUERY_RUN(r->db, sql, INT(r->place), INT(out->change), TEXT(out->emoji),
		  ID(out->by), INT(out->hidden));
}

static void react_remove(struct reacting *r)
{
	static const char sql[] =
		"DELETE FROM reaction WHERE place = ? AND change = ?";

	QUERY_RUN(r->db, sql, INT(r->place), INT(r->mine));
}

static bool react_hides(const struct reacting *r)
{
	const char *other = sqlite_conversation_other(&r->c, r->viewer->id);

	return r->out->message.hidden ||
	       (r->c.kind == CONVERSATION_DIRECT &&
		sqlite_conversation_blocks(&r->c, other));
}

static void react_write(struct reacting *r)
{
	static const char fold[] =
		"UPDATE message SET reacted = ? WHERE place = ?";
	struct store_change *out = r->out;

	out->change = sqlite_change_next(r->db, r->c.n);
	if (out->on)
		react_add(r);
	else
		react_remove(r);
	QUERY_RUN(r->db, fold, INT(out->change), INT(r->place));
	out->message.reacted = true;
	out->message.change = out->change;
	out->later = sqlite_members_later(r->db, &r->c, out->message.seq);
	sqlite_change_insert(r->db, r->c.n, out->by, r->reaction->now_ms, out);
	r->db->kill_points = true;
}

/* As all see it, or who alone hears of it. */
static void react_show(struct reacting *r)
{
	struct store_message *message = &r->out->message;

	sqlite_reactions_read(r->db, &r->c, r->out->hidden ? r->out->by : "",
			      message);
	if (message->reactions != NULL)
		message->reactions = xstrdup(message->reactions);
}

static enum store_status react_locked(struct reacting *r, const char *id)
{
	enum store_status status = react_may(r, id);
	struct store_change *out = r->out;

	if (status != STORE_OK)
		return status;
	out->kind = CHANGE_REACTION;
	out->on = r->reaction->on;
	memcpy(out->conversation, r->c.id, ID_SIZE);
	memcpy(out->by, r->viewer->id, ID_SIZE);
	react_find_same(r);
	if (out->on && r->mine == 0 && react_is_crowded(r))
		return STORE_CROWDED;
	if (out->on && r->mine == 0)
		out->hidden = react_hides(r);
	if (out->on != (r->mine > 0))
		react_write(r);
	react_show(r);
	return STORE_OK;
}

enum store_status sqlite_react(struct store *store,
			       const struct store_viewer *viewer,
			       const char *id,
			       const struct store_reaction *reaction,
			       struct store_change *out)
{
	struct reacting r = {
		.db = sqlite_begin(store, ACCESS_WRITE),
		.viewer = viewer,
		.reaction = reaction,
		.out = out,
	};

	return sqlite_end(r.db, react_locked(&r, id));
}
