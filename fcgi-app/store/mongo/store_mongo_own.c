#include "store_mongo.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "mongo_own.h"
#include "mongo_step.h"
#include "store_rules.h"

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

/* One try. False: another device came first, so all is looked at anew. */
static bool try_own_change(struct changing *to, enum store_status *status)
{
	bool done = true;

	store_own_done(to->own);
	to->changed = false;
	mongo_own_open(to->db, to->viewer->id, &to->mine);
	mongo_own_of(&to->mine, to->c.id, to->joined, to->own);
	store_own_own(to->own);
	*status = store_own_pins(to->own, to->change) && is_full(to)
			  ? STORE_FULL
			  : STORE_OK;
	if (*status == STORE_OK)
		to->changed = store_own_apply(
			to->own, to->change,
			mongo_last_seen(&to->c, to->viewer->id));
	if (to->changed)
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
