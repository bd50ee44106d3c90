#include "mongo_verify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "mem.h"
#include "mongo_search.h"

void mongo_verify_say(const struct mongo_verify *v, const char *conversation,
		      const char *format, ...)
{
	char line[400];
	va_list values;

	va_start(values, format);
	vsnprintf(line, sizeof(line), format, values);
	va_end(values);
	v->problem(conversation, line, v->context);
}

/* ---- messages ---- */

static struct mongo_verified *add_seen(struct mongo_verify_in *k)
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

static void check_order(const struct mongo_verify *v,
			const struct mongo_verify_in *k,
			const struct mongo_verified *message)
{
	const struct mongo_verified *before =
		k->count > 1 ? &k->seen[k->count - 2] : NULL;
	int64_t last = before != NULL ? before->seq : 0;

	if (before != NULL && message->seq == last)
		mongo_verify_say(v, k->c.id, "seq %" PRId64 " is there twice",
				 last);
	else if (message->seq != last + 1 &&
		 (before != NULL || k->c.kind != CONVERSATION_LOBBY))
		mongo_verify_say(v, k->c.id, "seq %" PRId64 " follows %" PRId64,
				 message->seq, last);
	if (before != NULL && strcmp(message->id, before->id) <= 0)
		mongo_verify_say(v, k->c.id,
				 "seq %" PRId64 " was written before %" PRId64,
				 message->seq, last);
}

static bool has_text(const bson_t *row, const char *name)
{
	const char *text = mongo_read_text(row, name);

	return text != NULL && *text != '\0';
}

/* Who was erased, and what was deleted, says nothing any more. */
static void check_silent(const struct mongo_verify *v,
			 const struct mongo_verify_in *k, const bson_t *row,
			 int64_t seq)
{
	bool gone = mongo_read_int(row, "erased") == 1;
	bool deleted = mongo_read_int(row, "deleted") > 0;

	if (gone &&
	    (has_text(row, "content") || has_text(row, "name") ||
	     mongo_has(row, "attachment") || mongo_has(row, "mentions") ||
	     mongo_has(row, "clientId") || mongo_has(row, "hiddenContent")))
		mongo_verify_say(v, k->c.id,
				 "seq %" PRId64
				 " is of an erased user and says something",
				 seq);
	if (deleted &&
	    (has_text(row, "content") || mongo_has(row, "mentions") ||
	     mongo_has(row, "hiddenContent")))
		mongo_verify_say(v, k->c.id,
				 "seq %" PRId64 " is deleted and has a text",
				 seq);
	if (deleted && (mongo_has(row, "attachment") || mongo_has(row, "file")))
		mongo_verify_say(v, k->c.id,
				 "seq %" PRId64 " is deleted and names a file",
				 seq);
}

static void check_file(const struct mongo_verify *v,
		       const struct mongo_verify_in *k, const bson_t *row,
		       int64_t seq)
{
	char file[ID_SIZE];

	mongo_read_id(row, "file", file);
	if (mongo_has(row, "attachment") != (file[0] != '\0') ||
	    (file[0] != '\0' &&
	     !mongo_exists(v->db, IN_FILE, DOC(ID("_id", file)))))
		mongo_verify_say(
			v, k->c.id,
			"seq %" PRId64 " names a file that is not there", seq);
}

static void check_sender(const struct mongo_verify *v,
			 struct mongo_verify_in *k, const bson_t *row,
			 int64_t seq)
{
	int64_t hidden = mongo_read_int(row, "hidden");
	bool direct = k->c.kind == CONVERSATION_DIRECT && k->c.loaded == 2;
	char sender[ID_SIZE];

	mongo_read_id(row, "sender", sender);
	if (direct && !is_in_direct(&k->c, sender))
		mongo_verify_say(v, k->c.id,
				 "seq %" PRId64
				 " was sent by %s, who is not in it",
				 seq, sender);
	if (hidden > 0 && (!direct || hidden > seq))
		mongo_verify_say(v, k->c.id,
				 "seq %" PRId64
				 " is hidden behind seq %" PRId64,
				 seq, hidden - 1);
	/* What is in front of its conversation is not counted yet. */
	if (hidden > 0 && direct && seq <= k->c.last_seq)
		k->hidden[strcmp(sender, k->c.members[0].row.user_id) == 0]++;
}

static void check_answer(const struct mongo_verify *v,
			 const struct mongo_verify_in *k, const bson_t *row,
			 int64_t seq)
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
		mongo_verify_say(v, k->c.id,
				 "seq %" PRId64
				 " answers %s, which is not here",
				 seq, answered);
}

/* What it is found by is what it says. */
static void check_words(const struct mongo_verify *v,
			const struct mongo_verify_in *k, const bson_t *row,
			int64_t seq)
{
	struct mongo_tokens words;
	bson_iter_t iter, word;
	size_t same = 0;
	bool more = bson_iter_init_find(&iter, row, "words") &&
		    bson_iter_recurse(&iter, &word) && bson_iter_next(&word);

	mongo_tokens_of_both(
		(enum store_message_kind)mongo_read_int(row, "kind"),
		mongo_read_text(row, "content"),
		mongo_read_text(row, "hiddenContent"), &words);
	while (more && same < words.count && BSON_ITER_HOLDS_UTF8(&word) &&
	       strcmp(bson_iter_utf8(&word, NULL), words.list[same]) == 0) {
		same++;
		more = bson_iter_next(&word);
	}
	if (more || same < words.count)
		mongo_verify_say(v, k->c.id,
				 "seq %" PRId64 " is not found by what it says",
				 seq);
	mongo_tokens_done(&words);
}

void mongo_verify_message(const struct mongo_verify *v,
			  struct mongo_verify_in *k, const bson_t *row)
{
	struct mongo_verified *seen = add_seen(k);
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
		mongo_verify_say(v, k->c.id,
				 "seq %" PRId64
				 " has a clientId and no request hash",
				 seen->seq);
	check_order(v, k, seen);
	check_silent(v, k, row, seen->seq);
	check_file(v, k, row, seen->seq);
	check_sender(v, k, row, seen->seq);
	check_answer(v, k, row, seen->seq);
	check_words(v, k, row, seen->seq);
}

/* ---- changes ---- */

static const struct mongo_verified *find_seq(const struct mongo_verify_in *k,
					     int64_t seq)
{
	int64_t first = k->count > 0 ? k->seen[0].seq : 0;

	return seq >= first && seq < first + (int64_t)k->count
		       ? &k->seen[seq - first]
		       : NULL;
}

void mongo_verify_change(const struct mongo_verify *v,
			 struct mongo_verify_in *k, const bson_t *row)
{
	int64_t number = mongo_read_int(row, "change");
	int64_t kind = mongo_read_int(row, "kind");
	int64_t seq = mongo_read_int(row, "seq");
	const struct mongo_verified *message = find_seq(k, seq);

	if (number == k->newest_change)
		mongo_verify_say(v, k->c.id,
				 "change %" PRId64 " is there twice", number);
	else if (number != k->newest_change + 1)
		mongo_verify_say(v, k->c.id,
				 "change %" PRId64 " follows %" PRId64, number,
				 k->newest_change);
	if (kind == CHANGE_ERASE && seq != 0)
		mongo_verify_say(v, k->c.id,
				 "change %" PRId64 " erases a message", number);
	if (kind <= CHANGE_DELETE && message == NULL &&
	    k->c.kind != CONVERSATION_LOBBY)
		mongo_verify_say(v, k->c.id,
				 "change %" PRId64 " is of seq %" PRId64
				 ", which is not there",
				 number, seq);
	k->newest_change = number;
}
