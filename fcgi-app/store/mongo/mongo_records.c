/* What is in the collections as records (store_copy.h), and back. A record's
 * names are those of the rows, but ids are text in it, and truths are 0 and 1.
 */
#include "store_mongo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "mem.h"
#include "mongo_change.h"
#include "mongo_own.h"
#include "mongo_report.h"
#include "mongo_search.h"
#include "mongo_step.h"
#include "store_copy.h"
#include "text.h"

#define MENDED_AT_ONCE 100

/* ---- rows as records ---- */

struct giving {
	struct mongo_db *db;
	const bson_t *row;
	store_each_record *each;
	void *context;
	size_t given;
};

static void give(struct giving *g, const char *key,
		 const struct mongo_field *record)
{
	bson_t *doc = mongo_bson(record);
	char *json = bson_as_relaxed_extended_json(doc, NULL);

	if (json != NULL)
		g->each(key, json, g->context);
	g->given++;
	bson_free(json);
	bson_destroy(doc);
}

/* An id as text, in a buffer that lives as long as the block. */
#define AS_ID(g, name) as_id((g)->row, (name), (char[ID_SIZE]){""})

static const char *as_id(const bson_t *row, const char *name, char *out)
{
	mongo_read_id(row, name, out);
	return out[0] != '\0' ? out : NULL;
}

/* The same field in the record. */
#define SAME_ID(g, n) TEXT(n, AS_ID(g, n))
#define SAME_INT(g, n) INT(n, mongo_read_int((g)->row, n))
#define SAME_TEXT(g, n) TEXT(n, mongo_read_text((g)->row, n))
#define TRUTH(g, n, field) INT(n, mongo_read_bool((g)->row, field) ? 1 : 0)

/* Documents of an array, in order. */
struct list {
	bson_t **docs;
	size_t count, room;
};

static void list_add(struct list *list, const struct mongo_field *doc)
{
	if (list->count == list->room) {
		list->room = list->room > 0 ? 2 * list->room : 16;
		list->docs =
			xrealloc(list->docs, list->room * sizeof(bson_t *));
	}
	list->docs[list->count++] = mongo_bson(doc);
}

static void list_done(struct list *list)
{
	while (list->count > 0)
		bson_destroy(list->docs[--list->count]);
	free(list->docs);
	*list = (struct list){.docs = NULL};
}

#define LIST(n, list)                                                          \
	DOCS(n, (const bson_t *const *)(list)->docs, (list)->count)

static int by_network(const void *one, const void *other)
{
	return strcmp(mongo_read_text(*(bson_t *const *)one, "network"),
		      mongo_read_text(*(bson_t *const *)other, "network"));
}

static int by_name(const void *one, const void *other)
{
	const bson_t *a = *(bson_t *const *)one, *b = *(bson_t *const *)other;
	int64_t order = mongo_read_int(a, "at") - mongo_read_int(b, "at");

	return order != 0 ? (order > 0) - (order < 0)
			  : strcmp(mongo_read_text(a, "name"),
				   mongo_read_text(b, "name"));
}

static void read_list(const bson_t *row, const char *array, const char *name,
		      int (*order)(const void *, const void *),
		      struct list *out)
{
	struct mongo_items items;

	out->count = 0;
	mongo_items(row, array, &items);
	while (mongo_item(&items))
		list_add(out, DOC(TEXT(name, mongo_read_text(&items.row, name)),
				  INT("at", mongo_read_int(&items.row, "at"))));
	if (out->count > 1)
		qsort(out->docs, out->count, sizeof(*out->docs), order);
}

static void give_user(struct giving *g, const char *key)
{
	struct list *networks = xcalloc(2, sizeof(*networks));
	struct list *names = &networks[1];

	read_list(g->row, "networks", "network", by_network, networks);
	read_list(g->row, "oldNames", "name", by_name, names);
	give(g, key,
	     DOC(TEXT("id", key), SAME_TEXT(g, "username"),
		 TEXT("folded", mongo_read_text(g->row, "nameFolded")),
		 TEXT("seek", mongo_read_text(g->row, "nameSeek")),
		 TEXT("shape", mongo_read_text(g->row, "nameShape")),
		 SAME_TEXT(g, "email"), SAME_TEXT(g, "displayName"),
		 SAME_TEXT(g, "displaySeek"), SAME_TEXT(g, "avatar"),
		 SAME_TEXT(g, "statusText"), SAME_TEXT(g, "passwordHash"),
		 SAME_INT(g, "role"), TRUTH(g, "disabled", "disabled"),
		 TRUTH(g, "contactsAdd", "contactsAdd"),
		 TRUTH(g, "hidesLastSeen", "hidesLastSeen"),
		 TRUTH(g, "hidesReceipts", "hidesReceipts"),
		 SAME_INT(g, "mutedUntil"), SAME_INT(g, "own"),
		 SAME_INT(g, "createdAt"), SAME_INT(g, "lastSeen"),
		 LIST("networks", networks), LIST("oldNames", names)));
	list_done(networks);
	list_done(names);
	free(networks);
}

