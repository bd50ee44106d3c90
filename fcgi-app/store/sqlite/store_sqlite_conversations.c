#include "store_sqlite.h"

#include <string.h>

#include "sqlite_inbox.h"
#include "sqlite_members.h"

/* ---- one of them, as its viewer sees it ---- */

struct view {
	const struct store_viewer *viewer;
	struct sqlite_members seen;
};

/* Nobody is no member of what only their role lets them see. */
static void view_me(struct view *view, struct sqlite_db *db,
		    const struct sqlite_conversation *c)
{
	struct store_conversation *out = &view->seen.conversation;
	bool member = sqlite_member_of(db, c, view->viewer, &out->me);

	if (!member) {
		out->me = (struct store_member){.joined_seq = 1};
		memcpy(out->me.user_id, view->viewer->id, ID_SIZE);
	}
	out->first_seq =
		sqlite_sight_of(db, c, view->viewer, member ? &out->me : NULL);
}

/* Not to whom only what is hidden from them was ever written. */
static bool is_there(const struct sqlite_conversation *c,
		     const struct view *view)
{
	return c->last_seq == 0 || sqlite_last_seen(c, view->viewer->id) > 0;
}

/* False: the viewer sees nothing of it. */
static bool view_position(struct sqlite_db *db,
			  const struct sqlite_conversation *c,
			  struct view *view)
{
	sqlite_members_read(db, c, view->viewer->id, &view->seen);
	view_me(view, db, c);
	return view->seen.conversation.first_seq > 0 && is_there(c, view);
}

static void view_last(struct sqlite_db *db, struct sqlite_listed *listed,
		      struct view *view)
{
	struct store_conversation *out = &view->seen.conversation;
	const struct sqlite_conversation *c = &listed->c;
	const char *viewer = view->viewer->id;
	int64_t read = out->me.read_seq;

	out->last_message = &listed->last;
	/* In the lobby nobody has marks. */
	if (c->kind != CONVERSATION_LOBBY)
		out->unread = out->last_seq - read -
			      sqlite_hidden_behind(db, c, viewer, read);
	out->hides = sqlite_hidden_behind(db, c, viewer, 0) > 0;
}

/* It borrows from what is listed. */
static bool view_whole(struct sqlite_db *db, struct sqlite_listed *listed,
		       struct view *view)
{
	struct store_conversation *out = &view->seen.conversation;

	if (!view_position(db, &listed->c, view))
		return false;
	out->title = listed->title;
	out->avatar = listed->avatar;
	out->own = listed->own;
	out->updated_at = out->last_seq > 0 ? listed->last.created_at
					    : id_time(listed->c.made);
	out->other = listed->other.id[0] != '\0' ? &listed->other : NULL;
	if (out->last_seq > 0 && out->last_seq >= out->first_seq)
		view_last(db, listed, view);
	return true;
}

/* ---- getting one ---- */

static enum store_status conversation_get(struct store *store,
					  const struct store_viewer *viewer,
					  const char *id,
					  struct store_conversation *out)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct view view = {.viewer = viewer};
	struct sqlite_inbox inbox;

	sqlite_inbox_get(db, viewer->id, id, &inbox);

	bool found = inbox.count == 1 && view_whole(db, inbox.listed, &view);

	if (found) {
		*out = view.seen.conversation;
		store_conversation_own(out);
	}
	sqlite_inbox_done(&inbox);

	return sqlite_end_found(db, found);
}

static enum store_status
conversation_position(struct store *store, const struct store_viewer *viewer,
		      const char *id, struct store_conversation *out)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct view view = {.viewer = viewer};
	struct sqlite_conversation c;
	bool found = sqlite_conversation_find(db, id, &c) &&
		     view_position(db, &c, &view);

	if (found) {
		*out = view.seen.conversation;
		out->hides = sqlite_hidden_behind(db, &c, viewer->id, 0) > 0;
		store_conversation_own(out);
	}
	return sqlite_end_found(db, found);
}

/* ---- the viewer's list ---- */

static enum store_status conversation_list(struct store *store,
					   const struct store_viewer *viewer,
					   const struct store_list *list,
					   store_each_conversation *each,
					   void *context)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct view view = {.viewer = viewer};
	struct sqlite_inbox inbox;
	bool more = true;

	sqlite_inbox_read(db, viewer->id, list, &inbox);
	for (size_t i = 0; i < inbox.count && more; i++) {
		struct sqlite_listed *one = inbox.order[i];

		if (list->brief ? view_position(db, &one->c, &view)
				: view_whole(db, one, &view))
			more = each(&view.seen.conversation, context);
	}
	sqlite_inbox_done(&inbox);
	return sqlite_end(db, STORE_OK);
}

/* ---- who hears of whom ---- */

static enum store_status conversation_rooms(struct store *store,
					    const struct store_viewer *viewer,
					    store_each_id *each, void *context)
{
	static const char sql[] =
		"SELECT conversation FROM inbox WHERE user_id = ?"
		" AND kind <> 0 LIMIT ?";

	return sqlite_each_id(store, sql, viewer, INT32_MAX, each, context);
}

static enum store_status
conversation_contacts(struct store *store, const struct store_viewer *viewer,
		      size_t limit, store_each_id *each, void *context)
{
	static const char sql[] =
		"SELECT other FROM inbox WHERE user_id = ?1 AND kind = 0"
		"  AND other <> ?1"
		" UNION SELECT o.user_id FROM inbox i JOIN member o"
		"  ON o.n = i.n AND o.user_id <> ?1"
		" WHERE i.user_id = ?1 AND i.kind = 1"
		"  AND (SELECT count(*) FROM member WHERE n = i.n) <= 100"
		" LIMIT ?2";

	return sqlite_each_id(store, sql, viewer, limit, each, context);
}

const struct store_conversation_verbs sqlite_conversation_verbs = {
	.get = conversation_get,
	.position = conversation_position,
	.list = conversation_list,
	.mark = sqlite_mark,
	.trim = sqlite_lobby_trim,
	.rooms = conversation_rooms,
	.contacts = conversation_contacts,
};
