#include "sqlite_group.h"

#include <string.h>

#include "mem.h"
#include "sqlite_clock.h"
#include "sqlite_opening.h"

/* ---- members come and go ---- */

/* Whoever joins is planned first, for a verb that is refused writes nothing. */
static void plan_member(struct sqlite_group *g, const char *user)
{
	struct store_group_done *out = g->out;

	if (out->joined == NULL)
		out->joined = xcalloc(LIMIT_MEMBERS, sizeof(*out->joined));
	memcpy(out->joined[out->joined_count++], user, ID_SIZE);
	g->members++;
}

static bool is_planned(const struct sqlite_group *g, const char *user)
{
	for (size_t i = 0; i < g->out->joined_count; i++) {
		if (strcmp(g->out->joined[i], user) == 0)
			return true;
	}
	return false;
}

static void add_planned(struct sqlite_group *g)
{
	static const char member[] =
		"INSERT INTO member (n, user_id, joined_seq, received_seq,"
		" read_seq) VALUES (?1, ?2, ?3, ?3 - 1, ?3 - 1)";
	/* Who comes back is not to have on one device what they had. */
	static const char own[] =
		"UPDATE user SET own = own + 1 WHERE id = ? AND own > 0"
		" RETURNING own";
	static const char inbox[] =
		"INSERT INTO inbox (user_id, conversation, n, kind, own)"
		" VALUES (?, ?, ?, 1, ?)";

	for (size_t i = 0; i < g->out->joined_count; i++) {
		QUERY_RUN(g->db, member, INT(g->c.n), ID(g->out->joined[i]),
			  INT(sqlite_group_next_seq(g)));
		QUERY_RUN(g->db, inbox, ID(g->out->joined[i]), ID(g->c.id),
			  INT(g->c.n),
			  INT(QUERY_INT(g->db, own, ID(g->out->joined[i]))));
	}
}

static void drop_member(struct sqlite_group *g, const char *user)
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

static void set_owner(struct sqlite_group *g, const char *user, bool owner)
{
	static const char sql[] =
		"UPDATE member SET owner = ? WHERE n = ? AND user_id = ?";

	QUERY_RUN(g->db, sql, INT(owner), INT(g->c.n), ID(user));
}

/* ---- who may be added ---- */

/* Has user written to the viewer? Who joins by a link adds themselves. */
static bool has_written(struct sqlite_group *g, const char *user)
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

static int64_t members_max(const struct sqlite_group *g)
{
	return g->act->members_max > 0 && g->act->members_max < LIMIT_MEMBERS
		       ? g->act->members_max
		       : LIMIT_MEMBERS;
}

static enum store_status plan_one(struct sqlite_group *g, const char *id)
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
	else if ((user.contacts_add && !has_written(g, id)) ||
		 sqlite_is_blocked(g->db, id, g->viewer->id))
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

static enum store_status plan_all(struct sqlite_group *g)
{
	enum store_status status = STORE_OK;

	for (size_t i = 0; i < g->act->user_count && status == STORE_OK; i++) {
		status = plan_one(g, g->act->users[i]);
		if (status != STORE_OK && id_valid(g->act->users[i]))
			memcpy(g->out->refused, g->act->users[i], ID_SIZE);
	}
	return status;
}

/* ---- the acts: what each changes ---- */

static enum store_status act_change(struct sqlite_group *g)
{
	static const char title[] =
		"UPDATE conversation SET title = ?1 WHERE id = ?2"
		" AND title <> ?1";
	static const char avatar[] =
		"UPDATE conversation SET avatar = ?1 WHERE id = ?2"
		" AND avatar <> ?1";
	bool renames = g->act->event == GROUP_TITLE;

	if (!renames && !sqlite_file_shows(g->db, g->viewer, g->act->avatar))
		return STORE_NOT_FOUND;
	return QUERY_RUN(g->db, renames ? title : avatar,
			 TEXT(renames ? g->act->title : g->act->avatar),
			 ID(g->c.id)) > 0
		       ? STORE_OK
		       : STORE_REUSED; /* as it was */
}

static enum store_status act_add(struct sqlite_group *g)
{
	enum store_status status = plan_all(g);

	if (status != STORE_OK)
		return status;
	add_planned(g);
	return g->out->joined_count > 0 ? STORE_OK : STORE_REUSED;
}

static enum store_status act_join(struct sqlite_group *g)
{
	if (g->me.joined_seq > 0)
		return STORE_REUSED;

	enum store_status status = plan_one(g, g->viewer->id);

	if (status == STORE_OK)
		add_planned(g);
	return status;
}

/* The one who has been there longest, where nobody is the owner. */
static void find_heir(struct sqlite_group *g)
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

static enum store_status act_leave(struct sqlite_group *g)
{
	static const char left[] = "SELECT user_id FROM member WHERE n = ?"
				   " LIMIT 1";

	drop_member(g, g->viewer->id);
	find_heir(g);

	struct query q = QUERY(g->db, left, INT(g->c.n));

	if (query_row(&q))
		query_id(&q, 0, g->out->heir);
	query_close(&q);
	return STORE_OK;
}

/* The other member that an owner's act is about; false: there is none. */
static bool find_other(struct sqlite_group *g, struct store_user *user)
{
	const char *id = g->act->users[0];
	struct store_member member;

	return g->act->user_count == 1 && strcmp(id, g->viewer->id) != 0 &&
	       sqlite_member_find(g->db, &g->c, id, &member) &&
	       sqlite_user_find(g->db, id, user);
}

static enum store_status act_remove(struct sqlite_group *g)
{
	struct store_user user;

	if (!find_other(g, &user))
		return STORE_NOT_FOUND;
	drop_member(g, user.id);
	store_system_user(&g->system, &user);
	store_user_done(&user);
	return STORE_OK;
}

static enum store_status act_hand_over(struct sqlite_group *g)
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

static enum store_status act_make(struct sqlite_group *g)
{
	static const char sql[] =
		"INSERT INTO conversation (id, n, kind, made, title, avatar)"
		" VALUES (?1, ?2, 1, ?1, ?3, ?4)";

	plan_member(g, g->viewer->id);

	enum store_status status =
		sqlite_file_shows(g->db, g->viewer, g->act->avatar)
			? plan_all(g)
			: STORE_NOT_FOUND;

	if (status != STORE_OK)
		return status;
	sqlite_clock_next(g->db, g->act->now_ms, g->c.id);
	g->c.n = sqlite_opening_next(g->db);
	QUERY_RUN(g->db, sql, ID(g->c.id), INT(g->c.n), TEXT(g->act->title),
		  TEXT(g->act->avatar));
	add_planned(g);
	set_owner(g, g->viewer->id, true);
	return STORE_OK;
}

static const struct {
	enum store_status (*change)(struct sqlite_group *);
	bool owners; /* only they may */
} acts[] = {
	[GROUP_MADE] = {act_make, false},
	[GROUP_TITLE] = {act_change, true},
	[GROUP_PICTURE] = {act_change, true},
	[GROUP_ADDED] = {act_add, false},
	[GROUP_JOINED] = {act_join, false},
	[GROUP_LEFT] = {act_leave, false},
	[GROUP_REMOVED] = {act_remove, true},
	[GROUP_OWNER] = {act_hand_over, true},
};

enum store_status sqlite_group_change(struct sqlite_group *g)
{
	if (acts[g->act->event].owners && !g->me.owner)
		return STORE_FORBIDDEN;
	return acts[g->act->event].change(g);
}
