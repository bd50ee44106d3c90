#include "store_sqlite.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "sqlite_clock.h"
#include "sqlite_members.h"
#include "sqlite_schema.h"
#include "store_system.h"

/* One act under way. */
struct grouping {
	struct sqlite_db *db;
	const struct store_viewer *viewer;
	const struct store_group_act *act;
	struct sqlite_conversation c;
	struct store_member me; /* before; all zeros: no member */
	int64_t members;	/* how many there are by now */
	struct store_system system;
	struct store_group_done *out;
};

/* The act's message, which has the seq that newcomers see from. */
static int64_t next_seq(const struct grouping *g)
{
	return g->c.last_seq + 1;
}

static bool find_group(struct grouping *g, const char *id)
{
	static const char sql[] = "SELECT count(*) FROM member WHERE n = ?";

	if (!sqlite_conversation_find(g->db, id, &g->c) ||
	    g->c.kind != CONVERSATION_GROUP)
		return false;
	g->members = QUERY_INT(g->db, sql, INT(g->c.n));
	return true;
}

static bool find_own_group(struct grouping *g, const char *id)
{
	return find_group(g, id) &&
	       sqlite_member_find(g->db, &g->c, g->viewer->id, &g->me);
}

/* ---- members come and go ---- */

/* Whoever joins is planned first, for a verb that is refused writes nothing. */
static void plan_member(struct grouping *g, const char *user)
{
	struct store_group_done *out = g->out;

	if (out->joined == NULL)
		out->joined = xcalloc(LIMIT_MEMBERS, sizeof(*out->joined));
	memcpy(out->joined[out->joined_count++], user, ID_SIZE);
	g->members++;
}

static bool is_planned(const struct grouping *g, const char *user)
{
	for (size_t i = 0; i < g->out->joined_count; i++) {
		if (strcmp(g->out->joined[i], user) == 0)
			return true;
	}
	return false;
}

static void add_planned(struct grouping *g)
{
	static const char member[] =
		"INSERT INTO member (n, user_id, joined_seq, received_seq,"
		" read_seq) VALUES (?1, ?2, ?3, ?3 - 1, ?3 - 1)";
	static const char inbox[] =
		"INSERT INTO inbox (user_id, conversation, n, kind)"
		" VALUES (?, ?, ?, 1)";

	for (size_t i = 0; i < g->out->joined_count; i++) {
		QUERY_RUN(g->db, member, INT(g->c.n), ID(g->out->joined[i]),
			  INT(next_seq(g)));
		QUERY_RUN(g->db, inbox, ID(g->out->joined[i]), ID(g->c.id),
			  INT(g->c.n));
	}
}

static void drop_member(struct grouping *g, const char *user)
{
	static const char member[] =
		"DELETE FROM member WHERE n = ? AND user_id = ?";
	static const char inbox[] =
		"DELETE FROM inbox WHERE user_id = ? AND conversation = ?";

	QUERY_RUN(g->db, member, INT(g->c.n), ID(user));
	QUERY_RUN(g->db, inbox, ID(user), ID(g->c.id));
	memcpy(g->out->left, user, ID_SIZE);
	g->members--;
}

static void set_owner(struct grouping *g, const char *user, bool owner)
{
	static const char sql[] =
		"UPDATE member SET owner = ? WHERE n = ? AND user_id = ?";

	QUERY_RUN(g->db, sql, INT(owner), INT(g->c.n), ID(user));
}

/* ---- who may be added ---- */

/* Has user written to the viewer? Who joins by a link adds themselves. */
static bool has_written(struct grouping *g, const char *user)
{
	char id[ID_SIZE];
	struct sqlite_conversation c;

	if (strcmp(user, g->viewer->id) == 0)
		return true;
	id_direct(g->viewer->id, user, id);
	if (!sqlite_conversation_find(g->db, id, &c) || c.last_seq == 0)
		return false;
	return strcmp(c.last_sender, user) == 0 || c.last_other_own > 0;
}

static int64_t members_max(const struct grouping *g)
{
	return g->act->members_max > 0 && g->act->members_max < LIMIT_MEMBERS
		       ? g->act->members_max
		       : LIMIT_MEMBERS;
}

static enum store_status plan_one(struct grouping *g, const char *id)
{
	struct store_user user;
	struct store_member there;
	enum store_status status = STORE_OK;

