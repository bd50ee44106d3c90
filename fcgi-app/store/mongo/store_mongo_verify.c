/* Is the store as it should be? Collections are read in the order of their
 * conversations, side by side: no index that is on trial is asked. What a crash
 * may leave, and whoever meets it mends, is no breach: one message or change in
 * front of its conversation, and a change that is folded in without a number
 * yet. */
#include "store_mongo.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "mongo_block.h"
#include "mongo_conversation.h"
#include "mongo_search.h"

struct verifying {
	struct mongo_db *db;
	store_each_problem *problem;
	void *context;
	struct mongo_rows messages, changes; /* each at its next row */
	bool has_message, has_change;
	char message_of[ID_SIZE], change_of[ID_SIZE]; /* conversations */
};

static void say(struct verifying *v, const char *conversation,
		const char *format, ...) __attribute__((format(printf, 3, 4)));

static void say(struct verifying *v, const char *conversation,
		const char *format, ...)
{
	char line[400];
	va_list values;

	va_start(values, format);
	vsnprintf(line, sizeof(line), format, values);
	va_end(values);
	v->problem(conversation, line, v->context);
}

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
		mongo_find(v->db, IN_MESSAGE,
			   &(struct mongo_find){
				   .fields = DOC(NONE), /* and the words */
				   .sort = DOC(INT("c", 1), INT("seq", 1)),
			   });
	v->changes =
		mongo_find(v->db, IN_CHANGE,
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
		say(v, "", "%" PRId64 " messages of no conversation", messages);
	if (changes > 0)
		say(v, "", "%" PRId64 " changes of no conversation", changes);
}

/* ---- one conversation ---- */

/* What is remembered of a message until the end of its conversation. */
struct seen_message {
	char id[ID_SIZE];
	int64_t seq, edited, deleted;
	char *client; /* sender and clientId; NULL: none */
};

struct checked {
	struct mongo_conversation c;
	const bson_t *row;
	struct seen_message *seen;
	size_t count, cap;
	int64_t hidden[2]; /* from the one with the smaller id, the other */
	int64_t newest_change;
};

static struct seen_message *add_seen(struct checked *k)
{
	if (k->count == k->cap) {
		k->cap = k->cap > 0 ? 2 * k->cap : 256;
		k->seen = xrealloc(k->seen, k->cap * sizeof(*k->seen));
	}
	return &k->seen[k->count++];
}

static bool is_in_direct(const struct mongo_conversation *c, const char *user)
{
	return strcmp(user, c->members[0].row.user_id) == 0 ||
	       strcmp(user, c->members[1].row.user_id) == 0;
}

static void check_order(struct verifying *v, const struct checked *k,
			const struct seen_message *message)
{
	const struct seen_message *before =
		k->count > 1 ? &k->seen[k->count - 2] : NULL;
	int64_t last = before != NULL ? before->seq : 0;

	if (before != NULL && message->seq == last)
		say(v, k->c.id, "seq %" PRId64 " is there twice", last);
	else if (message->seq != last + 1 &&
		 (before != NULL || k->c.kind != CONVERSATION_LOBBY))
		say(v, k->c.id, "seq %" PRId64 " follows %" PRId64,
		    message->seq, last);
	if (before != NULL && strcmp(message->id, before->id) <= 0)
		say(v, k->c.id, "seq %" PRId64 " was written before %" PRId64,
		    message->seq, last);
}

static bool has_text(const bson_t *row, const char *name)
{
	const char *text = mongo_read_text(row, name);

	return text != NULL && *text != '\0';
}

/* Who was erased, and what was deleted, says nothing any more. */
static void check_silent(struct verifying *v, const struct checked *k,
			 const bson_t *row, int64_t seq)
{
	bool gone = mongo_read_int(row, "erased") == 1;
	bool deleted = mongo_read_int(row, "deleted") > 0;

	if (gone && (has_text(row, "content") || has_text(row, "name") ||
		     mongo_has(row, "attachment") ||
		     mongo_has(row, "mentions") || mongo_has(row, "clientId")))
		say(v, k->c.id,
		    "seq %" PRId64 " is of an erased user and says something",
		    seq);
	if (deleted && (has_text(row, "content") || mongo_has(row, "mentions")))
		say(v, k->c.id, "seq %" PRId64 " is deleted and has a text",
		    seq);
	if (deleted && (mongo_has(row, "attachment") || mongo_has(row, "file")))
		say(v, k->c.id, "seq %" PRId64 " is deleted and names a file",
		    seq);
}

static void check_file(struct verifying *v, const struct checked *k,
		       const bson_t *row, int64_t seq)
{
	char file[ID_SIZE];

	mongo_read_id(row, "file", file);
	if (mongo_has(row, "attachment") != (file[0] != '\0') ||
	    (file[0] != '\0' &&
	     !mongo_exists(v->db, IN_FILE, DOC(ID("_id", file)))))
		say(v, k->c.id,
		    "seq %" PRId64 " names a file that is not there", seq);
}