/* Not one that was to be deleted when their password became another. */
static bool is_signed_in(const struct giving *g, const char *session)
{
	int64_t ended = mongo_read_int(g->row, "ended");
	char user[ID_SIZE];

	mongo_read_id(g->row, "user", user);
	return mongo_exists(
		g->db, IN_USER,
		DOC(ID("_id", user), MONGO_SIGNED_IN(session, ended)));
}

static void give_session(struct giving *g, const char *key)
{
	if (mongo_has(g->row, "opening") || !is_signed_in(g, key))
		return;
	give(g, key,
	     DOC(TEXT("id", key), SAME_ID(g, "user"), SAME_INT(g, "createdAt"),
		 SAME_INT(g, "lastUsed"), SAME_INT(g, "expiresAt"),
		 SAME_TEXT(g, "agent"), SAME_TEXT(g, "address")));
}

static void give_file(struct giving *g, const char *key)
{
	give(g, key,
	     DOC(TEXT("id", key), SAME_ID(g, "owner"), SAME_TEXT(g, "hash"),
		 SAME_TEXT(g, "name"), SAME_TEXT(g, "mime"),
		 SAME_INT(g, "size"), SAME_INT(g, "width"),
		 SAME_INT(g, "height"), SAME_INT(g, "duration"),
		 TRUTH(g, "preview", "preview"), SAME_INT(g, "createdAt")));
}

static int by_user(const void *one, const void *other)
{
	return strcmp(mongo_read_text(*(bson_t *const *)one, "u"),
		      mongo_read_text(*(bson_t *const *)other, "u"));
}

static void read_members(const bson_t *row, struct list *out)
{
	struct mongo_items items;

	mongo_items(row, "members", &items);
	while (mongo_item(&items)) {
		const struct giving member = {.row = &items.row};

		list_add(out, DOC(SAME_ID(&member, "u"),
				  TRUTH(&member, "owner", "owner"),
				  SAME_INT(&member, "joined"),
				  SAME_INT(&member, "received"),
				  SAME_INT(&member, "read"),
				  SAME_INT(&member, "hidden")));
	}
	if (out->count > 1)
		qsort(out->docs, out->count, sizeof(*out->docs), by_user);
}

/* One that no message has made is none. */
static void give_conversation(struct giving *g, const char *key)
{
	struct list *members = xcalloc(1, sizeof(*members));

	read_members(g->row, members);
	give(g, key,
	     DOC(TEXT("id", key), SAME_INT(g, "kind"), SAME_ID(g, "made"),
		 SAME_TEXT(g, "title"), SAME_TEXT(g, "avatar"),
		 SAME_INT(g, "blocks"), SAME_INT(g, "lastChange"),
		 SUB("last", INT("seq", mongo_read_int(g->row, "last.seq")),
		     TEXT("id", AS_ID(g, "last.id")),
		     TEXT("sender", AS_ID(g, "last.sender")),
		     INT("at", mongo_read_int(g->row, "last.at")),
		     INT("hidden", mongo_read_int(g->row, "last.hidden"))),
		 SAME_ID(g, "at"), LIST("members", members)));
	list_done(members);
	free(members);
}

/* "": there is none. */
static const char *hash_of(const bson_t *row, char out[2 * STORE_HASH_SIZE + 1])
{
	uint8_t hash[STORE_HASH_SIZE];

	if (!mongo_read_bytes(row, "hash", hash, sizeof(hash)))
		return NULL;
	for (size_t i = 0; i < sizeof(hash); i++)
		snprintf(out + 2 * i, 3, "%02x", hash[i]);
	return out;
}

static void read_reactions(const bson_t *row, struct list *out)
{
	struct mongo_items items;

	mongo_items(row, "reactions", &items);
	while (mongo_item(&items)) {
		struct giving it = {.row = &items.row};

		list_add(out,
			 DOC(SAME_INT(&it, "change"), SAME_TEXT(&it, "emoji"),
			     SAME_ID(&it, "u"), SAME_INT(&it, "hidden")));
	}
}

