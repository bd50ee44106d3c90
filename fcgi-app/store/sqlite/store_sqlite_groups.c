#include "sqlite_group.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "sqlite_clock.h"
#include "sqlite_schema.h"

struct sqlite_group sqlite_group_begin(struct store *store,
				       const struct store_viewer *viewer)
{
	return (struct sqlite_group){
		.db = sqlite_begin(store, ACCESS_WRITE),
		.viewer = viewer,
	};
}

bool sqlite_group_find(struct sqlite_group *g, const char *id)
{
	static const char sql[] = "SELECT count(*) FROM member WHERE n = ?";

	if (!sqlite_conversation_find(g->db, id, &g->c) ||
	    g->c.kind != CONVERSATION_GROUP)
		return false;
	g->members = QUERY_INT(g->db, sql, INT(g->c.n));
	return true;
}

bool sqlite_group_find_own(struct sqlite_group *g, const char *id)
{
	return sqlite_group_find(g, id) &&
	       sqlite_member_find(g->db, &g->c, g->viewer->id, &g->me);
}

/* ---- the message ---- */

static void insert_message(struct sqlite_group *g, const char *content)
{
	static const char sql[] =
		"INSERT INTO message (place, id, kind, sender, other_own,"
		" passed_unread, created_at, sender_name, content)"
		" VALUES (?, ?, 2, ?, 0, ?, ?, ?, ?)";
	struct store_message *message = &g->out->message;
	struct store_member me = g->me;

	sqlite_clock_next(g->db, g->act->now_ms, message->id);
	QUERY_RUN(g->db, sql,
		  INT(sqlite_place_of(g->c.n, sqlite_group_next_seq(g))),
		  ID(message->id), ID(g->viewer->id),
		  INT(me.joined_seq > 0 && me.read_seq < g->c.last_seq),
		  INT(g->act->now_ms), TEXT(g->act->actor_name), TEXT(content));
	/* Who acts has read all before it; who has left has no row. */
	memcpy(me.user_id, g->viewer->id, ID_SIZE);
	me.received_seq = me.read_seq = sqlite_group_next_seq(g);
	sqlite_member_write(g->db, &g->c, &me);
}

static void fill_message(struct sqlite_group *g, char *content)
{
	struct store_message *message = &g->out->message;

	memcpy(message->conversation, g->c.id, ID_SIZE);
	memcpy(message->sender, g->viewer->id, ID_SIZE);
	message->seq = sqlite_group_next_seq(g);
	message->kind = MESSAGE_SYSTEM;
	message->conversation_kind = CONVERSATION_GROUP;
	message->created_at = g->act->now_ms;
	message->sender_name = xstrdup(g->act->actor_name);
	message->content = content;
}

/* ---- an act, as a whole ---- */

enum store_status sqlite_group_run(struct sqlite_group *g)
{
	const char *title =
		g->act->event == GROUP_MADE || g->act->event == GROUP_TITLE
			? g->act->title
			: NULL;

	store_system_begin(&g->system, g->act->event, title);

	enum store_status status = sqlite_group_change(g);
	char *content = store_system_end(&g->system);

	memcpy(g->out->message.conversation, g->c.id, ID_SIZE);
	if (status == STORE_OK) {
		insert_message(g, content);
		fill_message(g, content);
		g->db->kill_points = true;
		return STORE_OK;
	}
	free(content);
	return status == STORE_REUSED ? STORE_OK : status;
}

/* The verbs differ in how they find the group. */
static enum store_status
run_verb(struct store *store, const struct store_viewer *viewer,
	 enum store_status find(struct sqlite_group *, const char *key),
	 const char *key, const struct store_group_act *act,
	 struct store_group_done *out)
{
	struct sqlite_group g = sqlite_group_begin(store, viewer);
	char refused[ID_SIZE];

	g.act = act;
	g.out = out;

	enum store_status status = find(&g, key);

	if (status == STORE_OK)
		status = sqlite_group_run(&g);
	memcpy(refused, out->refused, ID_SIZE);
	status = sqlite_end(g.db, status);
	if (status != STORE_OK) {
		store_group_done_free(out);
		memcpy(out->refused, refused, ID_SIZE);
	}
	return status;
}

static enum store_status find_none(struct sqlite_group *g, const char *key)
{
	(void)key;
	g->c.kind = CONVERSATION_GROUP;
	return STORE_OK;
}

static enum store_status group_make(struct store *store,
				    const struct store_viewer *viewer,
				    const struct store_group_act *act,
				    struct store_group_done *out)
{
	return run_verb(store, viewer, find_none, NULL, act, out);
}

static enum store_status find_own(struct sqlite_group *g, const char *id)
{
	return sqlite_group_find_own(g, id) ? STORE_OK : STORE_NOT_FOUND;
}

static enum store_status group_act(struct store *store,
				   const struct store_viewer *viewer,
				   const char *id,
				   const struct store_group_act *act,
				   struct store_group_done *out)
{
	return run_verb(store, viewer, find_own, id, act, out);
}

static enum store_status find_by_link(struct sqlite_group *g, const char *code)
{
	return sqlite_group_find_by_link(g, code, g->act->now_ms);
}

static enum store_status group_join(struct store *store,
				    const struct store_viewer *viewer,
				    const char *code,
				    const struct store_group_act *act,
				    struct store_group_done *out)
{
	return run_verb(store, viewer, find_by_link, code, act, out);
}

/* ---- for announcing again ---- */

static enum store_status group_newcomers(struct store *store, const char *id,
					 int64_t seq, char (**out)[ID_SIZE],
					 size_t *count)
{
	static const char sql[] =
		"SELECT g.user_id FROM conversation c JOIN member g"
		" ON g.n = c.n WHERE c.id = ? AND g.joined_seq = ?";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct query q = QUERY(db, sql, ID(id), INT(seq));

	while (query_row(&q)) {
		if (*out == NULL)
			*out = xcalloc(LIMIT_MEMBERS, sizeof(**out));
		query_id(&q, 0, (*out)[(*count)++]);
	}
	return sqlite_end(db, STORE_OK);
}

const struct store_group_verbs sqlite_group_verbs = {
	.make = group_make,
	.act = group_act,
	.join = group_join,
	.link_make = sqlite_link_make,
	.link_end = sqlite_link_end,
	.newcomers = group_newcomers,
	.members = sqlite_group_members,
};
