#include "mongo_group.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "mongo_block.h"
#include "mongo_file.h"

/* ---- members come ---- */

static void plan_member(struct mongo_group *g, const char *user)
{
	struct store_group_done *out = g->out;

	if (out->joined == NULL)
		out->joined = xcalloc(LIMIT_MEMBERS, sizeof(*out->joined));
	memcpy(out->joined[out->joined_count++], user, ID_SIZE);
	g->members++;
}

static bool is_planned(const struct mongo_group *g, const char *user)
{
	for (size_t i = 0; i < g->out->joined_count; i++) {
		if (strcmp(g->out->joined[i], user) == 0)
			return true;
	}
	return false;
}

/* ---- who may be added ---- */

/* What clients send has a clientId, by which there is an index; the rest is
 * looked through. */
static bool wrote_there(struct mongo_db *db, const char *conversation,
			const char *user)
{
	return mongo_exists(db, IN_MESSAGE,
			    DOC(ID("c", conversation), ID("sender", user),
				SUB("clientId", BOOL("$exists", true)))) ||
	       mongo_exists(db, IN_MESSAGE,
			    DOC(ID("c", conversation), ID("sender", user)));
}

/* Has user written to the viewer? Who joins by a link adds themselves. */
static bool has_written(struct mongo_group *g, const char *user)
{
	struct mongo_conversation c;
	char id[ID_SIZE];
	bool has;

	if (strcmp(user, g->viewer->id) == 0)
		return true;
	id_direct(g->viewer->id, user, id);
	has = mongo_conversation_find(g->db, id, &c) &&
	      wrote_there(g->db, id, user);
	mongo_conversation_done(&c);
	return has;
}

static int64_t members_max(const struct mongo_group *g)
{
	return g->act->members_max > 0 && g->act->members_max < LIMIT_MEMBERS
		       ? g->act->members_max
		       : LIMIT_MEMBERS;
}

static bool is_member(struct mongo_group *g, const char *user)
{
	struct mongo_member there;

	return mongo_member_find(g->db, &g->c, user, &there);
}

static enum store_status plan_one(struct mongo_group *g, const char *id)
{
	struct store_user user;
	enum store_status status = STORE_OK;

	if (!mongo_user_find(g->db, id, &user))
		return STORE_NOT_FOUND;
	if (is_planned(g, id) || is_member(g, id))
		goto out;
	if (user.disabled || user.role == ROLE_GUEST)
		status = STORE_NOT_FOUND;
	else if ((user.contacts_add && !has_written(g, id)) ||
		 mongo_block_find(g->db, id, g->viewer->id, NULL))
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

static enum store_status plan_all(struct mongo_group *g)
{
	enum store_status status = STORE_OK;

	for (size_t i = 0; i < g->act->user_count && status == STORE_OK; i++) {
		status = plan_one(g, g->act->users[i]);
		if (status != STORE_OK && id_valid(g->act->users[i]))
			memcpy(g->out->refused, g->act->users[i], ID_SIZE);
	}
	return status;
}

/* ---- the acts ---- */

static enum store_status act_change(struct mongo_group *g)
{
	bool renames = g->act->event == GROUP_TITLE;
	const char *now = renames ? g->c.title : g->c.avatar;
	const char *then = renames ? g->act->title : g->act->avatar;

	if (!renames && !mongo_file_shows(g->db, g->viewer, g->act->avatar))
		return STORE_NOT_FOUND;
	if (strcmp(now, then) == 0)
		return STORE_REUSED; /* as it was */
	*(renames ? &g->plan.title : &g->plan.avatar) = then;
	return STORE_OK;
}

static enum store_status act_add(struct mongo_group *g)
{
	enum store_status status = plan_all(g);

	if (status != STORE_OK)
		return status;
	return g->out->joined_count > 0 ? STORE_OK : STORE_REUSED;
}

static enum store_status act_join(struct mongo_group *g)
{
	return g->me.joined_seq > 0 ? STORE_REUSED : plan_one(g, g->viewer->id);
}

static void plan_drop(struct mongo_group *g, const char *user)
{
	memcpy(g->plan.drop, user, ID_SIZE);
	memcpy(g->out->left, user, ID_SIZE);
	g->members--;
}

static bool is_longer_there(const struct store_member *a,
			    const struct store_member *b)
{
	return a->joined_seq != b->joined_seq
		       ? a->joined_seq < b->joined_seq
		       : strcmp(a->user_id, b->user_id) < 0;
}

/* Of who stays: whoever has been there longest; NULL: there is an owner, or
 * nobody. *some: anyone, always the same. */
static const struct store_member *find_heir(const struct store_member *members,
					    size_t count, const char *leaves,
					    const struct store_member **some)
{
	const struct store_member *heir = NULL;
	bool owned = false;

	*some = NULL;
	for (size_t i = 0; i < count; i++) {
		const struct store_member *member = &members[i];

		if (strcmp(member->user_id, leaves) == 0)
			continue;
		owned = owned || member->owner;
		if (heir == NULL || is_longer_there(member, heir))
			heir = member;
		if (*some == NULL ||
		    strcmp(member->user_id, (*some)->user_id) < 0)
			*some = member;
	}
	return owned ? NULL : heir;
}

static void name_owner(struct mongo_group *g, const char *id)
{
	struct store_user user;

	memcpy(g->plan.owner, id, ID_SIZE);
	if (mongo_user_find(g->db, id, &user))
		store_system_user(&g->system, &user);
	store_user_done(&user);
}

static enum store_status act_leave(struct mongo_group *g)
{
	struct store_member *members;
	size_t count = mongo_group_members_read(g->db, g->c.id, &members);
	const struct store_member *some, *heir;

	plan_drop(g, g->viewer->id);
	heir = find_heir(members, count, g->viewer->id, &some);
	if (heir != NULL)
		name_owner(g, heir->user_id);
	if (some != NULL)
		memcpy(g->out->heir, some->user_id, ID_SIZE);
	free(members);
	return STORE_OK;
}

/* The other member that an owner's act is about; false: there is none. */
static bool find_other(struct mongo_group *g, struct store_user *user)
{
	const char *id = g->act->users[0];

	return g->act->user_count == 1 && strcmp(id, g->viewer->id) != 0 &&
	       is_member(g, id) && mongo_user_find(g->db, id, user);
}

static enum store_status act_remove(struct mongo_group *g)
{
	struct store_user user;

	if (!find_other(g, &user))
		return STORE_NOT_FOUND;
	plan_drop(g, user.id);
	store_system_user(&g->system, &user);
	store_user_done(&user);
	return STORE_OK;
}

static enum store_status act_hand_over(struct mongo_group *g)
{
	struct store_user user;

	if (!find_other(g, &user))
		return STORE_NOT_FOUND;
	memcpy(g->plan.owner, user.id, ID_SIZE);
	memcpy(g->plan.disown, g->viewer->id, ID_SIZE);
	store_system_user(&g->system, &user);
	store_user_done(&user);
	return STORE_OK;
}

static enum store_status act_make(struct mongo_group *g)
{
	plan_member(g, g->viewer->id);
	memcpy(g->plan.owner, g->viewer->id, ID_SIZE);
	return mongo_file_shows(g->db, g->viewer, g->act->avatar)
		       ? plan_all(g)
		       : STORE_NOT_FOUND;
}

static const struct {
	enum store_status (*change)(struct mongo_group *);
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

enum store_status mongo_group_change(struct mongo_group *g)
{
	if (acts[g->act->event].owners && !g->me.owner)
		return STORE_FORBIDDEN;
	return acts[g->act->event].change(g);
}