static void check_sender(struct verifying *v, struct checked *k,
			 const bson_t *row, int64_t seq)
{
	int64_t hidden = mongo_read_int(row, "hidden");
	bool direct = k->c.kind == CONVERSATION_DIRECT && k->c.loaded == 2;
	char sender[ID_SIZE];

	mongo_read_id(row, "sender", sender);
	if (direct && !is_in_direct(&k->c, sender))
		say(v, k->c.id,
		    "seq %" PRId64 " was sent by %s, who is not in it", seq,
		    sender);
	if (hidden > 0 && (!direct || hidden > seq))
		say(v, k->c.id, "seq %" PRId64 " is hidden behind seq %" PRId64,
		    seq, hidden - 1);
	/* What is in front of its conversation is not counted yet. */
	if (hidden > 0 && direct && seq <= k->c.last_seq)
		k->hidden[strcmp(sender, k->c.members[0].row.user_id) == 0]++;
}

static void check_answer(struct verifying *v, const struct checked *k,
			 const bson_t *row, int64_t seq)
{
	char answered[ID_SIZE];
	size_t low = 0, high = k->count - 1;

	mongo_read_id(row, "replyTo", answered);
	if (answered[0] == '\0' || k->c.kind == CONVERSATION_LOBBY)
		return;
	while (low < high) { /* ids are in the order of seq */
		size_t middle = low + (high - low) / 2;

		if (strcmp(k->seen[middle].id, answered) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (strcmp(k->seen[low].id, answered) != 0)
		say(v, k->c.id, "seq %" PRId64 " answers %s, which is not here",
		    seq, answered);
}

/* What it is found by is what it says. */
static void check_words(struct verifying *v, const struct checked *k,
			const bson_t *row, int64_t seq)
{
	struct mongo_tokens words;
	bson_iter_t iter, word;
	size_t same = 0;
	bool more = bson_iter_init_find(&iter, row, "words") &&
		    bson_iter_recurse(&iter, &word) && bson_iter_next(&word);

	mongo_tokens_of((enum store_message_kind)mongo_read_int(row, "kind"),
			mongo_read_text(row, "content"), &words);
	while (more && same < words.count && BSON_ITER_HOLDS_UTF8(&word) &&
	       strcmp(bson_iter_utf8(&word, NULL), words.list[same]) == 0) {
		same++;
		more = bson_iter_next(&word);
	}
	if (more || same < words.count)
		say(v, k->c.id, "seq %" PRId64 " is not found by what it says",
		    seq);
	mongo_tokens_done(&words);
}

static void check_message(struct verifying *v, struct checked *k)
{
	const bson_t *row = v->messages.row;
	struct seen_message *seen = add_seen(k);
	const char *client = mongo_read_text(row, "clientId");
	char sender[ID_SIZE];
	uint8_t hash[STORE_HASH_SIZE];

	mongo_read_id(row, "_id", seen->id);
	mongo_read_id(row, "sender", sender);
	seen->seq = mongo_read_int(row, "seq");
	seen->edited = mongo_read_int(row, "edited");
	seen->deleted = mongo_read_int(row, "deleted");
	seen->client =
		client != NULL ? xasprintf("%s %s", sender, client) : NULL;
	if (client != NULL &&
	    !mongo_read_bytes(row, "hash", hash, sizeof(hash)))
		say(v, k->c.id,
		    "seq %" PRId64 " has a clientId and no request hash",
		    seen->seq);
	check_order(v, k, seen);
	check_silent(v, k, row, seen->seq);
	check_file(v, k, row, seen->seq);
	check_sender(v, k, row, seen->seq);
	check_answer(v, k, row, seen->seq);
	check_words(v, k, row, seen->seq);
}

/* ---- changes ---- */

static const struct seen_message *find_seq(const struct checked *k, int64_t seq)
{
	int64_t first = k->count > 0 ? k->seen[0].seq : 0;

	return seq >= first && seq < first + (int64_t)k->count
		       ? &k->seen[seq - first]
		       : NULL;
}

static void check_change(struct verifying *v, struct checked *k)
{
	const bson_t *row = v->changes.row;
	int64_t number = mongo_read_int(row, "change");
	int64_t kind = mongo_read_int(row, "kind");
	int64_t seq = mongo_read_int(row, "seq");
	const struct seen_message *message = find_seq(k, seq);

	if (number == k->newest_change)
		say(v, k->c.id, "change %" PRId64 " is there twice", number);
	else if (number != k->newest_change + 1)
		say(v, k->c.id, "change %" PRId64 " follows %" PRId64, number,
		    k->newest_change);
	if (kind == CHANGE_ERASE && seq != 0)
		say(v, k->c.id, "change %" PRId64 " erases a message", number);
	if (kind <= CHANGE_DELETE && message == NULL &&
	    k->c.kind != CONVERSATION_LOBBY)
		say(v, k->c.id,
		    "change %" PRId64 " is of seq %" PRId64
		    ", which is not there",
		    number, seq);
	k->newest_change = number;
}

/* ---- the conversation ---- */

static int by_client(const void *one, const void *other)
{
	const struct seen_message *a = one, *b = other;

	if (a->client == NULL || b->client == NULL)
		return (a->client != NULL) - (b->client != NULL);
	return strcmp(a->client, b->client);
}

static void check_once(struct verifying *v, struct checked *k)
{
	if (k->count > 1)
		qsort(k->seen, k->count, sizeof(*k->seen), by_client);
	for (size_t i = 1; i < k->count; i++) {
		if (k->seen[i].client != NULL &&
		    by_client(&k->seen[i - 1], &k->seen[i]) == 0)
			say(v, k->c.id, "clientId of %s made two messages",
			    k->seen[i].client);
	}
}

static void check_last(struct verifying *v, const struct checked *k)
{
	const struct seen_message *last =
		k->count > 0 ? &k->seen[k->count - 1] : NULL;
	int64_t newest = last != NULL ? last->seq : 0;

	if (k->c.last_seq != newest && k->c.last_seq + 1 != newest)
		say(v, k->c.id,
		    "lastSeq is %" PRId64 ", its newest message %" PRId64,
		    k->c.last_seq, newest);
	if (last != NULL && k->c.last_seq == newest &&
	    strcmp(k->c.last_id, last->id) != 0)
		say(v, k->c.id, "its newest message is another one");
	if (k->c.last_change != k->newest_change &&
	    k->c.last_change + 1 != k->newest_change)
		say(v, k->c.id,
		    "lastChange is %" PRId64 ", its newest change %" PRId64,
		    k->c.last_change, k->newest_change);
}

static void check_marks(struct verifying *v, const struct checked *k,
			const bson_t *member)
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
		say(v, k->c.id,
		    "marks of %s: joined %" PRId64 ", received %" PRId64
		    ", read %" PRId64 " of %" PRId64,
		    user, joined, received, read, k->c.last_seq);
}

static void check_direct(struct verifying *v, const struct checked *k)
{
	const char *low = k->c.members[0].row.user_id;
	const char *high = k->c.members[1].row.user_id;

	if (k->c.loaded == 1) /* what somebody notes */
		return;
	if (k->c.loaded != 2 || strcmp(low, high) >= 0) {
		say(v, k->c.id,
		    "a direct conversation without its two members");
		return;
	}
	for (size_t i = 0; i < 2; i++) {
		if (k->c.members[i].hidden != k->hidden[i])
			say(v, k->c.id,
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
		say(v, k->c.id, "it is not known who blocks whom");
}

static void check_members(struct verifying *v, const struct checked *k)
{
	struct mongo_items items;
	int64_t count = 0;

	mongo_items(k->row, "members", &items);
	for (; mongo_item(&items); count++)
		check_marks(v, k, &items.row);
	if (count != k->c.count)
		say(v, k->c.id, "it has %" PRId64 " members, not %" PRId64,
		    count, k->c.count);
	if (k->c.kind == CONVERSATION_DIRECT)
		check_direct(v, k);
	if (k->c.last_seq > 0 && k->c.last_hidden == 0 &&
	    strcmp(k->c.at, k->c.last_id) != 0)
		say(v, k->c.id, "it stands in another place of lists");
}

/* Edits and deletions of a message are changes of it. */
static void check_folded(struct verifying *v, const struct checked *k)
{
	for (size_t i = 0; i < k->count; i++) {
		const struct seen_message *seen = &k->seen[i];

		if (seen->edited > k->newest_change ||
		    seen->deleted > k->newest_change)
			say(v, k->c.id,
			    "seq %" PRId64 " was changed by a change that is "
			    "not there",
			    seen->seq);
	}
}

static void check_conversation(struct verifying *v, const bson_t *row)
{
	struct checked *k = xcalloc(1, sizeof(*k));

	k->row = row;
	mongo_conversation_read(row, &k->c);
	pass_orphans(v, k->c.id);
	for (; v->has_message && strcmp(v->message_of, k->c.id) == 0;
	     next_message(v))
		check_message(v, k);
	for (; v->has_change && strcmp(v->change_of, k->c.id) == 0;
	     next_change(v))
		check_change(v, k);
	check_last(v, k);
	check_members(v, k);
	check_folded(v, k);
	check_once(v, k);
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
		.db = mongo_begin(store, ACCESS_READ),
		.problem = problem,
		.context = context,
	};
	struct mongo_rows rows;

	mongo_unhurried(v.db);
	*checked = 0;
	open_streams(&v);
	rows = mongo_find(v.db, IN_CONVERSATION,
			  &(struct mongo_find){.sort = DOC(INT("_id", 1))});
	for (; mongo_next(&rows); (*checked)++)
		check_conversation(&v, rows.row);
	if (!v.db->failed)
		pass_orphans(&v, "");
	mongo_close(&v.messages);
	mongo_close(&v.changes);
	mongo_close(&rows);
	return mongo_end(v.db, STORE_OK);
}
