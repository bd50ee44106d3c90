#include "store_mongo.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "mongo_own.h"
#include "mongo_step.h"

/* ---- one ---- */

struct changing {
	struct mongo_db *db;
	const struct store_viewer *viewer;
	const struct store_own_change *change;
	struct mongo_conversation c;
	int64_t joined; /* seq, of the viewer */
	struct mongo_own mine;
	struct store_own *own;
	bool changed;
};

static void set_archived(struct changing *to, bool archived)
{
	to->own->archived = archived;
	to->own->archived_seq = archived ? to->c.last_seq : 0;
	to->changed = true;
}

/* Archived once more it stays where it is until something newer comes. */
static void change_archived(struct changing *to)
{
	const bool *archived = to->change->archived;

	if (archived == NULL || (!*archived && !to->own->archived))
		return;
	if (*archived && to->own->archived &&
	    to->own->archived_seq == to->c.last_seq)
		return;
	set_archived(to, *archived);
	if (*archived)
		to->own->pinned_at = 0;
}

/* Not one of a group that they have left. */
static bool is_pinned(struct changing *to, const char *id)
{
	struct mongo_conversation c;
	struct store_own own = {.pinned_at = 0};

	if (mongo_conversation_find(to->db, id, &c))
		mongo_own_in(to->db, &to->mine, &c, &own);
	mongo_conversation_done(&c);
	return own.pinned_at > 0;
}

static bool is_full(struct changing *to)
{
	bson_iter_t iter;
	bson_t mine, entry;
	int count = 0;

	if (!mongo_read_doc(&to->mine.row, "mine", &mine) ||
	    !bson_iter_init(&iter, &mine))
		return false;
	while (bson_iter_next(&iter)) {
		const char *key = bson_iter_key(&iter);

		if (mongo_read_doc(&mine, key, &entry) &&
		    mongo_read_int(&entry, "pinned") > 0)
			count += is_pinned(to, key);
	}
	return count >= LIMIT_PINNED;
}

/* False: no more can be. */
static bool change_pinned(struct changing *to)
{
	const bool *pinned = to->change->pinned;

	if (pinned == NULL || *pinned == (to->own->pinned_at > 0))
		return true;
	if (*pinned && is_full(to))
		return false;
	to->own->pinned_at = *pinned ? to->change->now_ms : 0;
	if (*pinned && to->own->archived)
		set_archived(to, false);
	return to->changed = true;
}

static void change_draft(struct changing *to)
{
	const char *now = to->change->draft;
	const char *before = to->own->draft != NULL ? to->own->draft : "";

	if (now == NULL || strcmp(now, before) == 0)
		return;
	free(to->own->draft);
	to->own->draft = now[0] != '\0' ? xstrdup(now) : NULL;
	to->changed = true;
}

/* One that something newer has brought back stays, also when it is muted. */
static void change_muted(struct changing *to)
{
	const int64_t *until = to->change->muted_until;
	struct store_own *own = to->own;

	if (until == NULL || *until == own->muted_until)
		return;
	if (own->archived && own->muted_until <= to->change->now_ms &&
	    own->archived_seq < to->c.last_seq)
		set_archived(to, false);
	own->muted_until = *until;
	to->changed = true;
}

static bool change_all(struct changing *to)
{
	const struct store_own_change *change = to->change;

	change_muted(to);
	if (change->marked_unread != NULL &&
	    *change->marked_unread != to->own->marked_unread) {
		to->own->marked_unread = *change->marked_unread;
		to->changed = true;
	}
	change_draft(to);
	change_archived(to);
	return change_pinned(to);
}

/* One try. False: another device came first, so all is looked at anew. */
static bool try_own_change(struct changing *to, enum store_status *status)
{
	bool done = true;

	store_own_done(to->own);
	to->changed = false;
	mongo_own_open(to->db, to->viewer->id, &to->mine);
	mongo_own_of(&to->mine, to->c.id, to->joined, to->own);
	if (to->own->draft != NULL)
		to->own->draft = xstrdup(to->own->draft);
	*status = change_all(to) ? STORE_OK : STORE_FULL;
	if (*status == STORE_OK && to->changed)
		done = mongo_own_write(to->db, &to->mine, to->joined, to->own);
	mongo_own_done(&to->mine);
	return done || to->db->failed;
}

