/* What is in the collections, page by page, as records (mongo_record.h), and
 * records into them. */
#include "store_mongo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "mem.h"
#include "mongo_change.h"
#include "mongo_lease.h"
#include "mongo_record.h"
#include "mongo_report.h"
#include "mongo_step.h"

static const struct {
	enum mongo_collection in;
	const char *key; /* what they are in order by; NULL: two (read_pairs) */
	bool text;	 /* that is no id */
} parts[STORE_PARTS] = {
	[PART_USERS] = {IN_USER, "_id", false},
	[PART_SESSIONS] = {IN_SESSION, "_id", false},
	[PART_FILES] = {IN_FILE, "_id", false},
	[PART_CONVERSATIONS] = {IN_CONVERSATION, "_id", false},
	[PART_MESSAGES] = {IN_MESSAGE, "_id", false},
	[PART_CHANGES] = {IN_CHANGE, NULL, false},
	[PART_OWN] = {IN_USER, "_id", false},
	[PART_LINKS] = {IN_LINK, "_id", true},
	[PART_BLOCKS] = {IN_USER_BLOCK, NULL, false},
	[PART_REPORTS] = {IN_REPORT, "said", false},
	[PART_AUDIT] = {IN_AUDIT, "_id", false},
	[PART_ADDRESSES] = {IN_ADDRESS_BLOCK, "_id", true},
	[PART_ERASED] = {IN_ERASED, "_id", false},
};

/* ---- pages ---- */

#define KEY_SIZE ((size_t)2 * ID_SIZE) /* of two ids, or an id and a number */

/* Those with one key. last: of the last one that was looked at. */
static size_t read_simple(struct mongo_giving *g, enum store_part part,
			  const char *after, size_t limit, char last[KEY_SIZE])
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
				      IF(part == PART_REPORTS && *after == '\0',
					 SUB(name, BOOL("$exists", true))),
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
		mongo_record_give(g, part,
				  text ? mongo_read_text(rows.row, name) : key);
		memcpy(last, key, ID_SIZE);
	}
	return looked;
}

/* Those of two: in order by the first, and with it by the second. */
static size_t read_pairs(struct mongo_giving *g, enum store_part part,
			 const char *after, size_t limit, char last[KEY_SIZE])
{
	char from[ID_SIZE] = "";
	bool change = part == PART_CHANGES;
	const char *first = change ? "c" : "blocker";
	const char *second = change ? "change" : "blocked";
	const char *rest = *after != '\0' ? after + ID_LEN : "";
	struct mongo_rows rows;
	size_t looked = 0;

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
	for (; mongo_next(&rows); looked++) {
		char one[ID_SIZE], other[ID_SIZE];

		g->row = rows.row;
		mongo_read_id(rows.row, first, one);
		mongo_read_id(rows.row, second, other);
		if (change)
			snprintf(last, KEY_SIZE, "%s%010lld", one,
				 (long long)mongo_read_int(rows.row, second));
		else
			snprintf(last, KEY_SIZE, "%s%s", one, other);
		mongo_record_give(g, part, last);
	}
	return looked;
}

static size_t read_page(struct mongo_giving *g, enum store_part part,
			const char *after, size_t limit, char last[KEY_SIZE])
{
	return parts[part].key != NULL
		       ? read_simple(g, part, after, limit, last)
		       : read_pairs(g, part, after, limit, last);
}

/* Not each of them has a record: some are nothing that a copy has. */
static void read_some(struct mongo_giving *g, enum store_part part,
		      const char *after, size_t limit)
{
	char last[KEY_SIZE];
	size_t looked = read_page(g, part, after, limit, last);

	while (g->given == 0 && looked == limit && !g->db->failed) {
		char from[KEY_SIZE];

		memcpy(from, last, KEY_SIZE);
		looked = read_page(g, part, from, limit, last);
	}
}

/* A copy goes on for long, and nobody else keeps the lease. */
static struct mongo_db *begin_page(struct store *store,
				   enum mongo_access access)
{
	struct mongo_db *db = mongo_begin(store, access);

	mongo_unhurried(db);
	mongo_lease_beat(db);
	return db;
}

