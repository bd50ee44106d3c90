#include "mongo_invited.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

/* ---- people ---- */

static int by_id(const void *one, const void *other)
{
	const struct mongo_invitee *a = one, *b = other;

	return strcmp(a->id, b->id);
}

static void people_take(struct mongo_invited *invited,
			const struct store_group_act *act)
{
	invited->people = xcalloc(act->user_count, sizeof(*invited->people));
	for (size_t i = 0; i < act->user_count; i++) {
		if (id_valid(act->users[i]))
			memcpy(invited->people[invited->count++].id,
			       act->users[i], ID_SIZE);
	}
	qsort(invited->people, invited->count, sizeof(*invited->people), by_id);
}

struct mongo_invitee *mongo_invited_find(const struct mongo_invited *invited,
					 const char *id)
{
	struct mongo_invitee key;

	if (invited->count == 0 || !id_valid(id))
		return NULL;
	memcpy(key.id, id, ID_SIZE);
	return bsearch(&key, invited->people, invited->count,
		       sizeof(*invited->people), by_id);
}

void mongo_invited_done(struct mongo_invited *invited)
{
	for (size_t i = 0; i < invited->count; i++)
		bson_destroy(invited->people[i].row);
	free(invited->people);
	*invited = (struct mongo_invited){NULL, 0};
}

/* Their ids, as many as there are people; the caller frees them. */
static const char **people_ids(const struct mongo_invited *invited)
{
	const char **ids = xcalloc(invited->count, sizeof(*ids));

	for (size_t i = 0; i < invited->count; i++)
		ids[i] = invited->people[i].id;
	return ids;
}

/* ---- what is read of them ---- */

static void read_users(struct mongo_db *db, const char *const *ids,
		       struct mongo_invited *out)
{
	struct mongo_rows rows = mongo_find(
		db, IN_USER,
		&(struct mongo_find){
			.filter = DOC(SUB("_id", IDS("$in", ids, out->count))),
			.fields = DOC(INT("mine", 0), INT("passwordHash", 0)),
		});

	while (mongo_next(&rows)) {
		char id[ID_SIZE];

		mongo_read_id(rows.row, "_id", id);
		mongo_invited_find(out, id)->row = bson_copy(rows.row);
	}
}

static void read_blocks(struct mongo_db *db, const char *const *ids,
			const char *viewer, struct mongo_invited *out)
{
	struct mongo_rows rows = mongo_find(
		db, IN_USER_BLOCK,
		&(struct mongo_find){
			.filter =
				DOC(SUB("blocker", IDS("$in", ids, out->count)),
				    ID("blocked", viewer)),
			.fields = DOC(INT("blocker", 1)),
		});

	while (mongo_next(&rows)) {
		char id[ID_SIZE];

		mongo_read_id(rows.row, "blocker", id);
		mongo_invited_find(out, id)->blocking = true;
	}
}

/* Of a group of more than are here, all members are read. */
static void read_members(struct mongo_db *db,
			 const struct mongo_conversation *c,
			 struct mongo_invited *out)
{
	struct store_member *members;
	struct mongo_member there;
	size_t count;

	if (c->count <= (int64_t)c->loaded) {
		for (size_t i = 0; i < out->count; i++)
			out->people[i].member = mongo_member_find(
				db, c, out->people[i].id, &there);
		return;
	}
	count = mongo_members_read(db, c->id, &members);
	for (size_t i = 0; i < count; i++) {
		struct mongo_invitee *one =
			mongo_invited_find(out, members[i].user_id);

		if (one != NULL)
			one->member = true;
	}
	free(members);
}

/* Whose conversations with the viewer are looked through. */
struct writers {
	char (*direct)[ID_SIZE];
	const char **conversations, **users;
	size_t count;
};

static void writers_take(const struct mongo_invited *invited,
			 const char *viewer, struct writers *out)
{
	size_t n = 0;

	out->direct = xcalloc(invited->count, sizeof(*out->direct));
	out->conversations = xcalloc(invited->count, sizeof(char *));
	out->users = xcalloc(invited->count, sizeof(char *));
	for (size_t i = 0; i < invited->count; i++) {
		const struct mongo_invitee *one = &invited->people[i];

		if (one->row == NULL || strcmp(one->id, viewer) == 0 ||
		    !mongo_read_bool(one->row, "contactsAdd"))
			continue;
		id_direct(viewer, one->id, out->direct[n]);
		out->conversations[n] = out->direct[n];
		out->users[n++] = one->id;
	}
	out->count = n;
}

static void writers_done(struct writers *writers)
{
	free(writers->direct);
	free(writers->conversations);
	free(writers->users);
}

/* By the index of what clients send, in which the server skips from one sender
 * to the next. Who is not found may have written otherwise. */
static void read_writers(struct mongo_db *db, const struct writers *writers,
			 struct mongo_invited *out)
{
	struct mongo_items items;
	bson_t reply;

	if (writers->count == 0 ||
	    !mongo_command(
		    db,
		    DOC(TEXT("distinct", mongo_collection_name(IN_MESSAGE)),
			TEXT("key", "sender"),
			SUB("query",
			    SUB("c", IDS("$in", writers->conversations,
					 writers->count)),
			    SUB("sender",
				IDS("$in", writers->users, writers->count)),
			    SUB("clientId", BOOL("$exists", true)))),
		    &reply))
		return;
	mongo_items(&reply, "values", &items);
	while (mongo_item(&items))
		mongo_invited_find(out, items.id)->written = true;
	bson_destroy(&reply);
}

void mongo_invited_read(struct mongo_db *db, const struct mongo_conversation *c,
			const struct store_viewer *viewer,
			const struct store_group_act *act,
			struct mongo_invited *out)
{
	struct writers writers;
	const char **ids;

	*out = (struct mongo_invited){NULL, 0};
	people_take(out, act);
	ids = people_ids(out);
	read_users(db, ids, out);
	read_blocks(db, ids, viewer->id, out);
	read_members(db, c, out);
	writers_take(out, viewer->id, &writers);
	read_writers(db, &writers, out);
	writers_done(&writers);
	free(ids);
}