	if (!sqlite_user_find(g->db, id, &user))
		return STORE_NOT_FOUND;
	if (is_planned(g, id) || sqlite_member_find(g->db, &g->c, id, &there))
		goto out;
	if (user.disabled || user.role == ROLE_GUEST)
		status = STORE_NOT_FOUND;
	else if (user.contacts_add && !has_written(g, id))
		status = STORE_DECLINED;
	else if (g->members >= members_max(g))
		status = STORE_FULL;
	if (status == STORE_OK) {
		plan_member(g, id);
		store_system_user(&g->system, &user);
	}
out:
	store_user_done(&user);
	return status;
}

static enum store_status plan_all(struct grouping *g)
{
	enum store_status status = STORE_OK;

	for (size_t i = 0; i < g->act->user_count && status == STORE_OK; i++) {
		status = plan_one(g, g->act->users[i]);
		if (status != STORE_OK && id_valid(g->act->users[i]))
			memcpy(g->out->refused, g->act->users[i], ID_SIZE);
	}
	return status;
}

/* ---- the message ---- */

static void insert_message(struct grouping *g, const char *content)
{
	static const char sql[] =
		"INSERT INTO message (place, id, kind, sender, other_own,"
		" passed_unread, created_at, sender_name, content)"
		" VALUES (?, ?, 2, ?, 0, ?, ?, ?, ?)";
	struct store_message *message = &g->out->message;
	struct store_member me = g->me;

	sqlite_clock_next(g->db, g->act->now_ms, message->id);
	QUERY_RUN(g->db, sql, INT(sqlite_place_of(g->c.n, next_seq(g))),
		  ID(message->id), ID(g->viewer->id),
		  INT(me.joined_seq > 0 && me.read_seq < g->c.last_seq),
		  INT(g->act->now_ms), TEXT(g->act->actor_name), TEXT(content));
	/* Who acts has read all before it; who has left has no row. */
	memcpy(me.user_id, g->viewer->id, ID_SIZE);
	me.received_seq = me.read_seq = next_seq(g);
	sqlite_member_write(g->db, &g->c, &me);
}

static void fill_message(struct grouping *g, char *content)
{
	struct store_message *message = &g->out->message;

	memcpy(message->conversation, g->c.id, ID_SIZE);
	memcpy(message->sender, g->viewer->id, ID_SIZE);
	message->seq = next_seq(g);
	message->kind = MESSAGE_SYSTEM;
	message->conversation_kind = CONVERSATION_GROUP;
	message->created_at = g->act->now_ms;
	message->sender_name = xstrdup(g->act->actor_name);
	message->content = content;
}

/* ---- the acts: what each changes. NULL in out->message: nothing ---- */

static enum store_status act_change(struct grouping *g)
{
	static const char title[] =
		"UPDATE conversation SET title = ?1 WHERE id = ?2"
		" AND title <> ?1";
	static const char avatar[] =
		"UPDATE conversation SET avatar = ?1 WHERE id = ?2"
		" AND avatar <> ?1";
	bool renames = g->act->event == GROUP_TITLE;

	return QUERY_RUN(g->db, renames ? title : avatar,
			 TEXT(renames ? g->act->title : g->act->avatar),
			 ID(g->c.id)) > 0
		       ? STORE_OK
		       : STORE_REUSED; /* as it was */
}

static enum store_status act_add(struct grouping *g)
{
	enum store_status status = plan_all(g);

	if (status != STORE_OK)
		return status;
	add_planned(g);
	return g->out->joined_count > 0 ? STORE_OK : STORE_REUSED;
}

static enum store_status act_join(struct grouping *g)
{
	if (g->me.joined_seq > 0)
		return STORE_REUSED;

	enum store_status status = plan_one(g, g->viewer->id);

	if (status == STORE_OK)
		add_planned(g);
	return status;
}

/* The one who has been there longest, where nobody is the owner. */
static void find_heir(struct grouping *g)
{
	static const char sql[] =
		"SELECT user_id FROM member WHERE n = ?1 AND NOT EXISTS"
		" (SELECT 1 FROM member WHERE n = ?1 AND owner = 1)"
		" ORDER BY joined_seq, user_id LIMIT 1";
	struct query q = QUERY(g->db, sql, INT(g->c.n));
	char heir[ID_SIZE] = "";
	struct store_user user;

	if (query_row(&q))
		query_id(&q, 0, heir);
	query_close(&q);
	if (heir[0] == '\0')
		return;
	set_owner(g, heir, true);
	if (sqlite_user_find(g->db, heir, &user)) {
		store_system_user(&g->system, &user);
		store_user_done(&user);
	}
}

