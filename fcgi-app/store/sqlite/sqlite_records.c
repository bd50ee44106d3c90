/* What is in the tables, page by page, as records (store_records.h), and
 * records into them, which SQL does (sqlite_record_sql.h) but for messages. */
#include "store_sqlite.h"

#include <stdlib.h>
#include <string.h>

#include "hex.h"
#include "json.h"
#include "mem.h"
#include "sqlite_clock.h"
#include "sqlite_log.h"
#include "sqlite_record_sql.h"
#include "sqlite_schema.h"
#include "store_backend.h"

#define LOG_FRAMES 4096 /* pages */

/* ---- a message, whose place and clientId are no business of SQL's ---- */

static const char *text_of(const struct json_object *value, const char *name)
{
	const char *text = NULL;

	json_get_string(value, name, &text);
	return text;
}

static int64_t number_of(const struct json_object *value, const char *name)
{
	int64_t number = 0;

	json_get_int(value, name, &number);
	return number;
}

/* The newest seq that the other one had written by then: the row before says
 * it. */
static int64_t other_own_of(struct sqlite_db *db, int64_t place,
			    const char *sender)
{
	static const char sql[] =
		"SELECT iif(sender = ?2, other_own, seq) FROM message"
		" WHERE place = ?1 - 1";

	return QUERY_INT(db, sql, INT(place), ID(sender));
}

static void insert_message(struct sqlite_db *db, int64_t place, bool direct,
			   const struct json_object *m)
{
	static const char sql[] =
		"INSERT OR IGNORE INTO message (place, id, kind, sender,"
		" other_own, passed_unread, hidden, created_at, edited,"
		" deleted, sender_name, content, client_id, request_hash,"
		" reply_to, erased, attachment, mentions, reacted,"
		" hidden_content, hidden_mentions, shown_edited)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
		" ?, ?, ?, ?)";
	static const char attach[] =
		"INSERT OR IGNORE INTO attached (file, place) VALUES (?, ?)";
	const char *sender = text_of(m, "sender");
	const char *attachment = text_of(m, "attachment");
	uint8_t hash[STORE_HASH_SIZE];
	const char *digits = text_of(m, "hash");
	bool hashed = digits != NULL && hex_read(digits, hash, sizeof(hash));
	char file[ID_SIZE];

	QUERY_RUN(
		db, sql, INT(place), ID(text_of(m, "id")),
		INT(number_of(m, "kind")), ID(sender),
		INT(direct ? other_own_of(db, place, sender) : 0),
		INT(number_of(m, "passed")), INT(number_of(m, "hidden")),
		INT(number_of(m, "at")), INT(number_of(m, "edited")),
		INT(number_of(m, "deleted")), TEXT(text_of(m, "name")),
		TEXT(text_of(m, "content")), CLIENT_ID(text_of(m, "clientId")),
		BLOB(hashed ? hash : NULL, sizeof(hash)),
		ID(text_of(m, "replyTo")), INT(number_of(m, "erased")),
		TEXT(attachment), TEXT(text_of(m, "mentions")),
		INT(number_of(m, "reacted")), TEXT(text_of(m, "hiddenContent")),
		TEXT(text_of(m, "hiddenMentions")),
		INT(number_of(m, "shownEdited")));
	if (attachment == NULL)
		return;
	store_file_id_of(attachment, file);
	QUERY_RUN(db, attach, ID(file), INT(place));
}

static void write_message(struct sqlite_db *db, const char *record)
{
	static const char sql[] =
		"SELECT n, kind FROM conversation WHERE id = ?";
	struct json_object *m = NULL;

	if (json_parse(record, strlen(record), JSON_OURS(8), &m) != JSON_OK)
		return;
	struct query q = QUERY(db, sql, ID(text_of(m, "c")));

	if (query_row(&q)) {
		int64_t n = query_int(&q, 0);
		bool direct = query_int(&q, 1) == CONVERSATION_DIRECT;

		query_close(&q);
		int64_t place = sqlite_place_of(n, number_of(m, "seq"));

		insert_message(db, place, direct, m);
		QUERY_RUN(db, sqlite_record_reactions, TEXT(record),
			  INT(place));
	}
	query_close(&q);
	json_free(m);
}

/* ---- pages ---- */

static enum store_status copy_begin(struct store *store, bool live,
				    int64_t *records)
{
	static const char sql[] = "SELECT (SELECT count(*) FROM user) +"
				  " (SELECT count(*) FROM session) + (SELECT "
				  "count(*) FROM file) +"
				  " (SELECT count(*) FROM conversation) +"
				  " (SELECT count(*) FROM message) + (SELECT "
				  "count(*) FROM change)";
	static const char erasing[] = "SELECT count(*) FROM erasure";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);

	(void)live;
	*records = QUERY_INT(db, sql);
	if (QUERY_INT(db, erasing) > 0)
		sqlite_db_refuse(db, "has somebody who is being erased: let "
				     "palabre-api come to its end first");
	return sqlite_end(db, STORE_OK);
}

