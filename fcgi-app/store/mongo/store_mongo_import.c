/* What comes from another system, as it was there. Messages are inserted many
 * at once, with the next numbers, and make one step together. One that is cut
 * off leaves messages in front of their conversation, which the next who comes
 * by makes the steps of, one by one (mongo_step.c); that a message was edited
 * or deleted is pending in it, for whoever meets it (mongo_change.c). What
 * nobody else can do is done when it is imported again: how far it was read,
 * and that what was deleted had been edited before. */
#include "store_mongo.h"

#include <stdlib.h>
#include <string.h>

#include "kill_point.h"
#include "mem.h"
#include "mongo_change.h"
#include "mongo_clock.h"
#include "mongo_erase.h"
#include "mongo_file.h"
#include "mongo_opening.h"
#include "mongo_search.h"
#include "mongo_step.h"
#include "store_import.h"

struct importing {
	struct mongo_db *db;
	const struct store_import *import;
	struct mongo_conversation c;
	bool opens;			/* there is no such conversation yet */
	bool user_erased, other_erased; /* nothing of theirs comes again */
	int64_t *seq;  /* of each message; 0: it is not there */
	bool *edited;  /* is there so */
	bson_t **docs; /* of those that are to come */
	size_t count, added;
	char newest[ID_SIZE];
};

/* ---- where to ---- */

static void plan_support(struct importing *i)
{
	const char *title = i->import->title;

	mongo_opening_gone(i->import->user, title != NULL ? title : "", &i->c);
}

static void find_place(struct importing *i)
{
	char id[ID_SIZE];

	mongo_conversation_done(&i->c);
	id_direct(i->import->user, i->import->other, id);
	i->opens = !mongo_conversation_find(i->db, id, &i->c) &&
		   !mongo_step_first(i->db, id, &i->c);
	if (!i->opens)
		mongo_step_mend(i->db, &i->c);
	else if (strcmp(i->import->other, ID_SERVER) == 0)
		plan_support(i);
	else
		mongo_opening_direct(i->db, i->import->user, i->import->other,
				     &i->c);
	id_floor(0, i->newest);
	if (i->c.last_id[0] != '\0')
		memcpy(i->newest, i->c.last_id, ID_SIZE);
}

/* ---- which are there ---- */

static void mark_there(struct importing *i, const bson_t *row)
{
	const char *client = mongo_read_text(row, "clientId");
	char id[ID_SIZE], sender[ID_SIZE];

	mongo_read_id(row, "_id", id);
	mongo_read_id(row, "sender", sender);
	for (size_t n = 0; n < i->import->count; n++) {
		const struct store_message *message =
			&i->import->messages[n].message;

		if (strcmp(message->id, id) == 0 ||
		    (client != NULL && message->client_id != NULL &&
		     strcmp(client, message->client_id) == 0 &&
		     strcmp(sender, message->sender) == 0)) {
			i->seq[n] = mongo_read_int(row, "seq");
			i->edited[n] = mongo_read_int(row, "edited") != 0;
		}
	}
}

static void mark_all(struct importing *i, const struct mongo_field *filter)
{
	struct mongo_rows rows = mongo_find(
		i->db, IN_MESSAGE,
		&(struct mongo_find){
			.filter = filter,
			.fields = DOC(INT("sender", 1), INT("clientId", 1),
				      INT("c", 1), INT("seq", 1),
				      INT("edited", 1)),
		});

	while (mongo_next(&rows))
		mark_there(i, rows.row);
}

static void look_for_all(struct importing *i)
{
	size_t count = i->import->count, ids = 0, clients = 0;
	const char **id = xcalloc(count + 1, sizeof(*id));
	const char **client = xcalloc(count + 1, sizeof(*client));
	const char *senders[] = {i->import->user, i->import->other};

	for (size_t n = 0; n < count; n++) {
		const struct store_message *message =
			&i->import->messages[n].message;

		if (message->id[0] != '\0')
			id[ids++] = message->id;
		if (message->client_id != NULL)
			client[clients++] = message->client_id;
	}
	if (ids > 0)
		mark_all(i, DOC(SUB("_id", IDS("$in", id, ids))));
	if (clients > 0 && !i->opens)
		mark_all(i,
			 DOC(ID("c", i->c.id),
			     SUB("sender", IDS("$in", senders, 2)),
			     SUB("clientId", TEXTS("$in", client, clients))));
	free(id);
	free(client);
}

/* ---- writing ---- */

static char *attachment_of(struct importing *i, const char *id)
{
	struct store_file file;
	char *text = NULL;

	if (id != NULL && mongo_file_find(i->db, id, &file))
		text = store_file_attachment(&file);
	if (id != NULL)
		store_file_done(&file);
	return text;
}

/* That it was edited or deleted is a change like any; one of the two can be
 * pending. */