static void give_message(struct giving *g, const char *key)
{
	struct list *reactions = xcalloc(1, sizeof(*reactions));
	char hash[2 * STORE_HASH_SIZE + 1];

	read_reactions(g->row, reactions);

	give(g, key,
	     DOC(TEXT("id", key), SAME_ID(g, "c"), SAME_INT(g, "seq"),
		 SAME_INT(g, "kind"), SAME_ID(g, "sender"),
		 SAME_TEXT(g, "name"), SAME_TEXT(g, "content"),
		 SAME_INT(g, "at"), SAME_TEXT(g, "clientId"),
		 TEXT("hash", hash_of(g->row, hash)), SAME_ID(g, "replyTo"),
		 SAME_TEXT(g, "attachment"), SAME_TEXT(g, "mentions"),
		 SAME_INT(g, "edited"), SAME_INT(g, "deleted"),
		 SAME_INT(g, "erased"), SAME_INT(g, "hidden"),
		 TRUTH(g, "passed", "passed"), SAME_INT(g, "reacted"),
		 LIST("reactions", reactions)));
	list_done(reactions);
	free(reactions);
}

static void give_change(struct giving *g, const char *key)
{
	give(g, key,
	     DOC(SAME_ID(g, "c"), SAME_INT(g, "change"), SAME_INT(g, "seq"),
		 SAME_INT(g, "kind"), SAME_ID(g, "by"), SAME_INT(g, "at"),
		 SAME_TEXT(g, "emoji"), SAME_INT(g, "taken"),
		 SAME_INT(g, "hidden")));
}

/* Of conversations that they are in as they were then. */
static void read_mine(const struct giving *g, const char *user,
		      struct list *out)
{
	struct mongo_own own;
	bson_iter_t iter;
	bson_t mine;

	mongo_own_open(g->db, user, &own);
	if (!own.has_row || !mongo_read_doc(&own.row, "mine", &mine) ||
	    !bson_iter_init(&iter, &mine)) {
		mongo_own_done(&own);
		return;
	}
	while (bson_iter_next(&iter)) {
		const char *id = bson_iter_key(&iter);
		struct mongo_conversation c = {.title = NULL};
		struct store_own it = {.number = 0};

		if (mongo_conversation_find(g->db, id, &c))
			mongo_own_in(g->db, &own, &c, &it);
		mongo_conversation_done(&c);
		if (it.number > 0)
			list_add(out, DOC(TEXT("c", id), INT("n", it.number),
					  INT("muted", it.muted_until),
					  INT("pinned", it.pinned_at),
					  INT("archived", it.archived),
					  INT("archivedSeq", it.archived_seq),
					  INT("unread", it.marked_unread),
					  TEXT("draft", it.draft)));
	}
	mongo_own_done(&own);
}

static int by_conversation(const void *one, const void *other)
{
	return strcmp(mongo_read_text(*(bson_t *const *)one, "c"),
		      mongo_read_text(*(bson_t *const *)other, "c"));
}

static void give_own(struct giving *g, const char *key)
{
	struct list *mine = xcalloc(1, sizeof(*mine));

	read_mine(g, key, mine);
	if (mine->count > 1)
		qsort(mine->docs, mine->count, sizeof(*mine->docs),
		      by_conversation);
	if (mine->count > 0)
		give(g, key, DOC(TEXT("id", key), LIST("mine", mine)));
	list_done(mine);
	free(mine);
}

static void give_link(struct giving *g, const char *key)
{
	char group[ID_SIZE];
	bool leads;

	mongo_read_id(g->row, "c", group);
	leads = mongo_exists(g->db, IN_CONVERSATION,
			     DOC(ID("_id", group), TEXT("link.code", key)));
	give(g, key,
	     DOC(TEXT("code", key), SAME_ID(g, "c"), SAME_ID(g, "by"),
		 SAME_INT(g, "at"), SAME_INT(g, "expiresAt"),
		 INT("revoked", leads ? 0 : 1)));
}

static void give_block(struct giving *g, const char *key)
{
	give(g, key,
	     DOC(SAME_ID(g, "blocker"), SAME_ID(g, "blocked"),
		 SAME_INT(g, "received"), SAME_INT(g, "read"),
		 SAME_INT(g, "at")));
}

/* How far behind what says so the last copy is. */
static int64_t copies_of(const struct giving *g, const char *said)
{
	int64_t last = 0;
	bson_t row, seqs;
	bson_iter_t iter;

	if (!mongo_find_one(g->db, IN_MESSAGE, DOC(ID("_id", said)),
			    DOC(INT("seq", 1)), &row))
		return 0;
	if (mongo_read_doc(g->row, "seqs", &seqs) &&
	    bson_iter_init(&iter, &seqs)) {
		while (bson_iter_next(&iter)) {
			int64_t seq = bson_iter_as_int64(&iter);

			last = seq > last ? seq : last;
		}
	}
	last -= mongo_read_int(&row, "seq");
	bson_destroy(&row);
	return last > 0 ? last : 0;
}

static void give_report(struct giving *g, const char *key)
{
	give(g, key,
	     DOC(TEXT("id", key), SAME_ID(g, "message"), SAME_ID(g, "by"),
		 SAME_INT(g, "at"), INT("copies", copies_of(g, key))));
}

