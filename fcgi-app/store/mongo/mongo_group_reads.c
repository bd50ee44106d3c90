#include "mongo_group.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
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

static enum store_status may_show(struct store_grouping *base)
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

static int by_id(const void *one, const void *other)
{
	const struct store_member *a = one, *b = other;

	return strcmp(a->user_id, b->user_id);
}

/* In order by id. How many there are. */
static size_t read_left(struct mongo_db *db, const char *group,
			const char *leaves, struct store_member **out)
{
	size_t count = mongo_members_read(db, group, out), kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (strcmp((*out)[i].user_id, leaves) != 0)
			(*out)[kept++] = (*out)[i];
	}
	if (kept > 1)
		qsort(*out, kept, sizeof(**out), by_id);
	return kept;
}

static bool is_owned(const struct store_member *members, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (members[i].owner)
			return true;
	}
	return false;
}

/* Which of them are there and not disabled; the caller frees it. */
static bool *read_living(struct mongo_db *db,
			 const struct store_member *members, size_t count)
{
	const char **ids = xcalloc(count, sizeof(*ids));
	bool *living = xcalloc(count, sizeof(*living));
	struct mongo_rows rows;

	for (size_t i = 0; i < count; i++)
		ids[i] = members[i].user_id;
	rows = mongo_find(
		db, IN_USER,
		&(struct mongo_find){
			.filter = DOC(SUB("_id", IDS("$in", ids, count)),
				      BOOL("disabled", false)),
			.fields = DOC(INT("_id", 1)),
		});
	while (mongo_next(&rows)) {
		struct store_member key;
		const struct store_member *found;

		mongo_read_id(rows.row, "_id", key.user_id);
		found = bsearch(&key, members, count, sizeof(*members), by_id);
		living[found - members] = true;
	}
	free(ids);
	return living;
}

/* Those who live come first. */
static const char *find_longest(struct mongo_db *db,
				const struct store_member *members,
				size_t count)
{
	bool *living = read_living(db, members, count);
	size_t longest = 0;

	for (size_t i = 1; i < count; i++) {
		if (living[i] != living[longest]
			    ? living[i]
			    : members[i].joined_seq <
				      members[longest].joined_seq)
			longest = i;
	}
	free(living);
	return members[longest].user_id;
}

/* Any is always the same one. */
static void find_heirs(struct store_grouping *base, char longest[ID_SIZE],
		       char any[ID_SIZE])
{
	struct mongo_group *g = group_of(base);
	struct store_member *members;
	size_t count = read_left(g->db, g->c.id, base->viewer->id, &members);

	if (count > 0)
		memcpy(any, members[0].user_id, ID_SIZE);
	if (count > 0 && !is_owned(members, count))
		memcpy(longest, find_longest(g->db, members, count), ID_SIZE);
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