static bson_t *pending_of(struct importing *i,
			  const struct store_message *message)
{
	char op[ID_SIZE];

	if (!message->edited && !message->deleted)
		return NULL;
	mongo_clock_next(i->db, i->import->now_ms, op);
	return mongo_bson(
		DOC(ID("op", op),
		    INT("kind", message->deleted ? CHANGE_DELETE : CHANGE_EDIT),
		    ID("by", message->sender), INT("at", i->import->now_ms)));
}

static void add_doc(struct importing *i, const struct store_import_message *row,
		    int64_t seq)
{
	const struct store_message *message = &row->message;
	char *attachment =
		message->deleted ? NULL : attachment_of(i, row->file);
	bson_t *pending = pending_of(i, message);
	uint8_t hash[STORE_HASH_SIZE];
	struct mongo_tokens words;

	mongo_tokens_of(message->kind,
			message->deleted ? NULL : message->content, &words);
	store_import_hash(row, i->c.id, hash);
	store_import_id(i->newest, message, i->db->random);
	i->docs[i->count++] = mongo_bson(DOC(
		ID("_id", i->newest), ID("c", i->c.id), INT("seq", seq),
		INT("kind", message->kind), ID("sender", message->sender),
		TEXT("name", message->sender_name),
		TEXT("content", message->deleted ? "" : message->content),
		INT("at", message->created_at),
		TEXT_IF("clientId", message->client_id),
		IF(message->client_id != NULL,
		   BYTES("hash", hash, sizeof(hash))),
		TEXT_IF("attachment", attachment),
		IF(attachment != NULL, ID("file", row->file)), WORDS(&words),
		IF(pending != NULL, BSON("pending", pending))));
	mongo_tokens_done(&words);
	bson_destroy(pending);
	free(attachment);
}

/* How far each of the two has come by these messages, those that are there
 * among them. */
struct reach {
	int64_t received[2], read[2];
};

static void raise_to(int64_t *mark, int64_t seq)
{
	if (*mark < seq)
		*mark = seq;
}

static void add_reach(const struct importing *i,
		      const struct store_import_message *row, int64_t seq,
		      struct reach *out)
{
	bool first =
		strcmp(row->message.sender, i->c.members[0].row.user_id) == 0;
	size_t sender = first ? 0 : 1, reader = 1 - sender;

	raise_to(&out->received[sender], seq);
	raise_to(&out->read[sender], seq);
	if (row->received || row->read)
		raise_to(&out->received[reader], seq);
	if (row->read)
		raise_to(&out->read[reader], seq);
}

static struct reach reach_of(const struct importing *i)
{
	struct reach reach = {.received = {0, 0}};

	for (size_t n = 0; n < i->import->count; n++)
		add_reach(i, &i->import->messages[n], i->seq[n], &reach);
	return reach;
}

static bool is_beyond(const struct importing *i, const struct reach *reach)
{
	for (size_t n = 0; n < i->c.loaded && n < 2; n++) {
		const struct store_member *member = &i->c.members[n].row;

		if (reach->received[n] > member->received_seq ||
		    reach->read[n] > member->read_seq)
			return true;
	}
	return false;
}

/* In one's notes there is one. */
static bson_t *marks_of(const struct importing *i, const struct reach *reach)
{
	bool two = i->c.loaded > 1;

	return mongo_bson(
		DOC(INT("members.0.received", reach->received[0]),
		    INT("members.0.read", reach->read[0]),
		    IF(two, INT("members.1.received", reach->received[1])),
		    IF(two, INT("members.1.read", reach->read[1]))));
}

/* All of them make one step. False: somebody met them, and makes steps. */
static bool make_step(struct importing *i)
{
	struct reach reach = reach_of(i);
	bson_t *marks = marks_of(i, &reach);
	const bson_t *last = i->docs[i->count - 1];
	char sender[ID_SIZE];
	bool moved;

	mongo_read_id(last, "sender", sender);
	moved = mongo_update(
		i->db, IN_CONVERSATION,
		DOC(ID("_id", i->c.id), INT("last.seq", i->c.last_seq)),
		DOC(SUB("$set",
			SUB("last", INT("seq", mongo_read_int(last, "seq")),
			    ID("id", i->newest), ID("sender", sender),
			    INT("at", mongo_read_int(last, "at"))),
			ID("at", i->newest)),
		    SUB("$unset", INT("aheadUser", 1), INT("aheadAt", 1)),
		    BSON("$max", marks)));
	bson_destroy(marks);
	return moved;
}

static void move_marks(struct importing *i)
{
	struct reach reach = reach_of(i);
	bson_t *marks = marks_of(i, &reach);

	if (is_beyond(i, &reach))
		mongo_update(i->db, IN_CONVERSATION, DOC(ID("_id", i->c.id)),
			     DOC(BSON("$max", marks)));
	bson_destroy(marks);
}

