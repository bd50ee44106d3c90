/* Is the store as it should be? Collections are read in the order of their
 * conversations, side by side: no index that is on trial is asked. What a crash
 * may leave, and whoever meets it mends, is no breach: one message or change in
 * front of its conversation, and a change that is folded in without a number
 * yet. */
#include "store_mongo.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "mongo_block.h"
#include "mongo_verify.h"

struct verifying {
	struct mongo_verify base;
	struct mongo_rows messages, changes; /* each at its next row */
	bool has_message, has_change;
	char message_of[ID_SIZE], change_of[ID_SIZE]; /* conversations */
};

/* ---- streams ---- */

static void next_message(struct verifying *v)
{
	v->has_message = mongo_next(&v->messages);
	if (v->has_message)
		mongo_read_id(v->messages.row, "c", v->message_of);
}

static void next_change(struct verifying *v)
{
	v->has_change = mongo_next(&v->changes);
	if (v->has_change)
		mongo_read_id(v->changes.row, "c", v->change_of);
}

static void open_streams(struct verifying *v)
{
	v->messages =
		mongo_find(v->base.db, IN_MESSAGE,
			   &(struct mongo_find){
				   .fields = DOC(NONE), /* and the words */
				   .sort = DOC(INT("c", 1), INT("seq", 1)),
			   });
	v->changes =
		mongo_find(v->base.db, IN_CHANGE,
			   &(struct mongo_find){
				   .sort = DOC(INT("c", 1), INT("change", 1)),
			   });
	next_message(v);
	next_change(v);
}

/* Rows in front of that conversation ("": all that are left) are of none. */
static void pass_orphans(struct verifying *v, const char *conversation)
{
	int64_t messages = 0, changes = 0;

	for (; v->has_message && (*conversation == '\0' ||
				  strcmp(v->message_of, conversation) < 0);
	     next_message(v))
		messages++;
	for (; v->has_change && (*conversation == '\0' ||
				 strcmp(v->change_of, conversation) < 0);
	     next_change(v))
		changes++;
	if (messages > 0)
		mongo_verify_say(&v->base, "",
				 "%" PRId64 " messages of no conversation",
				 messages);
	if (changes > 0)
		mongo_verify_say(&v->base, "",
				 "%" PRId64 " changes of no conversation",
				 changes);
}

/* ---- a conversation ---- */

static int by_client(const void *one, const void *other)
{
	const struct mongo_verified *a = one, *b = other;

	if (a->client == NULL || b->client == NULL)
		return (a->client != NULL) - (b->client != NULL);
	return strcmp(a->client, b->client);
}

static void check_once(const struct mongo_verify *v, struct mongo_verify_in *k)
{
	if (k->count > 1)
		qsort(k->seen, k->count, sizeof(*k->seen), by_client);
	for (size_t i = 1; i < k->count; i++) {
		if (k->seen[i].client != NULL &&
		    by_client(&k->seen[i - 1], &k->seen[i]) == 0)
			mongo_verify_say(v, k->c.id,
					 "clientId of %s made two messages",
					 k->seen[i].client);
	}
}

static void check_last(const struct mongo_verify *v,
		       const struct mongo_verify_in *k)
{
	const struct mongo_verified *last =
		k->count > 0 ? &k->seen[k->count - 1] : NULL;
	int64_t newest = last != NULL ? last->seq : 0;

	if (k->c.last_seq != newest && k->c.last_seq + 1 != newest)
		mongo_verify_say(v, k->c.id,
				 "lastSeq is %" PRId64
				 ", its newest message %" PRId64,
				 k->c.last_seq, newest);
	if (last != NULL && k->c.last_seq == newest &&
	    strcmp(k->c.last_id, last->id) != 0)
		mongo_verify_say(v, k->c.id,
				 "its newest message is another one");
	if (k->c.last_change != k->newest_change &&
	    k->c.last_change + 1 != k->newest_change)
		mongo_verify_say(v, k->c.id,
				 "lastChange is %" PRId64
				 ", its newest change %" PRId64,
				 k->c.last_change, k->newest_change);
}

static void check_marks(const struct mongo_verify *v,
			const struct mongo_verify_in *k, const bson_t *member)
{
	int64_t joined = mongo_read_int(member, "joined");
	int64_t received = mongo_read_int(member, "received");
	int64_t read = mongo_read_int(member, "read");
	/* A step moves its sender's marks first. */
	int64_t newest = k->c.last_seq + 1;
	char user[ID_SIZE];

	mongo_read_id(member, "u", user);
	if (read < 0 || read > received || received > newest || joined < 1 ||
	    joined > newest)
		mongo_verify_say(v, k->c.id,
				 "marks of %s: joined %" PRId64
				 ", received %" PRId64 ", read %" PRId64
				 " of %" PRId64,
				 user, joined, received, read, k->c.last_seq);
}

