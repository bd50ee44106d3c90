/* Records as rows: a take_...() for each part. */
#include "store_mongo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hex.h"
#include "mem.h"
#include "mongo_conversation.h"
#include "mongo_list.h"
#include "mongo_record.h"
#include "mongo_search.h"
#include "store_backend.h"
#include "store_reports.h"
#include "text.h"

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

static void take_user(const struct taking *t)
{
	struct mongo_list networks = {.docs = NULL};
	struct mongo_list names = {.docs = NULL};
	char *shape = text_shape(T(t, "displayName"));

	mongo_list_add_dated(&networks, t->record, "networks", "network");
	mongo_list_add_dated(&names, t->record, "oldNames", "name");
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
		    IF(networks.count > 0, LIST("networks", &networks)),
		    IF(names.count > 0, LIST("oldNames", &names))));
	mongo_list_done(&networks);
	mongo_list_done(&names);
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

static void take_members(const struct taking *t, struct mongo_list *out)
{
	struct mongo_items items;

	mongo_items(t->record, "members", &items);
	while (mongo_item(&items)) {
		const struct taking member = {.record = &items.row};

		mongo_list_add(out, DOC(TAKE_ID(&member, "u"),
					TAKE_TRUE(&member, "owner"),
					TAKE_INT(&member, "joined"),
					TAKE_INT(&member, "received"),
					TAKE_INT(&member, "read"),
					TAKE_IF(&member, "hidden")));
	}
}

static void take_conversation(const struct taking *t)
{
	struct mongo_list members = {.docs = NULL};
	bool ahead = N(t, "last.hidden") > 0;

	take_members(t, &members);
	mongo_insert(t->db, IN_CONVERSATION,
		     DOC(ID("_id", T(t, "id")), TAKE_INT(t, "kind"),
			 TAKE_ID(t, "made"), TAKE_TEXT(t, "title"),
			 TAKE_TEXT(t, "avatar"), TAKE_INT(t, "blocks"),
			 TAKE_INT(t, "lastChange"), INT("count", members.count),
			 SUB("last", INT("seq", N(t, "last.seq")),
			     ID("id", T(t, "last.id")),
			     ID("sender", T(t, "last.sender")),
			     INT("at", N(t, "last.at")),
			     IF(ahead, INT("hidden", N(t, "last.hidden")))),
			 TAKE_ID(t, "at"),
			 IF(ahead, ID("aheadUser", T(t, "last.sender"))),
			 IF(ahead, ID("aheadAt", T(t, "last.id"))),
			 LIST("members", &members)));
	mongo_list_done(&members);
}

static void take_reactions(const struct taking *t, struct mongo_list *out)
{
	struct mongo_items items;

	mongo_items(t->record, "reactions", &items);
	while (mongo_item(&items)) {
		const struct taking it = {.record = &items.row};

		mongo_list_add(out,
			       DOC(TAKE_TEXT(&it, "emoji"), TAKE_ID(&it, "u"),
				   TAKE_TRUE(&it, "hidden")));
	}
}

static bson_t *message_of(const struct taking *t)
{
	const char *attachment = T(t, "attachment");
	uint8_t hash[STORE_HASH_SIZE];
	const char *digits = T(t, "hash");
	bool hashed = digits != NULL && hex_read(digits, hash, sizeof(hash));
	struct mongo_list reactions = {.docs = NULL};
	struct mongo_tokens words;
	char file[ID_SIZE] = "";
	bson_t *doc;

	if (attachment != NULL)
		store_file_id_of(attachment, file);
	take_reactions(t, &reactions);
	mongo_tokens_of_both((enum store_message_kind)N(t, "kind"),
			     T(t, "content"), T(t, "hiddenContent"), &words);
	doc = mongo_bson(
		DOC(ID("_id", T(t, "id")), TAKE_ID(t, "c"), TAKE_INT(t, "seq"),
		    TAKE_INT(t, "kind"), TAKE_ID(t, "sender"),
		    TAKE_TEXT(t, "name"), TAKE_TEXT(t, "content"),
		    TAKE_INT(t, "at"), TAKE_TEXT(t, "clientId"),
		    IF(hashed, BYTES("hash", hash, sizeof(hash))),
		    TAKE_ID(t, "replyTo"), TAKE_TEXT(t, "attachment"),
		    ID_IF("file", file), TAKE_TEXT(t, "mentions"),
		    TAKE_TEXT(t, "hiddenContent"),
		    TAKE_TEXT(t, "hiddenMentions"), TAKE_TRUE(t, "shownEdited"),
		    TAKE_IF(t, "edited"), TAKE_IF(t, "deleted"),
		    TAKE_IF(t, "erased"), TAKE_IF(t, "hidden"),
		    TAKE_TRUE(t, "passed"), TAKE_IF(t, "reacted"),
		    IF(reactions.count > 0, LIST("reactions", &reactions)),
		    WORDS(&words)));
	mongo_tokens_done(&words);
	mongo_list_done(&reactions);
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
			 TAKE_INT(t, "read"), TAKE_INT(t, "otherReceived"),
			 TAKE_INT(t, "otherRead"), TAKE_INT(t, "at")));
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

static void take_erased(const struct taking *t)
{
	mongo_insert(t->db, IN_ERASED, DOC(ID("_id", T(t, "id"))));
}

/* ---- the parts ---- */

/* In one write: these are most of what there is. */
static void take_messages(struct mongo_db *db, const char *const *records,
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

void mongo_records_take(struct mongo_db *db, enum store_part part,
			const char *const *records, size_t count)
{
	static void (*const takes[STORE_PARTS])(const struct taking *) = {
		[PART_USERS] = take_user,
		[PART_SESSIONS] = take_session,
		[PART_FILES] = take_file,
		[PART_CONVERSATIONS] = take_conversation,
		[PART_CHANGES] = take_change,
		[PART_OWN] = take_own,
		[PART_LINKS] = take_link,
		[PART_BLOCKS] = take_block,
		[PART_REPORTS] = take_report,
		[PART_AUDIT] = take_audit,
		[PART_ADDRESSES] = take_address,
		[PART_ERASED] = take_erased,
	};

	if (part == PART_MESSAGES) {
		take_messages(db, records, count);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		bson_t *record = bson_new_from_json((const uint8_t *)records[i],
						    -1, NULL);
		const struct taking t = {db, record};

		if (record != NULL)
			takes[part](&t);
		bson_destroy(record);
	}
}