static void give_audit(struct giving *g, const char *key)
{
	give(g, key,
	     DOC(TEXT("id", key), SAME_ID(g, "by"), SAME_TEXT(g, "act"),
		 SAME_ID(g, "user"), SAME_INT(g, "until"),
		 SAME_TEXT(g, "detail"), SAME_INT(g, "at")));
}

static void give_address(struct giving *g, const char *key)
{
	give(g, key,
	     DOC(TEXT("network", key), SAME_INT(g, "until"), SAME_ID(g, "by"),
		 SAME_INT(g, "at")));
}

/* ---- records as rows ---- */

struct taking {
	struct mongo_db *db;
	const bson_t *record;
};

/* A field of the record, under the same name unless another is said. */
#define T(t, n) mongo_read_text((t)->record, (n))
#define N(t, n) mongo_read_int((t)->record, (n))
#define TAKE_ID(t, n) ID_IF(n, T(t, n))
#define TAKE_INT(t, n) INT(n, N(t, n))
#define TAKE_TEXT(t, n) TEXT_IF(n, T(t, n))
#define TAKE_BOOL(t, n) BOOL(n, N(t, n) != 0)
#define TAKE_IF(t, n) IF(N(t, n) != 0, TAKE_INT(t, n))
#define TAKE_TRUE(t, n) IF(N(t, n) != 0, BOOL(n, true))

static void take_list(const struct taking *t, const char *array,
		      const char *name, struct list *out)
{
	struct mongo_items items;

	mongo_items(t->record, array, &items);
	while (mongo_item(&items))
		list_add(out, DOC(TEXT(name, mongo_read_text(&items.row, name)),
				  INT("at", mongo_read_int(&items.row, "at"))));
}

static void take_user(const struct taking *t)
{
	struct list *networks = xcalloc(2, sizeof(*networks));
	struct list *names = &networks[1];
	char *shape = text_shape(T(t, "displayName"));

	take_list(t, "networks", "network", networks);
	take_list(t, "oldNames", "name", names);
	if (strcmp(T(t, "id"), ID_SERVER) == 0)
		mongo_delete(t->db, IN_USER, DOC(ID("_id", ID_SERVER)));
	mongo_insert(
		t->db, IN_USER,
		DOC(ID("_id", T(t, "id")), TAKE_TEXT(t, "username"),
		    TEXT("nameFolded", T(t, "folded")),
		    TEXT("nameSeek", T(t, "seek")),
		    TEXT("nameShape", T(t, "shape")), TAKE_TEXT(t, "email"),
		    TAKE_TEXT(t, "displayName"), TAKE_TEXT(t, "displaySeek"),
		    TEXT("displayShape", shape), TAKE_TEXT(t, "avatar"),
		    TAKE_TEXT(t, "statusText"), TAKE_TEXT(t, "passwordHash"),
		    TAKE_INT(t, "role"), TAKE_BOOL(t, "disabled"),
		    TAKE_BOOL(t, "contactsAdd"), TAKE_BOOL(t, "hidesLastSeen"),
		    TAKE_BOOL(t, "hidesReceipts"), TAKE_INT(t, "mutedUntil"),
		    TAKE_INT(t, "own"), TAKE_INT(t, "createdAt"),
		    TAKE_INT(t, "lastSeen"),
		    IF(networks->count > 0, LIST("networks", networks)),
		    IF(names->count > 0, LIST("oldNames", names))));
	list_done(networks);
	list_done(names);
	free(networks);
	free(shape);
}

static void take_session(const struct taking *t)
{
	mongo_insert(t->db, IN_SESSION,
		     DOC(ID("_id", T(t, "id")), TAKE_ID(t, "user"),
			 TAKE_INT(t, "createdAt"), TAKE_INT(t, "lastUsed"),
			 TAKE_INT(t, "expiresAt"), TAKE_TEXT(t, "agent"),
			 TAKE_TEXT(t, "address")));
}

static void take_file(const struct taking *t)
{
	mongo_insert(t->db, IN_FILE,
		     DOC(ID("_id", T(t, "id")), TAKE_ID(t, "owner"),
			 TAKE_TEXT(t, "hash"), TAKE_TEXT(t, "name"),
			 TAKE_TEXT(t, "mime"), TAKE_INT(t, "size"),
			 TAKE_INT(t, "width"), TAKE_INT(t, "height"),
			 TAKE_INT(t, "duration"), TAKE_BOOL(t, "preview"),
			 TAKE_INT(t, "createdAt")));
}

