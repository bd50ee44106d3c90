#include "store_grouping.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "palabre_limits.h"

/* ---- who joins ---- */

static void plan_member(struct store_grouping *g, const char *user)
{
	struct store_group_done *out = g->out;

	if (out->joined == NULL)
		out->joined = xcalloc(LIMIT_MEMBERS, sizeof(*out->joined));
	memcpy(out->joined[out->joined_count++], user, ID_SIZE);
	g->members++;
}

static bool is_planned(const struct store_grouping *g, const char *user)
{
	for (size_t i = 0; i < g->out->joined_count; i++) {
		if (strcmp(g->out->joined[i], user) == 0)
			return true;
	}
	return false;
}

static int64_t members_max(const struct store_grouping *g)
{
	return g->act->members_max > 0 && g->act->members_max < LIMIT_MEMBERS
		       ? g->act->members_max
		       : LIMIT_MEMBERS;
}

/* Who joins by a link adds themselves. */
static bool lets_add(struct store_grouping *g, const struct store_user *user)
{
	return (!user->contacts_add || strcmp(user->id, g->viewer->id) == 0 ||
		g->reads->has_written(g, user->id)) &&
	       !g->reads->is_blocking(g, user->id);
}

static enum store_status may_join(struct store_grouping *g,
				  const struct store_user *user)
{
	if (user->disabled || user->role == ROLE_GUEST)
		return STORE_NOT_FOUND;
	if (!lets_add(g, user))
		return STORE_DECLINED;
	return g->members >= members_max(g) ? STORE_FULL : STORE_OK;
}

/* Who is a member already is not added again. */
static enum store_status plan_one(struct store_grouping *g, const char *id)
{
	struct store_user user = {.id = ""};
	enum store_status status = STORE_NOT_FOUND;
	bool found = g->reads->user(g, id, &user);
	bool there = found && (is_planned(g, id) || g->reads->is_member(g, id));

	if (found)
		status = there ? STORE_OK : may_join(g, &user);
	if (status == STORE_OK && !there) {
		plan_member(g, id);
		store_system_user(&g->system, &user);
	}
	store_user_done(&user);
	return status;
}

static enum store_status plan_all(struct store_grouping *g)
{
	enum store_status status = STORE_OK;

	if (g->reads->ahead != NULL && g->act->user_count > 0)
		g->reads->ahead(g);
	for (size_t i = 0; i < g->act->user_count && status == STORE_OK; i++) {
		status = plan_one(g, g->act->users[i]);
		if (status != STORE_OK && id_valid(g->act->users[i]))
			memcpy(g->out->refused, g->act->users[i], ID_SIZE);
	}
	return status;
}

/* ---- who leaves ---- */

static void plan_drop(struct store_grouping *g, const char *user)
{
	memcpy(g->plan.drop, user, ID_SIZE);
	memcpy(g->out->left, user, ID_SIZE);
}

static void plan_heir(struct store_grouping *g, const char *id)
{
	struct store_user user = {.id = ""};

	memcpy(g->plan.owner, id, ID_SIZE);
	if (g->reads->user(g, id, &user))
		store_system_user(&g->system, &user);
	store_user_done(&user);
}

/* The other member that an owner's act is about; false: there is none. */
static bool find_other(struct store_grouping *g, struct store_user *user)
{
	if (g->act->user_count != 1)
		return false;

	const char *id = g->act->users[0];

	return strcmp(id, g->viewer->id) != 0 && g->reads->is_member(g, id) &&
	       g->reads->user(g, id, user);
}

/* ---- the acts ---- */

static enum store_status act_rename(struct store_grouping *g)
{
	if (g->reads->has_title(g))
		return STORE_REUSED;
	g->plan.title = g->act->title;
	return STORE_OK;
}

static enum store_status act_show(struct store_grouping *g)
{
	enum store_status status = g->reads->may_show(g);

	if (status != STORE_OK)
		return status;
	if (g->reads->has_avatar(g))
		return STORE_REUSED;
	g->plan.avatar = g->act->avatar;
	return STORE_OK;
}

