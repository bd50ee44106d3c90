/* Rows as records: a give_...() for each part. */
#include "store_mongo.h"

#include <string.h>

#include "hex.h"
#include "mongo_list.h"
#include "mongo_own.h"
#include "mongo_record.h"
#include "store_backend.h"

/* ---- what a row has, for the record ---- */

static void give(struct mongo_giving *g, const char *key,
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

static int compare_texts(const void *one, const void *other, const char *name)
{
	return strcmp(mongo_read_text(*(bson_t *const *)one, name),
		      mongo_read_text(*(bson_t *const *)other, name));
}

static int by_network(const void *one, const void *other)
{
	return compare_texts(one, other, "network");
}

static int by_name(const void *one, const void *other)
{
	const bson_t *a = *(bson_t *const *)one, *b = *(bson_t *const *)other;
	int64_t order = mongo_read_int(a, "at") - mongo_read_int(b, "at");

	return order != 0 ? (order > 0) - (order < 0)
			  : compare_texts(one, other, "name");
}

static void give_user(struct mongo_giving *g, const char *key)
{
	struct mongo_list networks = {.docs = NULL};
	struct mongo_list names = {.docs = NULL};

	mongo_list_add_dated(&networks, g->row, "networks", "network");
	mongo_list_sort(&networks, by_network);
	mongo_list_add_dated(&names, g->row, "oldNames", "name");
	mongo_list_sort(&names, by_name);
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
		 LIST("networks", &networks), LIST("oldNames", &names)));
	mongo_list_done(&networks);
	mongo_list_done(&names);
}

/* Not one that was to be deleted when their password became another. */
static bool is_signed_in(const struct mongo_giving *g, const char *session)
{
	int64_t ended = mongo_read_int(g->row, "ended");
	char user[ID_SIZE];

	mongo_read_id(g->row, "user", user);
	return mongo_exists(
		g->db, IN_USER,
		DOC(ID("_id", user), MONGO_SIGNED_IN(session, ended)));
}

static void give_session(struct mongo_giving *g, const char *key)
{
	if (mongo_has(g->row, "opening") || !is_signed_in(g, key))
		return;
	give(g, key,
	     DOC(TEXT("id", key), SAME_ID(g, "user"), SAME_INT(g, "createdAt"),
		 SAME_INT(g, "lastUsed"), SAME_INT(g, "expiresAt"),
		 SAME_TEXT(g, "agent"), SAME_TEXT(g, "address")));
}

static void give_file(struct mongo_giving *g, const char *key)
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
	return compare_texts(one, other, "u");
}

static void read_members(const bson_t *row, struct mongo_list *out)
{
	struct mongo_items items;

	mongo_items(row, "members", &items);
	while (mongo_item(&items)) {
		const struct mongo_giving member = {.row = &items.row};

		mongo_list_add(out, DOC(SAME_ID(&member, "u"),
					TRUTH(&member, "owner", "owner"),
					SAME_INT(&member, "joined"),
					SAME_INT(&member, "received"),
					SAME_INT(&member, "read"),
					SAME_INT(&member, "hidden")));
	}
	mongo_list_sort(out, by_user);
}

/* One that no message has made is none. */
static void give_conversation(struct mongo_giving *g, const char *key)
{
	struct mongo_list members = {.docs = NULL};

	read_members(g->row, &members);
	give(g, key,
	     DOC(TEXT("id", key), SAME_INT(g, "kind"), SAME_ID(g, "made"),
		 SAME_TEXT(g, "title"), SAME_TEXT(g, "avatar"),
		 SAME_INT(g, "blocks"), SAME_INT(g, "lastChange"),
		 SUB("last", INT("seq", mongo_read_int(g->row, "last.seq")),
		     TEXT("id", AS_ID(g, "last.id")),
		     TEXT("sender", AS_ID(g, "last.sender")),
		     INT("at", mongo_read_int(g->row, "last.at")),
		     INT("hidden", mongo_read_int(g->row, "last.hidden"))),
		 SAME_ID(g, "at"), LIST("members", &members)));
	mongo_list_done(&members);
}

/* NULL: there is none. */
static const char *hash_of(const bson_t *row,
			   char out[HEX_SIZE(STORE_HASH_SIZE)])
{
	uint8_t hash[STORE_HASH_SIZE];

	if (!mongo_read_bytes(row, "hash", hash, sizeof(hash)))
		return NULL;
	hex_print(hash, sizeof(hash), out);
	return out;
}

static void read_reactions(const bson_t *row, struct mongo_list *out)
{
	struct mongo_items items;

	mongo_items(row, "reactions", &items);
	while (mongo_item(&items)) {
		struct mongo_giving it = {.row = &items.row};

		mongo_list_add(out,
			       DOC(SAME_TEXT(&it, "emoji"), SAME_ID(&it, "u"),
				   SAME_INT(&it, "hidden")));
	}
}