static void take_members(const struct taking *t, struct list *out)
{
	struct mongo_items items;

	mongo_items(t->record, "members", &items);
	while (mongo_item(&items)) {
		const struct taking member = {.record = &items.row};

		list_add(out,
			 DOC(TAKE_ID(&member, "u"),
			     IF(N(&member, "owner") != 0, BOOL("owner", true)),
			     TAKE_INT(&member, "joined"),
			     TAKE_INT(&member, "received"),
			     TAKE_INT(&member, "read"),
			     TAKE_IF(&member, "hidden")));
	}
}

static void take_conversation(const struct taking *t)
{
	struct list *members = xcalloc(1, sizeof(*members));
	bool ahead = N(t, "last.hidden") > 0;

	take_members(t, members);
	mongo_insert(t->db, IN_CONVERSATION,
		     DOC(ID("_id", T(t, "id")), TAKE_INT(t, "kind"),
			 TAKE_ID(t, "made"), TAKE_TEXT(t, "title"),
			 TAKE_TEXT(t, "avatar"), TAKE_INT(t, "blocks"),
			 TAKE_INT(t, "lastChange"),
			 INT("count", members->count),
			 SUB("last", INT("seq", N(t, "last.seq")),
			     ID("id", T(t, "last.id")),
			     ID("sender", T(t, "last.sender")),
			     INT("at", N(t, "last.at")),
			     IF(ahead, INT("hidden", N(t, "last.hidden")))),
			 TAKE_ID(t, "at"),
			 IF(ahead, ID("aheadUser", T(t, "last.sender"))),
			 IF(ahead, ID("aheadAt", T(t, "last.id"))),
			 LIST("members", members)));
	list_done(members);
	free(members);
}

static uint8_t digit_of(char c)
{
	return (uint8_t)(c >= 'a' ? c - 'a' + 10 : c - '0');
}

static bool take_hash(const char *text, uint8_t out[STORE_HASH_SIZE])
{
	if (text == NULL || strlen(text) != 2 * STORE_HASH_SIZE)
		return false;
	for (size_t i = 0; i < STORE_HASH_SIZE; i++)
		out[i] = (uint8_t)(digit_of(text[2 * i]) << 4 |
				   digit_of(text[2 * i + 1]));
	return true;
}

static void take_reactions(const struct taking *t, struct list *out)
{
	struct mongo_items items;

	mongo_items(t->record, "reactions", &items);
	while (mongo_item(&items)) {
		const struct taking it = {.record = &items.row};

		list_add(out,
			 DOC(TAKE_INT(&it, "change"), TAKE_TEXT(&it, "emoji"),
			     TAKE_ID(&it, "u"), TAKE_TRUE(&it, "hidden")));
	}
}

static bson_t *message_of(const struct taking *t)
{
	const char *attachment = T(t, "attachment");
	uint8_t hash[STORE_HASH_SIZE];
	bool hashed = take_hash(T(t, "hash"), hash);
	struct list *reactions = xcalloc(1, sizeof(*reactions));
	struct mongo_tokens words;
	char file[ID_SIZE] = "";
	bson_t *doc;

	if (attachment != NULL)
		store_file_id_of(attachment, file);
	take_reactions(t, reactions);
	mongo_tokens_of((enum store_message_kind)N(t, "kind"), T(t, "content"),
			&words);
	doc = mongo_bson(
		DOC(ID("_id", T(t, "id")), TAKE_ID(t, "c"), TAKE_INT(t, "seq"),
		    TAKE_INT(t, "kind"), TAKE_ID(t, "sender"),
		    TAKE_TEXT(t, "name"), TAKE_TEXT(t, "content"),
		    TAKE_INT(t, "at"), TAKE_TEXT(t, "clientId"),
		    IF(hashed, BYTES("hash", hash, sizeof(hash))),
		    TAKE_ID(t, "replyTo"), TAKE_TEXT(t, "attachment"),
		    ID_IF("file", file), TAKE_TEXT(t, "mentions"),
		    TAKE_IF(t, "edited"), TAKE_IF(t, "deleted"),
		    TAKE_IF(t, "erased"), TAKE_IF(t, "hidden"),
		    IF(N(t, "passed") != 0, BOOL("passed", true)),
		    TAKE_IF(t, "reacted"),
		    IF(reactions->count > 0, LIST("reactions", reactions)),
		    WORDS(&words)));
	mongo_tokens_done(&words);
	list_done(reactions);
	free(reactions);
	return doc;
}

static void take_change(const struct taking *t)
{
	char op[ID_SIZE];

	id_new(N(t, "at"), t->db->random, op);
	mongo_insert(t->db, IN_CHANGE,
		     DOC(ID("_id", op), TAKE_ID(t, "c"), TAKE_INT(t, "change"),
			 TAKE_INT(t, "seq"), TAKE_INT(t, "kind"),
			 TAKE_ID(t, "by"), TAKE_INT(t, "at"),
			 TAKE_TEXT(t, "emoji"), TAKE_TRUE(t, "taken"),
			 TAKE_TRUE(t, "hidden")));
}