static enum store_status copy_read(struct store *store, enum store_part part,
				   const char *after, size_t limit,
				   store_each_record *each, void *context)
{
	struct mongo_giving g = {
		.db = begin_page(store, ACCESS_READ),
		.each = each,
		.context = context,
	};

	read_some(&g, part, after, limit);
	return mongo_end(g.db, STORE_OK);
}

static enum store_status copy_write(struct store *store, enum store_part part,
				    const char *const *records, size_t count)
{
	struct mongo_db *db = begin_page(store, ACCESS_WRITE);

	mongo_records_take(db, part, records, count);
	return mongo_end(db, STORE_OK);
}

/* ---- what is to be written anew ---- */

/* Whose sessions it is that their rows say together with the user's. */
static void drop_user(struct mongo_db *db, const char *key)
{
	mongo_delete_all(db, IN_SESSION, DOC(ID("user", key)));
	mongo_delete(db, IN_USER, DOC(ID("_id", key)));
}

static void drop_change(struct mongo_db *db, const char *key)
{
	char id[ID_SIZE];

	snprintf(id, sizeof(id), "%.24s", key);
	mongo_delete(db, IN_CHANGE,
		     DOC(ID("c", id), INT("change", atoll(key + ID_LEN))));
}

static void drop_own(struct mongo_db *db, const char *key)
{
	mongo_update(db, IN_USER, DOC(ID("_id", key)),
		     DOC(SUB("$unset", INT("mine", 1))));
}

static void drop_link(struct mongo_db *db, const char *key)
{
	mongo_update(db, IN_CONVERSATION, DOC(TEXT("link.code", key)),
		     DOC(SUB("$unset", INT("link", 1))));
	mongo_delete(db, IN_LINK, DOC(TEXT("_id", key)));
}

static void drop_block(struct mongo_db *db, const char *key)
{
	char id[ID_SIZE];

	snprintf(id, sizeof(id), "%.24s", key);
	mongo_delete(db, IN_USER_BLOCK,
		     DOC(ID("blocker", id), ID("blocked", key + ID_LEN)));
}

static void drop(struct mongo_db *db, enum store_part part, const char *key)
{
	static void (*const drops[STORE_PARTS])(struct mongo_db *,
						const char *key) = {
		[PART_USERS] = drop_user,   [PART_CHANGES] = drop_change,
		[PART_OWN] = drop_own,	    [PART_LINKS] = drop_link,
		[PART_BLOCKS] = drop_block,
	};
	const char *name = parts[part].key;
	bool text = parts[part].text;

	if (drops[part] != NULL)
		drops[part](db, key);
	else
		mongo_delete(db, parts[part].in,
			     DOC(IF(text, TEXT(name, key)),
				 IF(!text, ID(name, key))));
}

static enum store_status copy_drop(struct store *store, enum store_part part,
				   const char *const *keys, size_t count)
{
	struct mongo_db *db = begin_page(store, ACCESS_WRITE);

	for (size_t i = 0; i < count; i++)
		drop(db, part, keys[i]);
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

/* Who is at it, where there is somebody, comes to an end alone. */
static void mend_all(struct mongo_db *db)
{
	while (mongo_report_mend(db) && !db->failed)
		;
	mend_changes(db);
	mend_conversations(db);
}

static enum store_status copy_begin(struct store *store, bool live,
				    int64_t *records)
{
	static const enum mongo_collection counted[] = {
		IN_USER,	 IN_SESSION, IN_FILE,
		IN_CONVERSATION, IN_MESSAGE, IN_CHANGE,
	};
	struct mongo_db *db =
		mongo_begin(store, live ? ACCESS_READ : ACCESS_WRITE);

	mongo_unhurried(db);
	*records = 0;
	for (size_t i = 0; i < COUNT_OF(counted); i++)
		*records += mongo_count(db, counted[i], NULL, 0);
	if (mongo_exists(db, IN_ERASURE, DOC(BOOL("begun", true))))
		mongo_refuse(db, "somebody is being erased: let palabre-api "
				 "come to its end first");
	if (!live)
		mend_all(db);
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
	.drop = copy_drop,
	.left = copy_left,
	.leave = copy_leave,
};