static void give_message(struct mongo_giving *g, const char *key)
{
	struct mongo_list reactions = {.docs = NULL};
	char hash[HEX_SIZE(STORE_HASH_SIZE)];

	read_reactions(g->row, &reactions);
	give(g, key,
	     DOC(TEXT("id", key), SAME_ID(g, "c"), SAME_INT(g, "seq"),
		 SAME_INT(g, "kind"), SAME_ID(g, "sender"),
		 SAME_TEXT(g, "name"), SAME_TEXT(g, "content"),
		 SAME_INT(g, "at"), SAME_TEXT(g, "clientId"),
		 TEXT("hash", hash_of(g->row, hash)), SAME_ID(g, "replyTo"),
		 SAME_TEXT(g, "attachment"), SAME_TEXT(g, "mentions"),
		 SAME_TEXT(g, "hiddenContent"), SAME_TEXT(g, "hiddenMentions"),
		 TRUTH(g, "shownEdited", "shownEdited"), SAME_INT(g, "edited"),
		 SAME_INT(g, "deleted"), SAME_INT(g, "erased"),
		 SAME_INT(g, "hidden"), TRUTH(g, "passed", "passed"),
		 SAME_INT(g, "reacted"), LIST("reactions", &reactions)));
	mongo_list_done(&reactions);
}

static void give_change(struct mongo_giving *g, const char *key)
{
	give(g, key,
	     DOC(SAME_ID(g, "c"), SAME_INT(g, "change"), SAME_INT(g, "seq"),
		 SAME_INT(g, "kind"), SAME_ID(g, "by"), SAME_INT(g, "at"),
		 SAME_TEXT(g, "emoji"), SAME_INT(g, "taken"),
		 SAME_INT(g, "hidden")));
}

/* Of conversations that they are in as they were then. */
static void read_mine(const struct mongo_giving *g, const char *user,
		      struct mongo_list *out)
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
			mongo_list_add(out,
				       DOC(TEXT("c", id), INT("n", it.number),
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
	return compare_texts(one, other, "c");
}

static void give_own(struct mongo_giving *g, const char *key)
{
	struct mongo_list mine = {.docs = NULL};

	read_mine(g, key, &mine);
	mongo_list_sort(&mine, by_conversation);
	if (mine.count > 0)
		give(g, key, DOC(TEXT("id", key), LIST("mine", &mine)));
	mongo_list_done(&mine);
}

static void give_link(struct mongo_giving *g, const char *key)
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

/* Not one that a guest who went has left. */
static void give_block(struct mongo_giving *g, const char *key)
{
	char blocker[ID_SIZE], blocked[ID_SIZE];
	const char *const both[] = {blocker, blocked};

	mongo_read_id(g->row, "blocker", blocker);
	mongo_read_id(g->row, "blocked", blocked);
	if (mongo_count(g->db, IN_USER, DOC(SUB("_id", IDS("$in", both, 2))),
			0) != 2)
		return;
	give(g, key,
	     DOC(SAME_ID(g, "blocker"), SAME_ID(g, "blocked"),
		 SAME_INT(g, "received"), SAME_INT(g, "read"),
		 SAME_INT(g, "otherReceived"), SAME_INT(g, "otherRead"),
		 SAME_INT(g, "at")));
}

/* How far behind what says so the last copy is. */
static int64_t copies_of(const struct mongo_giving *g, const char *said)
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

static void give_report(struct mongo_giving *g, const char *key)
{
	give(g, key,
	     DOC(TEXT("id", key), SAME_ID(g, "message"), SAME_ID(g, "by"),
		 SAME_INT(g, "at"), INT("copies", copies_of(g, key))));
}

static void give_audit(struct mongo_giving *g, const char *key)
{
	give(g, key,
	     DOC(TEXT("id", key), SAME_ID(g, "by"), SAME_TEXT(g, "act"),
		 SAME_ID(g, "user"), SAME_INT(g, "until"),
		 SAME_TEXT(g, "detail"), SAME_INT(g, "at")));
}

static void give_address(struct mongo_giving *g, const char *key)
{
	give(g, key,
	     DOC(TEXT("network", key), SAME_INT(g, "until"), SAME_ID(g, "by"),
		 SAME_INT(g, "at")));
}

static void give_erased(struct mongo_giving *g, const char *key)
{
	give(g, key, DOC(TEXT("id", key)));
}

/* ---- the parts ---- */

void mongo_record_give(struct mongo_giving *g, enum store_part part,
		       const char *key)
{
	static void (*const gives[STORE_PARTS])(struct mongo_giving *,
						const char *key) = {
		[PART_USERS] = give_user,
		[PART_SESSIONS] = give_session,
		[PART_FILES] = give_file,
		[PART_CONVERSATIONS] = give_conversation,
		[PART_MESSAGES] = give_message,
		[PART_CHANGES] = give_change,
		[PART_OWN] = give_own,
		[PART_LINKS] = give_link,
		[PART_BLOCKS] = give_block,
		[PART_REPORTS] = give_report,
		[PART_AUDIT] = give_audit,
		[PART_ADDRESSES] = give_address,
		[PART_ERASED] = give_erased,
	};

	gives[part](g, key);
}
