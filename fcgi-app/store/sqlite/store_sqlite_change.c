#include "store_sqlite.h"

#include <stdlib.h>
#include <string.h>

#include "sqlite_clock.h"
#include "sqlite_members.h"
#include "sqlite_reactions.h"
#include "sqlite_schema.h"
#include "sqlite_search.h"
#include "store_mentions.h"
#include "store_rules.h"

struct changing {
	struct sqlite_db *db;
	const struct store_viewer *viewer;
	const struct store_edit *edit;
	struct sqlite_conversation c;
	int64_t edited, deleted; /* by which changes before; 0: none */
	bool splits;		 /* the last edit is hidden from the other */
	bool hides;		 /* and so is this one */
	char *mentions;		 /* of what is edited; NULL: none */
	struct store_change *out;
};

/* Whose reactions are told with it: those that all see, or also one's own. */
static const char *heard_by(const struct changing *g)
{
	return g->hides || g->out->message.hidden ? g->viewer->id : "";
}

static bool find_message(struct changing *g, const char *id)
{
	const int at = SQLITE_FOUND_MESSAGE;
	struct query q = sqlite_message_query(g->db, id);
	bool found = query_row(&q);

	if (found) {
		sqlite_conversation_row(&q, 0, &g->c);
		sqlite_message_row(&q, at, &g->c, g->viewer->id,
				   &g->out->message);
		g->hides = store_edit_hides(
			g->edit, &g->out->message,
			sqlite_conversation_blocks(&g->c,
						   g->out->message.recipient));
		sqlite_reactions_read(g->db, &g->c, heard_by(g),
				      &g->out->message);
		store_message_own(&g->out->message);
		g->edited = query_int(&q, at + m_edited);
		g->deleted = query_int(&q, at + m_deleted);
		g->splits = !query_is_null(&q, at + m_hidden_content);
	}
	query_close(&q);
	return found;
}

static enum store_status find_own(struct changing *g, const char *id)
{
	const struct store_message *message = &g->out->message;
	int64_t first;

	if (!find_message(g, id))
		return STORE_NOT_FOUND;
	first = sqlite_sight(g->db, &g->c, g->viewer);
	if (first == 0 || message->seq < first)
		return STORE_NOT_FOUND;
	if (!store_edit_may(g->edit, g->viewer, message, g->deleted > 0) ||
	    sqlite_report_is_copy(g->db, message->reply_to,
				  sqlite_place_of(g->c.n, message->seq)))
		return STORE_FORBIDDEN;
	return sqlite_mentions_seen(g->db, &g->c, NULL, g->edit->mentions,
				    g->edit->mention_count)
		       ? STORE_OK
		       : STORE_STRANGER;
}

/* The number of the change that did the very same before; 0: none did. */
static int64_t earlier_change(const struct changing *g)
{
	/* By the same text others see now what was hidden from them. */
	int64_t edited = g->splits && !g->hides ? 0 : g->edited;

	return store_edit_earlier(g->edit, g->mentions, &g->out->message,
				  edited, g->deleted);
}

static void read_change(struct changing *g, int64_t number)
{
	static const char sql[] =
		"SELECT created_at FROM change WHERE place = ?";

	g->out->change = number;
	g->out->hidden = g->splits; /* as that one was */
	g->out->created_at =
		QUERY_INT(g->db, sql, INT(sqlite_place_of(g->c.n, number)));
}

