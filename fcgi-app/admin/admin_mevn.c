/* The data of a system that Palabre takes the place of: the MEVN chat. Who was
 * there becomes an account with the same id, and what two of them wrote a
 * conversation of theirs.
 *
 * Messages get ids of ours. Theirs begin with seconds where ours have
 * milliseconds, in half as many digits: read as one of ours, an id of 2024 is
 * one of the year 5519, and since none may be behind the newest, all that is
 * written afterwards would have an id of that year. They are kept as
 * clientIds, by which a message is known again.
 */
#include "admin_import.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "crypt.h"
#include "json.h"
#include "mem.h"
#include "mevn_people.h"
#include "palabre_limits.h"
#include "store_mevn.h"
#include "store_settings.h"
#include "text.h"

#define AT_ONCE ADMIN_IMPORT_AT_ONCE
#define URI_MAX 4096

/* One of them; all are kept, and sorted. */
struct line {
	uint8_t id[ID_BYTES], sender[ID_BYTES], recipient[ID_BYTES];
	int64_t at_ms;
	bool dated;
};

/* What it says, while it is under way. */
struct said {
	struct line *line;
	char id[ID_SIZE], sender[ID_SIZE], recipient[ID_SIZE];
	bool found, edited, deleted, repaired;
	enum mevn_status status;
	char *content, *client_id;
};

struct importing {
	struct admin_import base;
	struct mevn *old;
	struct mevn_people people;
	struct line *lines;
	size_t count, cap;
	struct said said[AT_ONCE]; /* by id while they are looked for */
	struct said *in_order[AT_ONCE];
	size_t under_way;
	int64_t conversations, left_out;
	char last_pair[2][ID_SIZE]; /* that some came for */
};

/* ---- which there are ---- */

static void leave_out(struct importing *i, const char *id, const char *why)
{
	admin_import_note(&i->base, "message %s: %s: was left out", id, why);
	i->left_out++;
}

static bool take_place(const struct mevn_place *place, void *context)
{
	struct importing *i = context;
	struct line line = {.at_ms = place->at, .dated = place->dated};

	i->base.all++;
	if (!id_to_bytes(place->id, line.id)) {
		leave_out(i, "without an id", "nothing names it");
		return true;
	}
	if (!id_to_bytes(place->sender, line.sender) ||
	    !id_to_bytes(place->recipient, line.recipient)) {
		leave_out(i, place->id, "it is not of somebody to somebody");
		return true;
	}
	if (i->count == i->cap) {
		i->cap = i->cap > 0 ? 2 * i->cap : 4096;
		i->lines = xrealloc(i->lines, i->cap * sizeof(*i->lines));
	}
	i->lines[i->count++] = line;
	return true;
}

static int by_bytes(const uint8_t *a, const uint8_t *b)
{
	return memcmp(a, b, ID_BYTES);
}

static const uint8_t *low_of(const struct line *line)
{
	return by_bytes(line->sender, line->recipient) < 0 ? line->sender
							   : line->recipient;
}

static const uint8_t *high_of(const struct line *line)
{
	return low_of(line) == line->sender ? line->recipient : line->sender;
}

static int by_pair(const struct line *a, const struct line *b)
{
	int order = by_bytes(low_of(a), low_of(b));

	return order != 0 ? order : by_bytes(high_of(a), high_of(b));
}

/* By whose they are, then by time, then by id. */
static int in_order(const void *left, const void *right)
{
	const struct line *a = left, *b = right;
	int order = by_pair(a, b);

	if (order == 0)
		order = (a->at_ms > b->at_ms) - (a->at_ms < b->at_ms);
	return order != 0 ? order : by_bytes(a->id, b->id);
}

static void read_places(struct importing *i)
{
	if (!mevn_places(i->old, take_place, i))
		admin_import_fail(&i->base, "the old store: %s", i->old->error);
	if (i->count > 0)
		qsort(i->lines, i->count, sizeof(*i->lines), in_order);
	i->base.done = i->left_out;
}

/* ---- what they say ---- */

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct said *)a)->id,
		      ((const struct said *)b)->id);
}