static void take_own_of(const struct taking *t, const struct taking *mine)
{
	char path[sizeof("mine.") + ID_SIZE];
	struct mongo_conversation c = {.title = NULL};
	struct mongo_member me;

	snprintf(path, sizeof(path), "mine.%s", T(mine, "c"));
	if (mongo_conversation_find(t->db, T(mine, "c"), &c) &&
	    mongo_member_find(t->db, &c, T(t, "id"), &me))
		mongo_update(
			t->db, IN_USER, DOC(ID("_id", T(t, "id"))),
			DOC(SUB("$set", SUB(path, TAKE_INT(mine, "n"),
					    INT("joined", me.row.joined_seq),
					    TAKE_INT(mine, "muted"),
					    TAKE_INT(mine, "pinned"),
					    TAKE_BOOL(mine, "archived"),
					    TAKE_INT(mine, "archivedSeq"),
					    TAKE_BOOL(mine, "unread"),
					    TAKE_TEXT(mine, "draft")))));
	mongo_conversation_done(&c);
}

static void take_own(const struct taking *t)
{
	struct mongo_items items;

	mongo_items(t->record, "mine", &items);
	while (mongo_item(&items)) {
		const struct taking mine = {t->db, &items.row};

		take_own_of(t, &mine);
	}
}

static void take_link(const struct taking *t)
{
	mongo_insert(t->db, IN_LINK,
		     DOC(TEXT("_id", T(t, "code")), TAKE_ID(t, "c"),
			 TAKE_ID(t, "by"), TAKE_INT(t, "at"),
			 TAKE_INT(t, "expiresAt")));
	if (N(t, "revoked") == 0)
		mongo_update(t->db, IN_CONVERSATION, DOC(ID("_id", T(t, "c"))),
			     DOC(SUB("$set", SUB("link", TAKE_TEXT(t, "code"),
						 TAKE_INT(t, "expiresAt")))));
}

static void take_block(const struct taking *t)
{
	char id[ID_SIZE];

	id_new(N(t, "at"), t->db->random, id);
	mongo_insert(t->db, IN_USER_BLOCK,
		     DOC(ID("_id", id), TAKE_ID(t, "blocker"),
			 TAKE_ID(t, "blocked"), TAKE_INT(t, "received"),
			 TAKE_INT(t, "read"), TAKE_INT(t, "at")));
}

/* Its copies are those right behind what says so. */
static void take_report(const struct taking *t)
{
	struct mongo_field seqs[STORE_REPORT_BEFORE + 3];
	size_t count = 0;
	int64_t said = 0;
	bson_t row;

	if (mongo_find_one(t->db, IN_MESSAGE, DOC(ID("_id", T(t, "id"))),
			   DOC(INT("seq", 1)), &row)) {
		said = mongo_read_int(&row, "seq");
		bson_destroy(&row);
	}
	for (int64_t i = 1; i <= N(t, "copies") && count + 1 < COUNT_OF(seqs);
	     i++)
		seqs[count++] = INT("", said + i);
	seqs[count] = (struct mongo_field){.name = NULL};
	mongo_insert(
		t->db, IN_REPORT,
		DOC(ID("_id", T(t, "id")), ID("said", T(t, "id")),
		    TAKE_ID(t, "message"), TAKE_ID(t, "by"), TAKE_INT(t, "at"),
		    TAKE_INT(t, "copies"),
		    (struct mongo_field){"seqs", FIELD_ARRAY, .fields = seqs}));
}

static void take_audit(const struct taking *t)
{
	mongo_insert(t->db, IN_AUDIT,
		     DOC(ID("_id", T(t, "id")), TAKE_ID(t, "by"),
			 TAKE_TEXT(t, "act"), TAKE_ID(t, "user"),
			 TAKE_INT(t, "until"), TAKE_TEXT(t, "detail"),
			 TAKE_INT(t, "at")));
}

static void take_address(const struct taking *t)
{
	mongo_insert(t->db, IN_ADDRESS_BLOCK,
		     DOC(TEXT("_id", T(t, "network")), TAKE_INT(t, "until"),
			 TAKE_ID(t, "by"), TAKE_INT(t, "at")));
}

/* ---- the parts ---- */

typedef void give_row(struct giving *g, const char *key);
typedef void take_record(const struct taking *t);