static enum store_status copy_read(struct store *store, enum store_part part,
				   const char *after, size_t limit,
				   store_each_record *each, void *context)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct query q = QUERY(db, sqlite_record_sql[part].read, TEXT(after),
			       INT(limit));

	while (query_row(&q))
		each(query_text(&q, 0), query_text(&q, 1), context);
	return sqlite_end(db, STORE_OK);
}

/* One after the other; ?1 of each: what. */
static void run_each(struct sqlite_db *db, const char *const *statements,
		     const char *what)
{
	for (size_t i = 0; i < SQLITE_RECORD_STEPS; i++) {
		if (statements[i] != NULL)
			QUERY_RUN(db, statements[i], TEXT(what));
	}
}

/* No housekeeping does it meanwhile. */
static enum store_status copy_log_back(struct sqlite_db *db)
{
	struct sqlite_log_state log;

	if (!sqlite_log_look(db, &log) ||
	    (log.frames >= LOG_FRAMES && !sqlite_log_copy(db, &log)))
		return STORE_UNAVAILABLE;
	return STORE_OK;
}

static enum store_status copy_write(struct store *store, enum store_part part,
				    const char *const *records, size_t count)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);
	enum store_status status;

	for (size_t i = 0; i < count; i++) {
		if (part == PART_MESSAGES)
			write_message(db, records[i]);
		else
			run_each(db, sqlite_record_sql[part].writes,
				 records[i]);
	}
	status = sqlite_end(db, STORE_OK);
	return status == STORE_OK ? copy_log_back(db) : status;
}

static enum store_status copy_drop(struct store *store, enum store_part part,
				   const char *const *keys, size_t count)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);
	enum store_status status;

	for (size_t i = 0; i < count; i++)
		run_each(db, sqlite_record_sql[part].drops, keys[i]);
	status = sqlite_end(db, STORE_OK);
	return status == STORE_OK ? copy_log_back(db) : status;
}

/* ---- what several say together ---- */

/* How many messages of a conversation are hidden, and what the other one had
 * written by then: not all that says so was there when it was written. */
static enum store_status copy_derive(struct store *store)
{
	static const char hidden[] =
		"UPDATE conversation SET hidden = h.count FROM (SELECT c.id,"
		"  (SELECT count(*) FROM message WHERE place BETWEEN c.n << 32"
		"   AND (c.n << 32 | 4294967295) AND hidden > 0) AS count"
		"  FROM conversation c WHERE kind = 0) AS h"
		" WHERE conversation.id = h.id"
		" AND conversation.hidden <> h.count";
	static const char written[] =
		"UPDATE message SET other_own = w.other FROM (SELECT place,"
		"  coalesce(iif(sender = low,"
		"   max(iif(sender = low, 0, seq)) OVER past,"
		"   max(iif(sender = low, seq, 0)) OVER past), 0) AS other"
		"  FROM message JOIN conversation c USING (n) WHERE c.kind = 0"
		"  WINDOW past AS (PARTITION BY n ORDER BY seq"
		"   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS w"
		" WHERE message.place = w.place"
		" AND message.other_own <> w.other";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);

	QUERY_RUN(db, hidden);
	QUERY_RUN(db, written);
	return sqlite_end(db, STORE_OK);
}

/* ---- how far it is ---- */

static enum store_status copy_left(struct store *store, char **place)
{
	static const char sql[] = "SELECT value FROM meta WHERE key = 'copy'";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct query q = QUERY(db, sql);

	*place = query_row(&q) ? xstrdup(query_text(&q, 0)) : NULL;
	query_close(&q);
	return sqlite_end(db, STORE_OK);
}

static enum store_status copy_leave(struct store *store, const char *place,
				    const char *epoch)
{
	static const char note[] =
		"INSERT OR REPLACE INTO meta VALUES ('copy', ?)";
	static const char whole[] = "DELETE FROM meta WHERE key = 'copy'";
	static const char set[] =
		"INSERT OR REPLACE INTO meta VALUES ('epoch', ?)";
	static const char forget[] =
		"INSERT OR REPLACE INTO meta VALUES ('forgotten', ?)";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);
	char newest[ID_SIZE];

	if (place != NULL) {
		QUERY_RUN(db, note, TEXT(place));
		return sqlite_end(db, STORE_OK);
	}
	sqlite_clock_newest(db, newest);
	QUERY_RUN(db, forget, TEXT(newest));
	QUERY_RUN(db, set, TEXT(epoch));
	QUERY_RUN(db, whole);
	return sqlite_end(db, STORE_OK);
}

const struct store_copy_verbs sqlite_copy_verbs = {
	.begin = copy_begin,
	.read = copy_read,
	.write = copy_write,
	.drop = copy_drop,
	.derive = copy_derive,
	.left = copy_left,
	.leave = copy_leave,
};