static bool take_message(const struct mevn_message *message, void *context)
{
	struct importing *i = context;
	struct said key, *said;

	memcpy(key.id, message->id, ID_SIZE);
	said = bsearch(&key, i->said, i->under_way, sizeof(key), by_id);
	if (said == NULL || said->found)
		return true;
	said->found = true;
	said->status = message->status;
	said->edited = message->edited;
	said->deleted = message->deleted;
	said->repaired = message->repaired;
	said->content = xstrdup(message->content);
	return true;
}

static void free_said(struct importing *i)
{
	while (i->under_way > 0) {
		struct said *said = &i->said[--i->under_way];

		free(said->content);
		free(said->client_id);
	}
}

/* The old server may take as long as a minute: what was given is let go of. */
static void read_said(struct importing *i, struct line *lines, size_t count)
{
	const char *ids[AT_ONCE];

	admin_import_commit(&i->base);
	free_said(i);
	if (i->base.code != 0)
		return;
	for (size_t n = 0; n < count; n++) {
		struct said *said = &i->said[n];

		*said = (struct said){.line = &lines[n]};
		id_from_bytes(lines[n].id, said->id);
		id_from_bytes(lines[n].sender, said->sender);
		id_from_bytes(lines[n].recipient, said->recipient);
		said->client_id = xasprintf("mevn:%s", said->id);
	}
	i->under_way = count;
	qsort(i->said, count, sizeof(*i->said), by_id);
	for (size_t n = 0; n < count; n++) {
		ids[n] = i->said[n].id;
		i->in_order[i->said[n].line - lines] = &i->said[n];
	}
	if (!mevn_messages(i->old, ids, count, take_message, i))
		admin_import_fail(&i->base, "the old store: %s", i->old->error);
}

/* ---- what of it is not as it was ---- */

static void note(struct importing *i, const struct said *said, const char *what)
{
	admin_import_note(&i->base, "message %s: %s", said->id, what);
}

static void note_all(struct importing *i, const struct said *said)
{
	if (!said->line->dated)
		note(i, said, "says not when: was given the time of its id");
	if (said->line->at_ms > i->base.now_ms)
		note(i, said, "is of the future: was given the time of now");
	if (said->repaired)
		note(i, said, "is not UTF-8: what cannot be read is marked");
	if (said->deleted)
		return;
	if (said->content[0] == '\0')
		note(i, said, "is empty: was kept");
	else if (text_length(said->content) > LIMIT_CONTENT)
		note(i, said, "is longer than messages are: was kept");
}

/* Is it one to keep, of whom at least one can read it? */
static bool judge(struct importing *i, const struct said *said)
{
	bool from = mevn_people_name(&i->people, said->sender) != NULL;
	bool to = mevn_people_name(&i->people, said->recipient) != NULL;

	if (!said->found) {
		leave_out(i, said->id, "it went meanwhile");
		return false;
	}
	if (mevn_people_erased(&i->people, said->sender)) {
		i->left_out++; /* which was said of who wrote it */
		return false;
	}
	if (!from && !to) {
		leave_out(i, said->id, "both whose it is are gone");
		return false;
	}
	if (!from)
		note(i, said, "its sender is gone: was kept");
	if (!to && !mevn_people_erased(&i->people, said->recipient))
		note(i, said, "whom it is to is gone: was kept");
	note_all(i, said);
	return true;
}

/* ---- to the store ---- */

static void row_of(const struct importing *i, const struct said *said,
		   struct store_import_message *out)
{
	const char *name = mevn_people_name(&i->people, said->sender);
	int64_t at = said->line->at_ms;

	*out = (struct store_import_message){
		.message =
			{
				.kind = MESSAGE_TEXT,
				.sender_name =
					(char *)(name != NULL ? name : ""),
				.content = said->content,
				.client_id = said->client_id,
				.created_at = at < i->base.now_ms
						      ? at
						      : i->base.now_ms,
				.edited = said->edited,
				.deleted = said->deleted,
			},
		.received = said->status != MEVN_SENT,
		.read = said->status == MEVN_READ,
	};
	memcpy(out->message.sender, said->sender, ID_SIZE);
}