static void change_write(struct changing *g, int64_t place)
{
	static const char edit[] =
		"UPDATE message SET edited = ?2, hidden_content = NULL,"
		" hidden_mentions = NULL, shown_edited = 0,"
		" mentions = iif(?3 IS NULL, mentions, ?4),"
		" content = coalesce(?3, content) WHERE place = ?1";
	static const char hide[] =
		"UPDATE message SET edited = ?2, hidden_content = ?3,"
		" hidden_mentions = ?4, shown_edited ="
		"  iif(hidden_content IS NULL, edited > 0, shown_edited)"
		" WHERE place = ?1";
	static const char erase[] =
		"UPDATE message SET deleted = ?2, hidden_content = NULL,"
		" hidden_mentions = NULL, shown_edited = 0, content = ?3,"
		" mentions = ?4, attachment = NULL WHERE place = ?1";
	const char *sql = g->hides			   ? hide
			  : g->edit->kind == CHANGE_DELETE ? erase
							   : edit;
	const char *mentions;
	const char *content =
		store_edit_text(g->edit, g->mentions, &g->out->message,
				g->splits || g->hides, &mentions);

	if (content != NULL)
		sqlite_search_drop(g->db, place);
	QUERY_RUN(g->db, sql, INT(place), INT(g->out->change), TEXT(content),
		  TEXT(mentions));
	if (content != NULL)
		sqlite_search_add(g->db, place);
}

/* With what is deleted. */
static void change_drop(struct changing *g, int64_t place)
{
	static const char detach[] =
		"DELETE FROM attached WHERE file = ? AND place = ?";
	const char *attachment = g->out->message.attachment;
	char file[ID_SIZE];

	sqlite_reactions_drop(g->db, place);
	if (attachment == NULL)
		return;
	store_file_id_of(attachment, file);
	QUERY_RUN(g->db, detach, ID(file), INT(place));
}

static void fold(struct changing *g)
{
	int64_t place = sqlite_place_of(g->c.n, g->out->message.seq);

	change_write(g, place);
	if (g->edit->kind == CHANGE_DELETE)
		change_drop(g, place);
	store_edit_fold(g->edit, &g->mentions, g->out);
}

int64_t sqlite_change_next(struct sqlite_db *db, int64_t n)
{
	static const char sql[] =
		"UPDATE conversation SET last_change = last_change + 1"
		" WHERE n = ? RETURNING last_change";

	return QUERY_INT(db, sql, INT(n));
}

void sqlite_change_insert(struct sqlite_db *db, int64_t n, const char *by,
			  int64_t now_ms, struct store_change *change)
{
	static const char row[] =
		"INSERT INTO change (place, seq, kind, by, created_at, emoji,"
		" taken, hidden) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
	static const char event[] =
		"INSERT INTO event (position, n, change) VALUES (?, ?, ?)";

	change->created_at = now_ms;
	QUERY_RUN(db, row, INT(sqlite_place_of(n, change->change)),
		  INT(change->message.seq), INT(change->kind), ID(by),
		  INT(now_ms), TEXT(change->emoji),
		  INT(change->emoji != NULL && !change->on),
		  INT(change->hidden));
	sqlite_clock_next(db, now_ms, change->position);
	QUERY_RUN(db, event, ID(change->position), INT(n), INT(change->change));
}

static enum store_status change_locked(struct changing *g, const char *id)
{
	enum store_status status = find_own(g, id);
	int64_t earlier;

	if (status != STORE_OK)
		return status;
	g->out->kind = g->edit->kind;
	g->out->hidden = g->hides;
	memcpy(g->out->conversation, g->c.id, ID_SIZE);
	memcpy(g->out->by, g->viewer->id, ID_SIZE);
	g->out->later = sqlite_members_later(g->db, &g->c, g->out->message.seq);
	earlier = earlier_change(g);
	if (earlier > 0) {
		read_change(g, earlier);
		return STORE_OK;
	}
	g->out->change = sqlite_change_next(g->db, g->c.n);
	fold(g);
	sqlite_change_insert(g->db, g->c.n, g->viewer->id, g->edit->now_ms,
			     g->out);
	g->db->kill_points = true;
	return STORE_OK;
}

enum store_status sqlite_change(struct store *store,
				const struct store_viewer *viewer,
				const char *id, const struct store_edit *edit,
				struct store_change *out)
{
	struct changing g = {
		.db = sqlite_begin(store, ACCESS_WRITE),
		.viewer = viewer,
		.edit = edit,
		.out = out,
	};
	if (edit->kind == CHANGE_EDIT)
		g.mentions = store_mentions_text(edit->mentions,
						 edit->mention_count);

	enum store_status status = sqlite_end(g.db, change_locked(&g, id));

	free(g.mentions);
	return status;
}