static void check_direct(const struct mongo_verify *v,
			 const struct mongo_verify_in *k)
{
	const char *low = k->c.members[0].row.user_id;
	const char *high = k->c.members[1].row.user_id;

	if (k->c.loaded == 1) /* what somebody notes */
		return;
	if (k->c.loaded != 2 || strcmp(low, high) >= 0) {
		mongo_verify_say(
			v, k->c.id,
			"a direct conversation without its two members");
		return;
	}
	for (size_t i = 0; i < 2; i++) {
		if (k->c.members[i].hidden != k->hidden[i])
			mongo_verify_say(
				v, k->c.id,
				"%" PRId64 " messages are hidden from %s, not "
				"%" PRId64,
				k->hidden[i], k->c.members[i].row.user_id,
				k->c.members[i].hidden);
	}
	if (k->c.blocks != mongo_blocks_of(v->db, low, high) &&
	    mongo_count(v->db, IN_USER,
			DOC(SUB("_id",
				IDS("$in", ((const char *[]){low, high}), 2))),
			0) == 2)
		mongo_verify_say(v, k->c.id, "it is not known who blocks whom");
}

static void check_members(const struct mongo_verify *v,
			  const struct mongo_verify_in *k)
{
	struct mongo_items items;
	int64_t count = 0;

	mongo_items(k->row, "members", &items);
	for (; mongo_item(&items); count++)
		check_marks(v, k, &items.row);
	if (count != k->c.count)
		mongo_verify_say(v, k->c.id,
				 "it has %" PRId64 " members, not %" PRId64,
				 count, k->c.count);
	if (k->c.kind == CONVERSATION_DIRECT)
		check_direct(v, k);
	if (k->c.last_seq > 0 && k->c.last_hidden == 0 &&
	    strcmp(k->c.at, k->c.last_id) != 0)
		mongo_verify_say(v, k->c.id,
				 "it stands in another place of lists");
}

/* Edits and deletions of a message are changes of it. */
static void check_folded(const struct mongo_verify *v,
			 const struct mongo_verify_in *k)
{
	for (size_t i = 0; i < k->count; i++) {
		const struct mongo_verified *seen = &k->seen[i];

		if (seen->edited > k->newest_change ||
		    seen->deleted > k->newest_change)
			mongo_verify_say(v, k->c.id,
					 "seq %" PRId64
					 " was changed by a change that is "
					 "not there",
					 seen->seq);
	}
}

static void check_conversation(struct verifying *v, const bson_t *row)
{
	struct mongo_verify_in *k = xcalloc(1, sizeof(*k));

	k->row = row;
	mongo_conversation_read(row, &k->c);
	pass_orphans(v, k->c.id);
	for (; v->has_message && strcmp(v->message_of, k->c.id) == 0;
	     next_message(v))
		mongo_verify_message(&v->base, k, v->messages.row);
	for (; v->has_change && strcmp(v->change_of, k->c.id) == 0;
	     next_change(v))
		mongo_verify_change(&v->base, k, v->changes.row);
	check_last(&v->base, k);
	check_members(&v->base, k);
	check_folded(&v->base, k);
	check_once(&v->base, k);
	for (size_t i = 0; i < k->count; i++)
		free(k->seen[i].client);
	free(k->seen);
	mongo_conversation_done(&k->c);
	free(k);
}

enum store_status mongo_verify(struct store *store, int64_t *checked,
			       store_each_problem *problem, void *context)
{
	struct verifying v = {
		.base =
			{
				.db = mongo_begin(store, ACCESS_READ),
				.problem = problem,
				.context = context,
			},
	};
	struct mongo_rows rows;

	mongo_unhurried(v.base.db);
	*checked = 0;
	open_streams(&v);
	rows = mongo_find(v.base.db, IN_CONVERSATION,
			  &(struct mongo_find){.sort = DOC(INT("_id", 1))});
	for (; mongo_next(&rows); (*checked)++)
		check_conversation(&v, rows.row);
	if (!v.base.db->failed)
		pass_orphans(&v, "");
	mongo_close(&v.messages);
	mongo_close(&v.changes);
	mongo_close(&rows);
	return mongo_end(v.base.db, STORE_OK);
}