static enum store_status own_change(struct store *store,
				    const struct store_viewer *viewer,
				    const char *id,
				    const struct store_own_change *change,
				    struct store_own *out, bool *changed)
{
	struct changing to = {
		.db = mongo_begin(store, ACCESS_WRITE),
		.viewer = viewer,
		.change = change,
		.own = out,
	};
	enum store_status status = STORE_NOT_FOUND;
	struct mongo_member me;

	if (mongo_conversation_find(to.db, id, &to.c) &&
	    mongo_member_find(to.db, &to.c, viewer->id, &me)) {
		to.joined = me.row.joined_seq;
		while (!try_own_change(&to, &status))
			;
	}
	mongo_conversation_done(&to.c);
	status = mongo_end(to.db, status);
	*changed = status == STORE_OK && to.changed;
	if (status != STORE_OK)
		store_own_done(out);
	return status;
}

/* ---- what changed ---- */

struct numbered {
	char conversation[ID_SIZE];
	int64_t number;
};

struct numbers {
	struct numbered *all;
	size_t count;
};

static int by_number(const void *a, const void *b)
{
	const struct numbered *one = a, *other = b;

	return (one->number > other->number) - (one->number < other->number);
}

/* What is behind that number, whether or not it counts any more. */
static void list_numbered(const struct mongo_own *own, int64_t number,
			  struct numbers *out)
{
	bson_iter_t iter;
	bson_t mine, entry;

	*out = (struct numbers){.count = 0};
	if (own->counter <= number ||
	    !mongo_read_doc(&own->row, "mine", &mine) ||
	    !bson_iter_init(&iter, &mine))
		return;
	out->all = xcalloc(bson_count_keys(&mine) + 1, sizeof(*out->all));
	while (bson_iter_next(&iter)) {
		const char *key = bson_iter_key(&iter);
		struct numbered *one = &out->all[out->count];

		if (!id_valid(key) || !mongo_read_doc(&mine, key, &entry))
			continue;
		memcpy(one->conversation, key, ID_SIZE);
		one->number = mongo_read_int(&entry, "n");
		out->count += one->number > number;
	}
	qsort(out->all, out->count, sizeof(*out->all), by_number);
}

/* False: it is not in their list, or not any more. */
static bool find_own(struct mongo_db *db, const struct mongo_own *mine,
		     const struct numbered *one, struct store_own *out)
{
	struct mongo_conversation c;
	struct mongo_member me;
	bool found = mongo_conversation_find(db, one->conversation, &c);

	if (found && !mongo_member_find(db, &c, mine->user, &me)) {
		/* They may be about to come back to it. */
		mongo_step_mend(db, &c);
		found = mongo_member_find(db, &c, mine->user, &me);
	}
	if (found)
		mongo_own_of(mine, c.id, me.row.joined_seq, out);
	mongo_conversation_done(&c);
	return found && out->number == one->number;
}

static enum store_status own_since(struct store *store,
				   const struct store_viewer *viewer,
				   int64_t number, store_each_own *each,
				   void *context, int64_t *newest)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);
	struct numbers list;
	struct mongo_own mine;
	struct store_own own;
	bool more = true;

	mongo_own_open(db, viewer->id, &mine);
	*newest = mine.counter;
	list_numbered(&mine, number, &list);
	for (size_t i = 0; i < list.count && more; i++)
		more = !find_own(db, &mine, &list.all[i], &own) ||
		       each(&own, context);
	free(list.all);
	mongo_own_done(&mine);
	return mongo_end(db, STORE_OK);
}

const struct store_own_verbs mongo_own_verbs = {
	.change = own_change,
	.since = own_since,
};