/* Of two: one conversation, however many of these it comes with. */
static void count_pair(struct importing *i, const struct said *said)
{
	const char *pair[] = {said->sender, said->recipient};
	bool low = strcmp(pair[0], pair[1]) < 0;

	if (strcmp(i->last_pair[0], pair[low ? 0 : 1]) != 0 ||
	    strcmp(i->last_pair[1], pair[low ? 1 : 0]) != 0)
		i->conversations++;
	memcpy(i->last_pair[0], pair[low ? 0 : 1], ID_SIZE);
	memcpy(i->last_pair[1], pair[low ? 1 : 0], ID_SIZE);
}

/* Those of the same two, from first on; how many they are. */
static size_t give_pair(struct importing *i, size_t first)
{
	struct store_import_message rows[AT_ONCE];
	const struct said *said = i->in_order[first];
	struct store_import import = {
		.user = said->sender,
		.other = said->recipient,
		.messages = rows,
		.now_ms = i->base.now_ms,
	};
	size_t n = first;

	for (;
	     n < i->under_way && by_pair(i->in_order[n]->line, said->line) == 0;
	     n++) {
		if (judge(i, i->in_order[n]))
			row_of(i, i->in_order[n], &rows[import.count++]);
	}
	if (admin_import_give(&i->base, &import) > 0)
		count_pair(i, said);
	return n - first;
}

static void import_messages(struct importing *i)
{
	for (size_t n = 0; n < i->count && i->base.code == 0; n += AT_ONCE) {
		size_t left = i->count - n;

		read_said(i, &i->lines[n], left < AT_ONCE ? left : AT_ONCE);
		for (size_t m = 0; m < i->under_way && i->base.code == 0;)
			m += give_pair(i, m);
		i->base.done += (int64_t)i->under_way;
		admin_import_show(&i->base);
	}
}

/* ---- both stores ---- */

/* "-": from standard input, for its password is nobody else's to see. */
static void open_old(struct importing *i, const char *word)
{
	struct admin *admin = i->base.admin;
	char line[URI_MAX] = "", *error = NULL;
	bool asks = strcmp(word, "-") == 0;

	if (asks && fgets(line, sizeof(line), stdin) == NULL)
		error = xstrdup("no URI on standard input");
	line[strcspn(line, "\r\n")] = '\0';
	if (error == NULL)
		i->old = mevn_of_settings(admin->options, asks ? line : word,
					  &error);
	if (i->old == NULL)
		i->base.code = admin_fail(admin, 1, "%s", error);
	crypt_wipe(line, sizeof(line));
	free(error);
}

static void report(struct importing *i)
{
	struct json_object *json = i->base.admin->json;
	int64_t there = i->base.all - i->base.messages - i->left_out;

	if (json != NULL) {
		json_put_int(json, "people", i->people.added);
		json_put_int(json, "messages", i->base.messages);
		json_put_int(json, "conversations", i->conversations);
		json_put_int(json, "there", there);
		json_put_int(json, "leftOut", i->left_out + i->people.left_out);
	}
	admin_done(i->base.admin,
		   "%" PRId64 " people and %" PRId64 " messages of %" PRId64
		   " conversations were imported; %" PRId64
		   " messages were there already, %" PRId64 " were left out",
		   i->people.added, i->base.messages, i->conversations, there,
		   i->left_out);
}

static void import_all(struct importing *i)
{
	if (!mevn_people_read(&i->base, i->old, &i->people))
		return;
	read_places(i);
	if (i->base.code == 0 && i->people.count + (size_t)i->base.all == 0)
		i->base.code = admin_fail(
			i->base.admin, 1,
			"there are no users and no messages in that database; "
			"is it this one? mongodb://HOST/DATABASE");
	if (i->base.code == 0)
		mevn_people_import(&i->base, &i->people);
	import_messages(i);
}

int admin_import_mevn(struct admin *admin, char **words)
{
	struct importing *i = xcalloc(1, sizeof(*i));
	int code;

	admin_import_begin(&i->base, admin);
	open_old(i, words[0]);
	if (i->base.code == 0)
		import_all(i);
	code = admin_import_end(&i->base);
	if (code == 0)
		report(i);
	free_said(i);
	mevn_people_done(&i->people);
	mevn_free(i->old);
	free(i->lines);
	free(i);
	return code;
}
