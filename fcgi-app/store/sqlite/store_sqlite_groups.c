#include "sqlite_group.h"

#include <string.h>

#include "mem.h"
#include "sqlite_clock.h"
#include "sqlite_schema.h"

struct sqlite_group sqlite_group_begin(struct store *store,
				       const struct store_viewer *viewer)
{
	return (struct sqlite_group){
		.base = {.reads = &sqlite_grouping_reads, .viewer = viewer},
		.db = sqlite_begin(store, ACCESS_WRITE),
	};
}

bool sqlite_group_find(struct sqlite_group *g, const char *id)
{
	static const char sql[] = "SELECT count(*) FROM member WHERE n = ?";

	if (!sqlite_conversation_find(g->db, id, &g->c) ||
	    g->c.kind != CONVERSATION_GROUP)
		return false;
	g->base.members = QUERY_INT(g->db, sql, INT(g->c.n));
	return true;
}

bool sqlite_group_find_own(struct sqlite_group *g, const char *id)
{
	return sqlite_group_find(g, id) &&
	       sqlite_member_find(g->db, &g->c, g->base.viewer->id,
				  &g->base.me);
}

/* ---- the message ---- */

static void insert_message(struct sqlite_group *g, const char *content)
{
	static const char sql[] =
		"INSERT INTO message (place, id, kind, sender, other_own,"
		" passed_unread, created_at, sender_name, content)"
		" VALUES (?, ?, 2, ?, 0, ?, ?, ?, ?)";
	const struct store_grouping *base = &g->base;
	const char *id = base->out->message.id, *sender = base->viewer->id;
	struct store_member me = base->me;

	QUERY_RUN(g->db, sql,
		  INT(sqlite_place_of(g->c.n, sqlite_group_next_seq(g))),
		  ID(id), ID(sender),
		  INT(store_grouping_passes(base, g->c.last_seq)),
		  INT(base->act->now_ms), TEXT(base->act->actor_name),
		  TEXT(content));
	/* Who acts has read all before it; who has left has no row. */
	memcpy(me.user_id, sender, ID_SIZE);
	me.received_seq = me.read_seq = sqlite_group_next_seq(g);
	sqlite_member_write(g->db, &g->c, &me);
}

/* ---- an act, as a whole ---- */

enum store_status sqlite_group_run(struct sqlite_group *g)
{
	struct store_message *message = &g->base.out->message;
	char *content;
	enum store_status status = store_grouping_decide(&g->base, &content);

	memcpy(message->conversation, g->c.id, ID_SIZE);
	if (status != STORE_OK)
		return status == STORE_REUSED ? STORE_OK : status;
	sqlite_group_write(g);
	sqlite_clock_next(g->db, g->base.act->now_ms, message->id);
	insert_message(g, content);
	store_grouping_said(&g->base, g->c.id, sqlite_group_next_seq(g),
			    content);
	g->db->kill_points = true;
	return STORE_OK;
}

/* The verbs differ in how they find the group. */
static enum store_status
run_verb(struct store *store, const struct store_viewer *viewer,
	 enum store_status find(struct sqlite_group *, const char *key),
	 const char *key, const struct store_group_act *act,
	 struct store_group_done *out)
{
	struct sqlite_group g = sqlite_group_begin(store, viewer);

	g.base.act = act;
	g.base.out = out;

	enum store_status status = find(&g, key);

	if (status == STORE_OK)
		status = sqlite_group_run(&g);
	status = sqlite_end(g.db, status);
	if (status != STORE_OK)
		store_grouping_failed(out);
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
	return sqlite_group_find_by_link(g, code, g->base.act->now_ms);
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