static enum store_status act_add(struct store_grouping *g)
{
	enum store_status status = plan_all(g);

	if (status != STORE_OK)
		return status;
	return g->out->joined_count > 0 ? STORE_OK : STORE_REUSED;
}

/* Whom everybody has left the group to is its owner: else nobody would ever
 * be. */
static enum store_status act_join(struct store_grouping *g)
{
	bool deserted = g->members == 0;
	enum store_status status;

	if (g->me.joined_seq > 0)
		return STORE_REUSED;
	status = plan_one(g, g->viewer->id);
	if (status == STORE_OK && deserted)
		memcpy(g->plan.owner, g->viewer->id, ID_SIZE);
	return status;
}

static enum store_status act_leave(struct store_grouping *g)
{
	char longest[ID_SIZE] = "";

	plan_drop(g, g->viewer->id);
	g->reads->heirs(g, longest, g->out->heir);
	if (longest[0] != '\0')
		plan_heir(g, longest);
	return STORE_OK;
}

static enum store_status act_remove(struct store_grouping *g)
{
	struct store_user user = {.id = ""};
	bool found = find_other(g, &user);

	if (found) {
		plan_drop(g, user.id);
		store_system_user(&g->system, &user);
	}
	store_user_done(&user);
	return found ? STORE_OK : STORE_NOT_FOUND;
}

/* Whoever is disabled could not hand it back. */
static enum store_status act_hand_over(struct store_grouping *g)
{
	struct store_user user = {.id = ""};
	bool found = find_other(g, &user) && !user.disabled;

	if (found) {
		memcpy(g->plan.owner, user.id, ID_SIZE);
		memcpy(g->plan.disown, g->viewer->id, ID_SIZE);
		store_system_user(&g->system, &user);
	}
	store_user_done(&user);
	return found ? STORE_OK : STORE_NOT_FOUND;
}

static enum store_status act_make(struct store_grouping *g)
{
	enum store_status status = g->reads->may_show(g);

	plan_member(g, g->viewer->id);
	memcpy(g->plan.owner, g->viewer->id, ID_SIZE);
	return status == STORE_OK ? plan_all(g) : status;
}

static const struct {
	enum store_status (*decide)(struct store_grouping *);
	bool owners; /* only they may */
	bool titled; /* its message says the title */
} acts[] = {
	[GROUP_MADE] = {act_make, false, true},
	[GROUP_TITLE] = {act_rename, true, true},
	[GROUP_PICTURE] = {act_show, true, false},
	[GROUP_ADDED] = {act_add, false, false},
	[GROUP_JOINED] = {act_join, false, false},
	[GROUP_LEFT] = {act_leave, false, false},
	[GROUP_REMOVED] = {act_remove, true, false},
	[GROUP_OWNER] = {act_hand_over, true, false},
};

enum store_status store_grouping_decide(struct store_grouping *g,
					char **content)
{
	enum store_group_event event = g->act->event;
	enum store_status status;

	store_system_begin(&g->system, event,
			   acts[event].titled ? g->act->title : NULL);
	status = acts[event].owners && !g->me.owner ? STORE_FORBIDDEN
						    : acts[event].decide(g);
	*content = store_system_end(&g->system);
	if (status != STORE_OK) {
		free(*content);
		*content = NULL;
	}
	return status;
}

/* ---- how it ended ---- */

void store_grouping_said(struct store_grouping *g, const char *conversation,
			 int64_t seq, char *content)
{
	struct store_message *message = &g->out->message;

	memcpy(message->conversation, conversation, ID_SIZE);
	memcpy(message->sender, g->viewer->id, ID_SIZE);
	message->seq = seq;
	message->kind = MESSAGE_SYSTEM;
	message->conversation_kind = CONVERSATION_GROUP;
	message->created_at = g->act->now_ms;
	message->sender_name = xstrdup(g->act->actor_name);
	message->content = content;
}

void store_grouping_failed(struct store_group_done *out)
{
	char refused[ID_SIZE];

	memcpy(refused, out->refused, ID_SIZE);
	store_group_done_free(out);
	memcpy(out->refused, refused, ID_SIZE);
}
