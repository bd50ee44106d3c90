#include "sqlite_group.h"

#include <string.h>

#include "sqlite_clock.h"
#include "sqlite_opening.h"

/* ---- what is asked ---- */

static struct sqlite_group *group_of(struct store_grouping *base)
{
	return (struct sqlite_group *)base;
}

static bool find_user(struct store_grouping *base, const char *id,
		      struct store_user *out)
{
	return sqlite_user_find(group_of(base)->db, id, out);
}

static bool is_member(struct store_grouping *base, const char *user)
{
	struct sqlite_group *g = group_of(base);
	struct store_member there;

	return sqlite_member_find(g->db, &g->c, user, &there);
}

static bool has_written(struct store_grouping *base, const char *user)
{
	char id[ID_SIZE];
	struct sqlite_conversation c;

	id_direct(base->viewer->id, user, id);
	if (!sqlite_conversation_find(group_of(base)->db, id, &c) ||
	    c.last_seq == 0)
		return false;
	return strcmp(c.last_sender, user) == 0 || c.last_other_own > 0;
}

static bool is_blocking(struct store_grouping *base, const char *user)
{
	return sqlite_is_blocked(group_of(base)->db, user, base->viewer->id);
}

static enum store_status may_show(struct store_grouping *base)
{
	return sqlite_file_shows(group_of(base)->db, base->viewer,
				 base->act->avatar);
}

static bool has_title(struct store_grouping *base)
{
	static const char sql[] =
		"SELECT count(*) FROM conversation WHERE id = ? AND title = ?";
	struct sqlite_group *g = group_of(base);

	return QUERY_INT(g->db, sql, ID(g->c.id), TEXT(base->act->title)) > 0;
}

static bool has_avatar(struct store_grouping *base)
{
	static const char sql[] =
		"SELECT count(*) FROM conversation WHERE id = ? AND avatar = ?";
	struct sqlite_group *g = group_of(base);

	return QUERY_INT(g->db, sql, ID(g->c.id), TEXT(base->act->avatar)) > 0;
}

static void find_one(struct sqlite_group *g, const char *sql, char out[ID_SIZE])
{
	struct query q = QUERY(g->db, sql, INT(g->c.n), ID(g->base.viewer->id));

	if (query_row(&q))
		query_id(&q, 0, out);
	query_close(&q);
}

static void find_heirs(struct store_grouping *base, char longest[ID_SIZE],
		       char any[ID_SIZE])
{
	static const char heir[] =
		"SELECT user_id FROM member WHERE n = ?1 AND user_id <> ?2"
		" AND NOT EXISTS (SELECT 1 FROM member"
		"  WHERE n = ?1 AND user_id <> ?2 AND owner = 1)"
		" ORDER BY NOT EXISTS (SELECT 1 FROM user"
		"  WHERE id = user_id AND disabled = 0),"
		" joined_seq, user_id LIMIT 1";
	static const char left[] = "SELECT user_id FROM member"
				   " WHERE n = ? AND user_id <> ? LIMIT 1";

	find_one(group_of(base), heir, longest);
	find_one(group_of(base), left, any);
}

const struct store_grouping_reads sqlite_grouping_reads = {
	.user = find_user,
	.is_member = is_member,
	.has_written = has_written,
	.is_blocking = is_blocking,
	.may_show = may_show,
	.has_title = has_title,
	.has_avatar = has_avatar,
	.heirs = find_heirs,
};

/* ---- what is written ---- */

static void open_group(struct sqlite_group *g)
{
	static const char sql[] =
		"INSERT INTO conversation (id, n, kind, made, title, avatar)"
		" VALUES (?1, ?2, 1, ?1, ?3, ?4)";
	const struct store_group_act *act = g->base.act;

	sqlite_clock_next(g->db, act->now_ms, g->c.id);
	g->c.n = sqlite_opening_next(g->db);
	QUERY_RUN(g->db, sql, ID(g->c.id), INT(g->c.n), TEXT(act->title),
		  TEXT(act->avatar));
}

static void write_looks(struct sqlite_group *g)
{
	static const char title[] =
		"UPDATE conversation SET title = ? WHERE id = ?";
	static const char avatar[] =
		"UPDATE conversation SET avatar = ? WHERE id = ?";
	const struct store_group_plan *plan = &g->base.plan;

	if (plan->title != NULL)
		QUERY_RUN(g->db, title, TEXT(plan->title), ID(g->c.id));
	if (plan->avatar != NULL)
		QUERY_RUN(g->db, avatar, TEXT(plan->avatar), ID(g->c.id));
}

static void add_member(struct sqlite_group *g, const char *user)
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

	QUERY_RUN(g->db, member, INT(g->c.n), ID(user),
		  INT(sqlite_group_next_seq(g)));
	QUERY_RUN(g->db, inbox, ID(user), ID(g->c.id), INT(g->c.n),
		  INT(QUERY_INT(g->db, own, ID(user))));
}

static void drop_member(struct sqlite_group *g, const char *user)
{
	static const char member[] =
		"DELETE FROM member WHERE n = ? AND user_id = ?";
	static const char inbox[] =
		"DELETE FROM inbox WHERE user_id = ? AND conversation = ?";

	if (user[0] == '\0')
		return;
	QUERY_RUN(g->db, member, INT(g->c.n), ID(user));
	QUERY_RUN(g->db, inbox, ID(user), ID(g->c.id));
}

static void set_owner(struct sqlite_group *g, const char *user, bool owner)
{
	static const char sql[] =
		"UPDATE member SET owner = ? WHERE n = ? AND user_id = ?";

	if (user[0] != '\0')
		QUERY_RUN(g->db, sql, INT(owner), INT(g->c.n), ID(user));
}

void sqlite_group_write(struct sqlite_group *g)
{
	const struct store_group_done *out = g->base.out;

	if (g->base.act->event == GROUP_MADE)
		open_group(g);
	write_looks(g);
	drop_member(g, g->base.plan.drop);
	for (size_t i = 0; i < out->joined_count; i++)
		add_member(g, out->joined[i]);
	set_owner(g, g->base.plan.owner, true);
	set_owner(g, g->base.plan.disown, false);
}