static void step_all(struct importing *i)
{
	const bson_t *last = i->docs[i->count - 1];

	if (make_step(i) || i->db->failed)
		return;
	mongo_step_reach(i->db, i->c.id, mongo_read_int(last, "seq"));
	move_marks(i);
}

/* ---- changes ---- */

static void settle_all(struct importing *i)
{
	for (size_t n = 0; n < i->count; n++) {
		bson_t mended;

		if (mongo_change_mend(i->db, i->docs[n], &mended))
			bson_destroy(&mended);
	}
}

/* Nobody sees it of what was deleted but as a change. */
static void fold_edit(struct importing *i, const struct store_message *message,
		      int64_t seq)
{
	struct mongo_numbering what = {
		.seq = seq,
		.kind = CHANGE_EDIT,
		.at = i->import->now_ms,
	};
	int64_t number;

	mongo_clock_next(i->db, i->import->now_ms, what.op);
	memcpy(what.by, message->sender, ID_SIZE);
	number = mongo_change_number(i->db, i->c.id, &what);
	mongo_update(i->db, IN_MESSAGE, DOC(ID("c", i->c.id), INT("seq", seq)),
		     DOC(SUB("$set", INT("edited", number))));
}

static void fold_edits(struct importing *i)
{
	for (size_t n = 0; n < i->import->count; n++) {
		const struct store_message *message =
			&i->import->messages[n].message;

		if (message->edited && message->deleted && !i->edited[n] &&
		    i->seq[n] != 0)
			fold_edit(i, message, i->seq[n]);
	}
}

/* ---- all of them ---- */

/* Whether all of them have their numbers: nobody else wrote there. */
static bool insert_all(struct importing *i)
{
	return mongo_insert_until(i->db, IN_MESSAGE,
				  (const bson_t *const *)i->docs,
				  i->count) == i->count;
}

static bool is_to_come(const struct importing *i, size_t n)
{
	const char *sender = i->import->messages[n].message.sender;
	bool erased = strcmp(sender, i->import->user) == 0 ? i->user_erased
							   : i->other_erased;

	return i->seq[n] == 0 && !erased;
}

static void add_docs(struct importing *i)
{
	int64_t seq = i->c.last_seq;

	for (size_t n = 0; n < i->import->count; n++) {
		if (is_to_come(i, n)) {
			i->seq[n] = ++seq;
			add_doc(i, &i->import->messages[n], seq);
		}
	}
}

static void open_place(struct importing *i)
{
	char first[ID_SIZE];

	mongo_read_id(i->docs[0], "_id", first);
	mongo_opening_write(i->db, &i->c, first);
}

/* One try. False: somebody else wrote there meanwhile. */
static bool try_import(struct importing *i)
{
	size_t all = i->import->count;
	bool whole = true;

	memset(i->seq, 0, all * sizeof(*i->seq));
	i->user_erased = mongo_erase_has(i->db, i->import->user);
	i->other_erased = mongo_erase_has(i->db, i->import->other);
	find_place(i);
	look_for_all(i);
	move_marks(i); /* of an import that was cut off */
	add_docs(i);
	if (i->count > 0) {
		if (i->opens)
			open_place(i);
		whole = insert_all(i);
	}
	if (i->count > 0 && whole) {
		kill_point("between-writes");
		step_all(i);
		settle_all(i);
		i->added += i->count;
	}
	if (whole)
		fold_edits(i);
	while (i->count > 0)
		bson_destroy(i->docs[--i->count]);
	return whole || i->db->failed;
}

static enum store_status import_messages(struct store *store,
					 const struct store_import *import,
					 size_t *added)
{
	struct importing i = {
		.db = mongo_begin(store, ACCESS_WRITE),
		.import = import,
		.seq = xcalloc(import->count + 1, sizeof(*i.seq)),
		.edited = xcalloc(import->count + 1, sizeof(*i.edited)),
		.docs = xcalloc(import->count + 1, sizeof(bson_t *)),
	};
	enum store_status status;
	int tries = 0;

	mongo_unhurried(i.db);
	while (!try_import(&i) && mongo_tries_on(i.db, &tries))
		;
	mongo_conversation_done(&i.c);
	free(i.seq);
	free(i.edited);
	free(i.docs);
	status = mongo_end(i.db, STORE_OK);
	if (status == STORE_OK)
		*added = i.added;
	return status;
}

static enum store_status import_has(struct store *store,
				    const char *conversation,
				    const char *sender, const char *client_id,
				    bool *has)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);

	*has = mongo_exists(db, IN_MESSAGE,
			    DOC(ID("c", conversation), ID("sender", sender),
				TEXT("clientId", client_id)));
	return mongo_end(db, STORE_OK);
}

const struct store_import_verbs mongo_import_verbs = {
	.messages = import_messages,
	.has = import_has,
};
