/* Who is in a group, page by page. They are at most LIMIT_MEMBERS, in the row
 * of the group, and their names in those of users: so each page is cut out of
 * all of them. */
#include "mongo_group.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

struct listed {
	struct store_user user;
	char *folded;
	struct store_member member;
};

struct listing {
	struct listed *rows;
	size_t count;
};

static int in_order(const void *one, const void *other)
{
	const struct listed *a = one, *b = other;

	if (a->member.owner != b->member.owner)
		return a->member.owner ? -1 : 1;
	return strcmp(a->folded, b->folded);
}

static const struct store_member *
find_member(const struct store_member *members, size_t count, const char *id)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(members[i].user_id, id) == 0)
			return &members[i];
	}
	return NULL;
}

/* Of all whose names have the words. */
static void read_listing(struct mongo_db *db,
			 const struct store_member *members, size_t count,
			 const bson_t *words, struct listing *out)
{
	const char **ids = xcalloc(count + 1, sizeof(*ids));
	bson_t *shown = mongo_bson(mongo_user_shown);
	struct mongo_rows rows;

	for (size_t i = 0; i < count; i++)
		ids[i] = members[i].user_id;
	out->rows = xcalloc(count + 1, sizeof(*out->rows));
	rows = mongo_find(
		db, IN_USER,
		&(struct mongo_find){
			.filter = DOC(SUB("_id", IDS("$in", ids, count)),
				      ALL(words)),
			.fields = DOC(ALL(shown), INT("nameFolded", 1)),
		});
	while (out->count < count && mongo_next(&rows)) {
		struct listed *row = &out->rows[out->count++];

		mongo_user_shown_read(rows.row, &row->user);
		row->folded = mongo_take_text(rows.row, "nameFolded");
		row->member = *find_member(members, count, row->user.id);
	}
	mongo_close(&rows);
	if (out->count > 1)
		qsort(out->rows, out->count, sizeof(*out->rows), in_order);
	bson_destroy(shown);
	free(ids);
}

static void listing_done(struct listing *listing)
{
	for (size_t i = 0; i < listing->count; i++) {
		store_user_done(&listing->rows[i].user);
		free(listing->rows[i].folded);
	}
	free(listing->rows);
}

/* Where whoever is named would stand, also if they are no member any more.
 * False: there is no such user. */
static bool find_after(struct mongo_db *db, const char *id,
		       const struct store_member *members, size_t count,
		       struct listed *out)
{
	const struct store_member *member = find_member(members, count, id);
	bson_t row;

	if (!mongo_find_one(db, IN_USER, DOC(ID("_id", id)),
			    DOC(INT("nameFolded", 1)), &row))
		return false;
	out->folded = mongo_take_text(&row, "nameFolded");
	out->member.owner = member != NULL && member->owner;
	bson_destroy(&row);
	return true;
}

static void give_page(struct mongo_db *db, const struct listing *listing,
		      const struct store_member *members, size_t count,
		      const struct store_members *asked,
		      store_each_member *each, void *context)
{
	struct listed after = {.folded = NULL};
	size_t given = 0;

	if (asked->after != NULL &&
	    !find_after(db, asked->after, members, count, &after))
		return;
	for (size_t i = 0; i < listing->count && given < asked->limit; i++) {
		const struct listed *row = &listing->rows[i];

		if (asked->after != NULL && in_order(row, &after) <= 0)
			continue;
		each(&row->user, &row->member, context);
		given++;
	}
	free(after.folded);
}

/* Marks, too: of the first, who may be all. */
static size_t read_members(struct mongo_group *g, struct store_member **out)
{
	size_t count = mongo_members_read(g->db, g->c.id, out);

	for (size_t i = 0; i < count; i++) {
		struct mongo_member whole;

		if (g->c.count <= LIMIT_MEMBERS_SHOWN &&
		    mongo_member_find(g->db, &g->c, (*out)[i].user_id, &whole))
			(*out)[i] = whole.row;
	}
	return count;
}

enum store_status mongo_group_members(struct store *store,
				      const struct store_viewer *viewer,
				      const char *id,
				      const struct store_members *asked,
				      store_each_member *each, void *context,
				      struct store_members_found *found)
{
	struct mongo_group g = {
		.base = {.viewer = viewer},
		.db = mongo_begin(store, ACCESS_READ),
	};
	bool seen = mongo_group_find_own(&g, id);
	struct listing listing = {.count = 0};
	struct store_member *members = NULL;
	bson_t words;

	found->owner = seen && g.base.me.owner;
	if (mongo_words(asked->text, &words) && seen) {
		size_t count = read_members(&g, &members);

		read_listing(g.db, members, count, &words, &listing);
		found->total = (int64_t)listing.count;
		if (!g.db->failed)
			give_page(g.db, &listing, members, count, asked, each,
				  context);
	}
	bson_destroy(&words);
	listing_done(&listing);
	free(members);
	mongo_group_done(&g);
	return mongo_end_found(g.db, seen);
}