static enum store_status act_leave(struct grouping *g)
{
	drop_member(g, g->viewer->id);
	find_heir(g);
	return STORE_OK;
}

/* The other member that an owner's act is about; false: there is none. */
static bool find_other(struct grouping *g, struct store_user *user)
{
	const char *id = g->act->users[0];
	struct store_member member;

	return g->act->user_count == 1 && strcmp(id, g->viewer->id) != 0 &&
	       sqlite_member_find(g->db, &g->c, id, &member) &&
	       sqlite_user_find(g->db, id, user);
}

static enum store_status act_remove(struct grouping *g)
{
	struct store_user user;

	if (!find_other(g, &user))
		return STORE_NOT_FOUND;
	drop_member(g, user.id);
	store_system_user(&g->system, &user);
	store_user_done(&user);
	return STORE_OK;
}

static enum store_status act_hand_over(struct grouping *g)
{
	struct store_user user;

	if (!find_other(g, &user))
		return STORE_NOT_FOUND;
	set_owner(g, user.id, true);
	set_owner(g, g->viewer->id, false);
	store_system_user(&g->system, &user);
	store_user_done(&user);
	return STORE_OK;
}

static const struct {
	enum store_status (*change)(struct grouping *);
	bool owners; /* only they may */
} acts[] = {
	[GROUP_TITLE] = {act_change, true},
	[GROUP_PICTURE] = {act_change, true},
	[GROUP_ADDED] = {act_add, false},
	[GROUP_JOINED] = {act_join, false},
	[GROUP_LEFT] = {act_leave, false},
	[GROUP_REMOVED] = {act_remove, true},
	[GROUP_OWNER] = {act_hand_over, true},
};

/* change answers REUSED where nothing had to be done. */
static enum store_status run(struct grouping *g,
			     enum store_status change(struct grouping *))
{
	const char *title =
		g->act->event == GROUP_MADE || g->act->event == GROUP_TITLE
			? g->act->title
			: NULL;

	store_system_begin(&g->system, g->act->event, title);

	enum store_status status = change(g);
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

static enum store_status finish(struct grouping *g, enum store_status status)
{
	char refused[ID_SIZE];

	memcpy(refused, g->out->refused, ID_SIZE);
	status = sqlite_end(g->db, status);
	if (status != STORE_OK) {
		store_group_done_free(g->out);
		memcpy(g->out->refused, refused, ID_SIZE);
	}
	return status;
}

/* ---- the verbs ---- */

static enum store_status act_make(struct grouping *g)
{
	static const char next[] =
		"SELECT coalesce(max(n), 0) + 1 FROM conversation";
	static const char sql[] =
		"INSERT INTO conversation (id, n, kind, made, title, avatar)"
		" VALUES (?1, ?2, 1, ?1, ?3, ?4)";

	g->c.kind = CONVERSATION_GROUP;
	plan_member(g, g->viewer->id);

	enum store_status status = plan_all(g);

	if (status != STORE_OK)
		return status;
	sqlite_clock_next(g->db, g->act->now_ms, g->c.id);
	g->c.n = QUERY_INT(g->db, next);
	QUERY_RUN(g->db, sql, ID(g->c.id), INT(g->c.n), TEXT(g->act->title),
		  TEXT(g->act->avatar));
	add_planned(g);
	set_owner(g, g->viewer->id, true);
	return STORE_OK;
}

static enum store_status group_make(struct store *store,
				    const struct store_viewer *viewer,
				    const struct store_group_act *act,
				    struct store_group_done *out)
{
	struct grouping g = {
		.db = sqlite_begin(store, ACCESS_WRITE),
		.viewer = viewer,
		.act = act,
		.out = out,
	};

