#include "mongo_group.h"

#include <stdlib.h>
#include <string.h>

#include "mongo_block.h"
#include "mongo_file.h"

static struct mongo_group *group_of(struct store_grouping *base)
{
	return (struct mongo_group *)base;
}

static void read_ahead(struct store_grouping *base)
{
	struct mongo_group *g = group_of(base);

	mongo_invited_read(g->db, &g->c, base->viewer, base->act, &g->invited);
}

static bool find_user(struct store_grouping *base, const char *id,
		      struct store_user *out)
{
	struct mongo_group *g = group_of(base);
	const struct mongo_invitee *one = mongo_invited_find(&g->invited, id);

	if (one == NULL)
		return mongo_user_find(g->db, id, out);
	if (one->row != NULL)
		mongo_user_read(one->row, out);
	return one->row != NULL;
}

static bool is_member(struct store_grouping *base, const char *user)
{
	struct mongo_group *g = group_of(base);
	const struct mongo_invitee *one = mongo_invited_find(&g->invited, user);
	struct mongo_member there;

	return one != NULL ? one->member
			   : mongo_member_find(g->db, &g->c, user, &there);
}

/* Who sent something with a clientId was read ahead; the rest is looked
 * through, up to the first message of theirs. */
static bool has_written(struct store_grouping *base, const char *user)
{
	struct mongo_db *db = group_of(base)->db;
	const struct mongo_invitee *one =
		mongo_invited_find(&group_of(base)->invited, user);
	char id[ID_SIZE];

	if (one != NULL && one->written)
		return true;
	id_direct(base->viewer->id, user, id);
	return mongo_exists(db, IN_MESSAGE,
			    DOC(ID("c", id), ID("sender", user)));
}

static bool is_blocking(struct store_grouping *base, const char *user)
{
	struct mongo_group *g = group_of(base);
	const struct mongo_invitee *one = mongo_invited_find(&g->invited, user);

	return one != NULL
		       ? one->blocking
		       : mongo_block_find(g->db, user, base->viewer->id, NULL);
}

static bool may_show(struct store_grouping *base)
{
	return mongo_file_shows(group_of(base)->db, base->viewer,
				base->act->avatar);
}

static bool has_title(struct store_grouping *base)
{
	return strcmp(group_of(base)->c.title, base->act->title) == 0;
}

static bool has_avatar(struct store_grouping *base)
{
	return strcmp(group_of(base)->c.avatar, base->act->avatar) == 0;
}

/* ---- who is left ---- */

static bool is_longer_there(const struct store_member *a,
			    const struct store_member *b)
{
	return a->joined_seq != b->joined_seq
		       ? a->joined_seq < b->joined_seq
		       : strcmp(a->user_id, b->user_id) < 0;
}

/* Any is always the same one. */
static void find_among(const struct store_member *members, size_t count,
		       const char *leaves, char longest[ID_SIZE],
		       char any[ID_SIZE])
{
	const struct store_member *heir = NULL, *some = NULL;
	bool owned = false;

	for (size_t i = 0; i < count; i++) {
		const struct store_member *member = &members[i];

		if (strcmp(member->user_id, leaves) == 0)
			continue;
		owned = owned || member->owner;
		if (heir == NULL || is_longer_there(member, heir))
			heir = member;
		if (some == NULL || strcmp(member->user_id, some->user_id) < 0)
			some = member;
	}
	if (heir != NULL && !owned)
		memcpy(longest, heir->user_id, ID_SIZE);
	if (some != NULL)
		memcpy(any, some->user_id, ID_SIZE);
}

static void find_heirs(struct store_grouping *base, char longest[ID_SIZE],
		       char any[ID_SIZE])
{
	struct mongo_group *g = group_of(base);
	struct store_member *members;
	size_t count = mongo_members_read(g->db, g->c.id, &members);

	find_among(members, count, base->viewer->id, longest, any);
	free(members);
}

const struct store_grouping_reads mongo_grouping_reads = {
	.ahead = read_ahead,
	.user = find_user,
	.is_member = is_member,
	.has_written = has_written,
	.is_blocking = is_blocking,
	.may_show = may_show,
	.has_title = has_title,
	.has_avatar = has_avatar,
	.heirs = find_heirs,
};