static const struct {
	enum mongo_collection in;
	const char *key; /* what they are in order by */
	bool text;	 /* that is no id */
	give_row *give;
	take_record *take; /* NULL: many at once */
} parts[STORE_PARTS] = {
	[PART_USERS] = {IN_USER, "_id", false, give_user, take_user},
	[PART_SESSIONS] = {IN_SESSION, "_id", false, give_session,
			   take_session},
	[PART_FILES] = {IN_FILE, "_id", false, give_file, take_file},
	[PART_CONVERSATIONS] = {IN_CONVERSATION, "_id", false,
				give_conversation, take_conversation},
	[PART_MESSAGES] = {IN_MESSAGE, "_id", false, give_message, NULL},
	[PART_CHANGES] = {IN_CHANGE, NULL, false, give_change, take_change},
	[PART_OWN] = {IN_USER, "_id", false, give_own, take_own},
	[PART_LINKS] = {IN_LINK, "_id", true, give_link, take_link},
	[PART_BLOCKS] = {IN_USER_BLOCK, NULL, false, give_block, take_block},
	[PART_REPORTS] = {IN_REPORT, "said", false, give_report, take_report},
	[PART_AUDIT] = {IN_AUDIT, "_id", false, give_audit, take_audit},
	[PART_ADDRESSES] = {IN_ADDRESS_BLOCK, "_id", true, give_address,
			    take_address},
};

/* Those with one key. *last: of the last one that was looked at. */
static size_t read_page(struct giving *g, enum store_part part,
			const char *after, size_t limit, char *last)
{
	const char *name = parts[part].key;
	bool text = parts[part].text;
	struct mongo_rows rows = mongo_find(
		g->db, parts[part].in,
		&(struct mongo_find){
			.filter = DOC(IF(*after != '\0',
					 SUB(name, IF(text, TEXT("$gt", after)),
					     IF(!text, ID("$gt", after)))),
				      IF(part == PART_CONVERSATIONS,
					 SUB("last.seq", INT("$gt", 0))),
				      IF(part == PART_OWN,
					 SUB("mine", BOOL("$exists", true)))),
			.sort = DOC(INT(name, 1)),
			.limit = limit,
		});
	size_t looked = 0;

	for (; mongo_next(&rows); looked++) {
		char key[ID_SIZE];

		g->row = rows.row;
		mongo_read_id(rows.row, name, key);
		parts[part].give(g,
				 text ? mongo_read_text(rows.row, name) : key);
		memcpy(last, key, ID_SIZE);
	}
	return looked;
}

/* Users all of whose own matters are of what they left have no record. */
static void read_simple(struct giving *g, enum store_part part,
			const char *after, size_t limit)
{
	char last[ID_SIZE];
	size_t looked = read_page(g, part, after, limit, last);

	while (part == PART_OWN && g->given == 0 && looked == limit &&
	       !g->db->failed) {
		char from[ID_SIZE];

		memcpy(from, last, ID_SIZE);
		looked = read_page(g, part, from, limit, last);
	}
}

/* Those of two: in order by the first, and with it by the second. */
static void read_pairs(struct giving *g, enum store_part part,
		       const char *first, const char *second, const char *after,
		       size_t limit)
{
	char from[ID_SIZE] = "", key[2 * ID_SIZE];
	bool change = part == PART_CHANGES;
	const char *rest = *after != '\0' ? after + ID_LEN : "";
	struct mongo_rows rows;

	if (*after != '\0')
		snprintf(from, sizeof(from), "%.24s", after);
	rows = mongo_find(
		g->db, parts[part].in,
		&(struct mongo_find){
			.filter = DOC(IF(
				*after != '\0',
				ARRAY("$or",
				      SUB("", SUB(first, ID("$gt", from))),
				      SUB("", ID(first, from),
					  SUB(second,
					      IF(change,
						 INT("$gt", atoll(rest))),
					      IF(!change, ID("$gt", rest))))))),
			.sort = DOC(INT(first, 1), INT(second, 1)),
			.limit = limit,
		});
	while (mongo_next(&rows)) {
		char one[ID_SIZE], other[ID_SIZE];

		g->row = rows.row;
		mongo_read_id(rows.row, first, one);
		mongo_read_id(rows.row, second, other);
		if (change)
			snprintf(key, sizeof(key), "%s%010lld", one,
				 (long long)mongo_read_int(rows.row, second));
		else
			snprintf(key, sizeof(key), "%s%s", one, other);
		parts[part].give(g, key);
	}
}

static enum store_status copy_read(struct store *store, enum store_part part,
				   const char *after, size_t limit,
				   store_each_record *each, void *context)
{
	struct giving g = {
		.db = mongo_begin(store, ACCESS_READ),
		.each = each,
		.context = context,
	};

	mongo_unhurried(g.db);
	if (part == PART_CHANGES)
		read_pairs(&g, part, "c", "change", after, limit);
	else if (part == PART_BLOCKS)
		read_pairs(&g, part, "blocker", "blocked", after, limit);
	else
		read_simple(&g, part, after, limit);
	return mongo_end(g.db, STORE_OK);
}