	return finish(&g, run(&g, act_make));
}

static enum store_status group_act(struct store *store,
				   const struct store_viewer *viewer,
				   const char *id,
				   const struct store_group_act *act,
				   struct store_group_done *out)
{
	struct grouping g = {
		.db = sqlite_begin(store, ACCESS_WRITE),
		.viewer = viewer,
		.act = act,
		.out = out,
	};
	enum store_status status = STORE_NOT_FOUND;

	if (find_own_group(&g, id))
		status = acts[act->event].owners && !g.me.owner
				 ? STORE_FORBIDDEN
				 : run(&g, acts[act->event].change);
	return finish(&g, status);
}

/* What a link leads to. */
static enum store_status find_by_link(struct grouping *g, const char *code)
{
	static const char sql[] =
		"SELECT c.id, l.revoked, l.expires_at FROM link l"
		" JOIN conversation c ON c.n = l.n WHERE l.code = ?";
	struct query q = QUERY(g->db, sql, TEXT(code));
	enum store_status status = STORE_NOT_FOUND;
	char id[ID_SIZE];

	if (query_row(&q)) {
		query_id(&q, 0, id);
		status = query_int(&q, 1) != 0		      ? STORE_REVOKED
			 : query_int(&q, 2) <= g->act->now_ms ? STORE_EXPIRED
							      : STORE_OK;
	}
	query_close(&q);
	if (status == STORE_OK && !find_group(g, id))
		status = STORE_NOT_FOUND;
	if (status == STORE_OK)
		sqlite_member_find(g->db, &g->c, g->viewer->id, &g->me);
	return status;
}

static enum store_status group_join(struct store *store,
				    const struct store_viewer *viewer,
				    const char *code,
				    const struct store_group_act *act,
				    struct store_group_done *out)
{
	struct grouping g = {
		.db = sqlite_begin(store, ACCESS_WRITE),
		.viewer = viewer,
		.act = act,
		.out = out,
	};
	enum store_status status = find_by_link(&g, code);

	if (status == STORE_OK)
		status = run(&g, act_join);
	return finish(&g, status);
}

/* ---- links ---- */

/* As owner; else what to answer. */
static enum store_status find_as_owner(struct grouping *g, const char *id)
{
	if (!find_own_group(g, id))
		return STORE_NOT_FOUND;
	return g->me.owner ? STORE_OK : STORE_FORBIDDEN;
}

static void revoke_links(struct grouping *g)
{
	static const char sql[] =
		"UPDATE link SET revoked = 1 WHERE n = ? AND revoked = 0";

	QUERY_RUN(g->db, sql, INT(g->c.n));
}

static bool find_link(struct grouping *g, struct store_link *link,
		      int64_t now_ms)
{
	static const char sql[] =
		"SELECT code, expires_at FROM link WHERE n = ? AND revoked = 0"
		" AND expires_at > ? AND expires_at = ?";
	struct query q = QUERY(g->db, sql, INT(g->c.n), INT(now_ms),
			       INT(link->expires_at));
	bool found = query_row(&q);

	if (found)
		memccpy(link->code, query_text(&q, 0), '\0',
			sizeof(link->code));
	query_close(&q);
	return found;
}

static enum store_status
group_link_make(struct store *store, const struct store_viewer *viewer,
		const char *id, struct store_link *link, int64_t now_ms)
{
	static const char sql[] =
		"INSERT INTO link (code, n, by, created_at, expires_at)"
		" VALUES (?, ?, ?, ?, ?)";
	struct grouping g = {
		.db = sqlite_begin(store, ACCESS_WRITE),
		.viewer = viewer,
	};
	enum store_status status = find_as_owner(&g, id);

	if (status == STORE_OK && !find_link(&g, link, now_ms)) {
		revoke_links(&g);
		QUERY_RUN(g.db, sql, TEXT(link->code), INT(g.c.n),
			  ID(viewer->id), INT(now_ms), INT(link->expires_at));
	}
	return sqlite_end(g.db, status);
}

static enum store_status group_link_end(struct store *store,
					const struct store_viewer *viewer,
					const char *id)
{
	struct grouping g = {
		.db = sqlite_begin(store, ACCESS_WRITE),
		.viewer = viewer,
	};
	enum store_status status = find_as_owner(&g, id);

	if (status == STORE_OK)
		revoke_links(&g);
	return sqlite_end(g.db, status);
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
	.link_make = group_link_make,
	.link_end = group_link_end,
	.newcomers = group_newcomers,
};
