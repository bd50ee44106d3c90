/* Who does not want to hear from whom. A block is a row of its own first, and
 * then noted in the conversation of the two: whoever notes it looks again
 * whether it is right, until it is. */
#include "store_mongo.h"

#include <stdlib.h>
#include <string.h>

#include "kill_point.h"
#include "mem.h"
#include "mongo_block.h"
#include "mongo_conversation.h"
#include "mongo_people.h"

/* ---- a block begins and ends ---- */

/* What each has seen of the other's so far is all that they see from now on. */
static void read_marks(struct mongo_db *db, const struct store_viewer *viewer,
		       const struct store_block *block, const char *id,
		       struct mongo_member *me, struct mongo_member *other)
{
	struct mongo_conversation c;

	if (mongo_conversation_find(db, id, &c)) {
		mongo_member_find(db, &c, viewer->id, me);
		mongo_member_find(db, &c, block->user, other);
		mongo_member_hold(db, &c, viewer->id, &other->row);
	}
	mongo_conversation_done(&c);
}

static bool insert_block(struct mongo_db *db, const struct store_viewer *viewer,
			 const struct store_block *block, const char *id)
{
	struct mongo_member me = {.row = {.read_seq = 0}}, other = me;
	char row[ID_SIZE];

	read_marks(db, viewer, block, id, &me, &other);
	id_new(block->now_ms, db->random, row);
	return mongo_insert(db, IN_USER_BLOCK,
			    DOC(ID("_id", row), ID("blocker", viewer->id),
				ID("blocked", block->user),
				INT("received", me.row.received_seq),
				INT("read", me.row.read_seq),
				INT("otherReceived", other.row.received_seq),
				INT("otherRead", other.row.read_seq),
				INT("at", block->now_ms)));
}

static bool delete_block(struct mongo_db *db, const struct store_viewer *viewer,
			 const struct store_block *block)
{
	return mongo_delete(
		db, IN_USER_BLOCK,
		DOC(ID("blocker", viewer->id), ID("blocked", block->user)));
}

static enum store_status judge(struct mongo_db *db,
			       const struct store_viewer *viewer,
			       const struct store_block *block)
{
	if (!mongo_exists(db, IN_USER, DOC(ID("_id", block->user))))
		return STORE_NOT_FOUND;
	if (!block->blocked ||
	    mongo_block_find(db, viewer->id, block->user, NULL))
		return STORE_OK;
	return mongo_count(db, IN_USER_BLOCK, DOC(ID("blocker", viewer->id)),
			   LIMIT_BLOCKS) < LIMIT_BLOCKS
		       ? STORE_OK
		       : STORE_FULL;
}

/* Noted also where nothing changed: whoever did may not have come to it. */
static enum store_status block_set(struct store *store,
				   const struct store_viewer *viewer,
				   const struct store_block *block,
				   bool *changed)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_WRITE);
	enum store_status status = judge(db, viewer, block);
	bool low = strcmp(viewer->id, block->user) < 0;
	char id[ID_SIZE];

	id_direct(viewer->id, block->user, id);
	if (status == STORE_OK) {
		*changed = block->blocked ? insert_block(db, viewer, block, id)
					  : delete_block(db, viewer, block);
		kill_point("between-block");
		mongo_block_note(db, low ? viewer->id : block->user,
				 low ? block->user : viewer->id);
	}
	if (status == STORE_NOT_FOUND) /* a guest who went may have left it */
		delete_block(db, viewer, block);
	status = mongo_end(db, status);
	if (status != STORE_OK)
		*changed = false;
	return status;
}

/* ---- who ---- */

/* The other one of each row; how many there are. */
static size_t read_others(struct mongo_db *db, const struct mongo_find *find,
			  const char *other, char (*out)[ID_SIZE])
{
	struct mongo_rows rows = mongo_find(db, IN_USER_BLOCK, find);
	size_t count = 0;

	while (count < find->limit && mongo_next(&rows))
		mongo_read_id(rows.row, other, out[count++]);
	mongo_close(&rows);
	return count;
}

static enum store_status block_list(struct store *store,
				    const struct store_viewer *viewer,
				    store_each_user *each, void *context)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);
	char(*ids)[ID_SIZE] = xcalloc(LIMIT_BLOCKS, ID_SIZE);
	size_t count = read_others(
		db,
		&(struct mongo_find){
			.filter = DOC(ID("blocker", viewer->id)),
			.sort = DOC(INT("at", -1), INT("blocked", 1)),
			.limit = LIMIT_BLOCKS,
		},
		"blocked", ids);
	struct mongo_people people;

	mongo_people_read(db, ids, count, &people);
	for (size_t i = 0; i < count && !db->failed; i++) {
		const struct store_user *user =
			mongo_people_find(&people, ids[i]);

		if (user != NULL)
			each(user, context);
	}
	mongo_people_done(&people);
	free(ids);
	return mongo_end(db, STORE_OK);
}

static int in_order(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Each once, though both may block each other. */
static void give_each(char (*ids)[ID_SIZE], size_t count, size_t limit,
		      store_each_id *each, void *context)
{
	if (count > 1)
		qsort(ids, count, ID_SIZE, in_order);
	for (size_t i = 0, given = 0; i < count && given < limit; i++) {
		if (i > 0 && strcmp(ids[i - 1], ids[i]) == 0)
			continue;
		each(ids[i], context);
		given++;
	}
}

static enum store_status block_hidden(struct store *store,
				      const struct store_viewer *viewer,
				      size_t limit, store_each_id *each,
				      void *context)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);
	char(*ids)[ID_SIZE] = xcalloc(2 * limit + 1, ID_SIZE);
	size_t count = 0;

	if (limit > 0) {
		count = read_others(
			db,
			&(struct mongo_find){
				.filter = DOC(ID("blocker", viewer->id)),
				.limit = limit},
			"blocked", ids);
		count += read_others(
			db,
			&(struct mongo_find){
				.filter = DOC(ID("blocked", viewer->id)),
				.limit = limit},
			"blocker", ids + count);
	}
	if (!db->failed)
		give_each(ids, count, limit, each, context);
	free(ids);
	return mongo_end(db, STORE_OK);
}

const struct store_block_verbs mongo_block_verbs = {
	.set = block_set,
	.list = block_list,
	.hidden = block_hidden,
};
