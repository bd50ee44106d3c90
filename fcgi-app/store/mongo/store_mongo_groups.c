#include "mongo_group.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "mongo_opening.h"
#include "mongo_step.h"

/* ---- found ---- */

bool mongo_group_find(struct mongo_group *g, const char *id)
{
	if (!mongo_conversation_find(g->db, id, &g->c) ||
	    g->c.kind != CONVERSATION_GROUP)
		return false;
	g->base.members = g->c.count;
	return true;
}

bool mongo_group_find_own(struct mongo_group *g, const char *id)
{
	struct mongo_member me;

	if (!mongo_group_find(g, id) ||
	    !mongo_member_find(g->db, &g->c, g->base.viewer->id, &me))
		return false;
	g->base.me = me.row;
	return true;
}

void mongo_group_done(struct mongo_group *g)
{
	mongo_invited_done(&g->invited);
	mongo_conversation_done(&g->c);
}

/* ---- the message ---- */

/* What its step changes, or NULL. */
static bson_t *write_act(const struct mongo_group *g)
{
	const struct store_group_plan *plan = &g->base.plan;
	size_t count = g->base.out->joined_count;
	const char **added = xcalloc(count + 1, sizeof(*added));
	bson_t *act;

	for (size_t i = 0; i < count; i++)
		added[i] = g->base.out->joined[i];
	act = mongo_bson(DOC(
		IF(count > 0, IDS("add", added, count)),
		ID_IF("drop", plan->drop), ID_IF("owner", plan->owner),
		ID_IF("disown", plan->disown), TEXT_IF("title", plan->title),
		TEXT_IF("avatar", plan->avatar)));
	free(added);
	return act;
}

static bool write_message(struct mongo_group *g, const char *content)
{
	const struct store_grouping *base = &g->base;
	bson_t *act = write_act(g);
	bool written = mongo_step_write(
		g->db, &g->c,
		DOC(ID("_id", base->out->message.id), ID("c", g->c.id),
		    INT("seq", g->c.last_seq + 1), INT("kind", MESSAGE_SYSTEM),
		    ID("sender", base->viewer->id),
		    TEXT("name", base->act->actor_name),
		    TEXT("content", content), INT("at", base->act->now_ms),
		    IF(store_grouping_passes(base, g->c.last_seq),
		       BOOL("passed", true)),
		    BSON("act", act)));

	bson_destroy(act);
	return written;
}

/* ---- an act, as a whole ---- */

/* Nobody sees it before the first message of it has made its step. */
static void open_group(struct mongo_group *g)
{
	const struct store_group_act *act = g->base.act;

	mongo_clock_next(g->db, act->now_ms, g->c.id);
	g->c.title = xstrdup(act->title);
	g->c.avatar = xstrdup(act->avatar);
	mongo_opening_write(g->db, &g->c, g->c.id);
}

/* One try. False: something happened meanwhile. */
static bool try_act(struct mongo_group *g, mongo_group_find_how *find,
		    const char *key, enum store_status *status)
{
	const struct store_group_act *act = g->base.act;
	struct store_message *message = &g->base.out->message;
	char *content;

	*status = find(g, key);
	if (*status != STORE_OK)
		return true;
	*status = store_grouping_decide(&g->base, &content);
	memcpy(message->conversation, g->c.id, ID_SIZE);
	if (*status != STORE_OK)
		return true;
	if (act->event == GROUP_MADE)
		open_group(g);
	mongo_clock_next(g->db, act->now_ms, message->id);
	if (write_message(g, content)) {
		store_grouping_said(&g->base, g->c.id, g->c.last_seq + 1,
				    content);
		return true;
	}
	free(content);
	mongo_step_mend(g->db, &g->c);
	return g->db->failed;
}

static void begin_anew(struct mongo_group *g)
{
	const struct store_grouping base = {
		.reads = &mongo_grouping_reads,
		.viewer = g->base.viewer,
		.act = g->base.act,
		.out = g->base.out,
	};

	mongo_group_done(g);
	store_group_done_free(base.out);
	g->base = base;
	memset(&g->c, 0, sizeof(g->c));
}

enum store_status mongo_group_run(struct mongo_group *g,
				  mongo_group_find_how *find, const char *key)
{
	enum store_status status = STORE_UNAVAILABLE;
	int tries = 0;

	begin_anew(g);
	while (!try_act(g, find, key, &status) && mongo_tries_on(g->db, &tries))
		begin_anew(g);
	mongo_group_done(g);
	if (status == STORE_REUSED)
		status = STORE_OK;
	if (status != STORE_OK || g->db->failed)
		store_grouping_failed(g->base.out);
	return status;
}

/* ---- verbs, which differ in how they find the group ---- */

static enum store_status run_verb(struct store *store,
				  const struct store_viewer *viewer,
				  mongo_group_find_how *find, const char *key,
				  const struct store_group_act *act,
				  struct store_group_done *out)
{
	struct mongo_group g = {
		.base = {.viewer = viewer, .act = act, .out = out},
		.db = mongo_begin(store, ACCESS_WRITE),
	};

	return mongo_end(g.db, mongo_group_run(&g, find, key));
}

static enum store_status find_none(struct mongo_group *g, const char *key)
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

enum store_status mongo_group_by_id(struct mongo_group *g, const char *id)
{
	return mongo_group_find_own(g, id) ? STORE_OK : STORE_NOT_FOUND;
}

static enum store_status group_act(struct store *store,
				   const struct store_viewer *viewer,
				   const char *id,
				   const struct store_group_act *act,
				   struct store_group_done *out)
{
	return run_verb(store, viewer, mongo_group_by_id, id, act, out);
}

static enum store_status find_by_link(struct mongo_group *g, const char *code)
{
	return mongo_group_find_by_link(g, code, g->base.act->now_ms);
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
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);
	struct store_member *members;
	size_t there = mongo_members_read(db, id, &members);

	*out = xcalloc(LIMIT_MEMBERS, sizeof(**out));
	for (size_t i = 0; i < there; i++) {
		if (members[i].joined_seq == seq)
			memcpy((*out)[(*count)++], members[i].user_id, ID_SIZE);
	}
	free(members);
	return mongo_end(db, STORE_OK);
}

const struct store_group_verbs mongo_group_verbs = {
	.make = group_make,
	.act = group_act,
	.join = group_join,
	.link_make = mongo_link_make,
	.link_end = mongo_link_end,
	.newcomers = group_newcomers,
	.members = mongo_group_members,
};