static void write_messages(struct mongo_db *db, const char *const *records,
			   size_t count)
{
	const bson_t **docs = xcalloc(count + 1, sizeof(*docs));
	size_t made = 0;

	for (size_t i = 0; i < count; i++) {
		bson_t *record = bson_new_from_json((const uint8_t *)records[i],
						    -1, NULL);
		const struct taking t = {db, record};

		if (record != NULL)
			docs[made++] = message_of(&t);
		bson_destroy(record);
	}
	mongo_insert_all(db, IN_MESSAGE, docs, made);
	for (size_t i = 0; i < made; i++)
		bson_destroy((bson_t *)docs[i]);
	free(docs);
}

static enum store_status copy_write(struct store *store, enum store_part part,
				    const char *const *records, size_t count)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_WRITE);

	mongo_unhurried(db);
	if (parts[part].take == NULL)
		write_messages(db, records, count);
	for (size_t i = 0; i < count && parts[part].take != NULL; i++) {
		bson_t *record = bson_new_from_json((const uint8_t *)records[i],
						    -1, NULL);
		const struct taking t = {db, record};

		if (record != NULL)
			parts[part].take(&t);
		bson_destroy(record);
	}
	return mongo_end(db, STORE_OK);
}

/* ---- what was left half done ---- */

/* Edits and deletions that have no number yet. */
static void mend_changes(struct mongo_db *db)
{
	struct mongo_rows rows = mongo_find(
		db, IN_MESSAGE,
		&(struct mongo_find){
			.filter = DOC(SUB("pending", BOOL("$exists", true))),
		});
	bson_t mended;

	while (mongo_next(&rows)) {
		if (mongo_change_mend(db, rows.row, &mended))
			bson_destroy(&mended);
	}
}

static void mend_conversations(struct mongo_db *db)
{
	struct mongo_rows rows =
		mongo_find(db, IN_CONVERSATION,
			   &(struct mongo_find){.fields = DOC(INT("_id", 1))});
	char id[ID_SIZE];

	while (mongo_next(&rows)) {
		struct mongo_conversation c = {.title = NULL};

		mongo_read_id(rows.row, "_id", id);
		if (mongo_conversation_find(db, id, &c) ||
		    mongo_step_first(db, id, &c))
			mongo_step_mend(db, &c);
		mongo_conversation_done(&c);
	}
}

static enum store_status copy_begin(struct store *store, int64_t *records)
{
	static const enum mongo_collection counted[] = {
		IN_USER,	 IN_SESSION, IN_FILE,
		IN_CONVERSATION, IN_MESSAGE, IN_CHANGE,
	};
	struct mongo_db *db = mongo_begin(store, ACCESS_WRITE);

	mongo_unhurried(db);
	*records = 0;
	for (size_t i = 0; i < COUNT_OF(counted); i++)
		*records += mongo_count(db, counted[i], NULL, 0);
	if (mongo_exists(db, IN_ERASURE, DOC(BOOL("begun", true))))
		mongo_refuse(db, "somebody is being erased: let palabre-api "
				 "come to its end first");
	mongo_report_mend(db);
	mend_changes(db);
	mend_conversations(db);
	return mongo_end(db, STORE_OK);
}

/* ---- how far it is ---- */

static enum store_status copy_left(struct store *store, char **place)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);
	bson_t row;

	*place = NULL;
	if (mongo_find_one(db, IN_META, DOC(TEXT("_id", "copy")), NULL, &row)) {
		*place = mongo_take_text(&row, "place");
		bson_destroy(&row);
	}
	return mongo_end(db, STORE_OK);
}

static enum store_status copy_leave(struct store *store, const char *place,
				    const char *epoch)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_WRITE);
	char now[ID_SIZE];

	mongo_unhurried(db);
	if (place != NULL) {
		mongo_upsert(db, IN_META, DOC(TEXT("_id", "copy")),
			     DOC(SUB("$set", TEXT("place", place))));
		return mongo_end(db, STORE_OK);
	}
	id_floor(clock_now_ms(), now);
	mongo_upsert(db, IN_META, DOC(TEXT("_id", "forgotten")),
		     DOC(SUB("$set", ID("position", now))));
	mongo_update(db, IN_META, DOC(TEXT("_id", "store")),
		     DOC(SUB("$set", ID("epoch", epoch))));
	mongo_delete(db, IN_META, DOC(TEXT("_id", "copy")));
	return mongo_end(db, STORE_OK);
}

const struct store_copy_verbs mongo_copy_verbs = {
	.begin = copy_begin,
	.read = copy_read,
	.write = copy_write,
	.left = copy_left,
	.leave = copy_leave,
};
