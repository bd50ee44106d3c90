#include "store_mongo.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "mongo_inbox.h"
#include "mongo_reactions.h"

/* ---- one of them, as its viewer sees it ---- */

struct view {
	const struct store_viewer *viewer;
	struct mongo_view seen;
	struct mongo_member me;
	struct store_user other;
	struct store_message last;
};

/* Nobody is no member of what only their role lets them see. */
static void view_me(struct view *view, struct mongo_db *db,
		    const struct mongo_conversation *c)
{
	struct store_conversation *out = &view->seen.conversation;
	bool member = mongo_member_of(db, c, view->viewer, &view->me);

	if (!member) {
		view->me = (struct mongo_member){.row = {.joined_seq = 1}};
		memcpy(view->me.row.user_id, view->viewer->id, ID_SIZE);
	}
	out->me = view->me.row;
	out->first_seq =
		mongo_sight_of(db, c, view->viewer, member ? &view->me : NULL);
}

/* False: the viewer sees nothing of it, also where only what is hidden from
 * them was ever written. */
static bool view_position(struct mongo_db *db,
			  const struct mongo_conversation *c,
			  const struct mongo_hiding *hiding, struct view *view)
{
	struct store_conversation *out = &view->seen.conversation;

	if (c->last_seq == 0)
		return false;
	mongo_view_read(db, c, hiding, view->viewer->id, &view->seen);
	out->updated_at = c->last_at;
	view_me(view, db, c);
	return out->first_seq > 0 && mongo_last_seen(c, view->viewer->id) > 0;
}

static void view_last(struct mongo_db *db, const struct mongo_listed *listed,
		      struct view *view)
{
	struct store_conversation *out = &view->seen.conversation;
	const struct mongo_conversation *c = &listed->c;
	int64_t read = out->me.read_seq;

	if (listed->last != NULL) {
		mongo_message_read(listed->last, c, view->viewer->id,
				   &view->last);
		mongo_reactions_read(db, listed->last, view->viewer->id,
				     &view->last);
		out->last_message = &view->last;
		out->updated_at = view->last.created_at;
	} else {
		out->updated_at = id_time(listed->position);
	}
	/* In the lobby nobody has marks. */
	if (c->kind != CONVERSATION_LOBBY)
		out->unread = out->last_seq - read -
			      mongo_hidden_behind(db, c, &view->me, read);
	out->hides = view->me.hidden > 0;
}

/* It borrows from what is listed. */
static bool view_whole(struct mongo_db *db, const struct mongo_listed *listed,
		       const struct mongo_hiding *hiding, struct view *view)
{
	struct store_conversation *out = &view->seen.conversation;

	if (!view_position(db, &listed->c, hiding, view))
		return false;
	out->title = listed->c.title;
	out->avatar = listed->c.avatar;
	out->own = listed->own;
	if (listed->other != NULL) {
		mongo_user_shown_read(listed->other, &view->other);
		out->other = &view->other;
	}
	if (out->last_seq >= out->first_seq)
		view_last(db, listed, view);
	return true;
}

static void view_done(struct view *view)
{
	store_user_done(&view->other);
}

/* ---- getting one ---- */

static enum store_status conversation_get(struct store *store,
					  const struct store_viewer *viewer,
					  const char *id,
					  struct store_conversation *out)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);
	struct view view = {.viewer = viewer};
	struct mongo_inbox inbox;

	mongo_inbox_get(db, viewer->id, id, &inbox);

	bool found = inbox.count == 1 &&
		     view_whole(db, inbox.listed, &inbox.hiding, &view);

	if (found) {
		*out = view.seen.conversation;
		store_conversation_own(out);
	}
	view_done(&view);
	mongo_inbox_done(&inbox);

	return mongo_end_found(db, found);
}

/* ---- the viewer's list ---- */

static enum store_status conversation_list(struct store *store,
					   const struct store_viewer *viewer,
					   const struct store_list *list,
					   store_each_conversation *each,
					   void *context)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);
	struct mongo_inbox inbox;
	bool more = true;

	mongo_inbox_read(db, viewer->id, list, &inbox);
	for (size_t i = 0; i < inbox.count && more; i++) {
		const struct mongo_listed *listed = &inbox.listed[i];
		struct view view = {.viewer = viewer};

		if (list->brief ? view_position(db, &listed->c, &inbox.hiding,
						&view)
				: view_whole(db, listed, &inbox.hiding, &view))
			more = each(&view.seen.conversation, context);
		view_done(&view);
	}
	mongo_inbox_done(&inbox);
	return mongo_end(db, STORE_OK);
}

/* ---- who hears of whom ---- */

static enum store_status conversation_rooms(struct store *store,
					    const struct store_viewer *viewer,
					    store_each_id *each, void *context)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);
	struct mongo_rows rows = mongo_find(
		db, IN_CONVERSATION,
		&(struct mongo_find){
			.filter = DOC(
				ID("members.u", viewer->id),
				SUB("kind", INT("$ne", CONVERSATION_DIRECT)),
				SUB("last.seq", INT("$gt", 0))),
			.fields = DOC(INT("_id", 1)),
		});
	char id[ID_SIZE];

	while (mongo_next(&rows)) {
		mongo_read_id(rows.row, "_id", id);
		each(id, context);
	}
	return mongo_end(db, STORE_OK);
}

struct contacts {
	char (*id)[ID_SIZE];
	size_t count, cap;
};

static void add_members(struct contacts *contacts, const bson_t *row,
			const char *viewer)
{
	struct mongo_items items;
	char id[ID_SIZE];

	mongo_items(row, "members", &items);
	while (mongo_item(&items)) {
		mongo_read_id(&items.row, "u", id);
		if (strcmp(id, viewer) == 0)
			continue;
		if (contacts->count == contacts->cap) {
			contacts->cap = 2 * contacts->cap + 64;
			contacts->id =
				xrealloc(contacts->id,
					 contacts->cap * sizeof(*contacts->id));
		}
		memcpy(contacts->id[contacts->count++], id, ID_SIZE);
	}
}

static int by_id(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void each_once(struct contacts *contacts, size_t limit,
		      store_each_id *each, void *context)
{
	const char *before = "";

	if (contacts->count > 0)
		qsort(contacts->id, contacts->count, sizeof(*contacts->id),
		      by_id);
	for (size_t i = 0; i < contacts->count && limit > 0; i++) {
		if (strcmp(contacts->id[i], before) == 0)
			continue;
		before = contacts->id[i];
		each(before, context);
		limit--;
	}
}

static enum store_status
conversation_contacts(struct store *store, const struct store_viewer *viewer,
		      size_t limit, store_each_id *each, void *context)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);
	struct contacts contacts = {.count = 0};
	struct mongo_rows rows = mongo_find(
		db, IN_CONVERSATION,
		&(struct mongo_find){
			.filter = DOC(
				ID("members.u", viewer->id),
				SUB("kind", INT("$lte", CONVERSATION_GROUP)),
				SUB("count", INT("$lte", LIMIT_MEMBERS_SHOWN)),
				SUB("last.seq", INT("$gt", 0))),
			.fields = DOC(INT("members.u", 1)),
		});

	while (mongo_next(&rows))
		add_members(&contacts, rows.row, viewer->id);
	each_once(&contacts, limit, each, context);
	free(contacts.id);
	return mongo_end(db, STORE_OK);
}

const struct store_conversation_verbs mongo_conversation_verbs = {
	.get = conversation_get,
	.position = conversation_get,
	.list = conversation_list,
	.mark = mongo_mark,
	.trim = mongo_lobby_trim,
	.rooms = conversation_rooms,
	.contacts = conversation_contacts,
};
