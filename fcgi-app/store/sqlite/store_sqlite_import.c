/* What comes from another system, as it was there. */
#include "store_sqlite.h"

#include <stdlib.h>
#include <string.h>

#include "sqlite_erase.h"
#include "sqlite_members.h"
#include "sqlite_opening.h"
#include "sqlite_schema.h"
#include "sqlite_search.h"

struct importing {
	struct sqlite_db *db;
	const struct store_import *import;
	struct sqlite_conversation c;
	bool opens;			/* there is no such conversation yet */
	bool user_erased, other_erased; /* nothing of theirs comes again */
	char newest[ID_SIZE];
	struct store_member user, other; /* how far they have come */
	size_t added;
};

/* ---- where to ---- */

static bool is_support(const struct importing *i)
{
	return strcmp(i->import->other, ID_SERVER) == 0;
}

static void find_newest(struct importing *i)
{
	static const char sql[] = "SELECT id FROM message WHERE place = ?";
	struct query q =
		QUERY(i->db, sql, INT(sqlite_place_of(i->c.n, i->c.last_seq)));

	if (query_row(&q))
		query_id(&q, 0, i->newest);
	query_close(&q);
}

static void find_place(struct importing *i)
{
	char id[ID_SIZE];

	id_floor(0, i->newest);
	id_direct(i->import->user, i->import->other, id);
	i->opens = !sqlite_conversation_find(i->db, id, &i->c);
	if (!i->opens) {
		find_newest(i);
		sqlite_member_find(i->db, &i->c, i->import->user, &i->user);
		sqlite_member_find(i->db, &i->c, i->import->other, &i->other);
		return;
	}
	sqlite_opening_direct(i->import->user, i->import->other, &i->c);
	i->user = i->other = (struct store_member){.joined_seq = 1};
	memcpy(i->user.user_id, i->import->user, ID_SIZE);
	memcpy(i->other.user_id, i->import->other, ID_SIZE);
	if (is_support(i))
		i->c.kind = CONVERSATION_SUPPORT;
	else
		i->c.blocks = sqlite_blocks_of(i->db, &i->c);
}

static void open_place(struct importing *i)
{
	static const char sql[] =
		"UPDATE conversation SET title = ? WHERE id = ?";

	sqlite_opening_write(i->db, &i->c, i->import->user, i->newest);
	if (is_support(i))
		QUERY_RUN(i->db, sql, TEXT(i->import->title), ID(i->c.id));
	i->opens = false;
}

/* ---- one message ---- */

static bool has_id(const struct importing *i,
		   const struct store_message *message)
{
	static const char sql[] = "SELECT 1 FROM message WHERE id = ?";

	return message->id[0] != '\0' &&
	       QUERY_INT(i->db, sql, ID(message->id)) != 0;
}

static bool has_client_id(struct sqlite_db *db, int64_t n, const char *sender,
			  const char *client_id)
{
	static const char sql[] = "SELECT 1 FROM message WHERE n = ?"
				  " AND client_id = ? AND sender = ?";

	return client_id != NULL &&
	       QUERY_INT(db, sql, INT(n), CLIENT_ID(client_id), ID(sender)) !=
		       0;
}

static char *attachment_of(struct importing *i, const char *id)
{
	struct store_file file;
	char *text = NULL;

	if (id != NULL && sqlite_file_find(i->db, id, &file)) {
		text = store_file_attachment(&file);
		store_file_done(&file);
	}
	return text;
}

static int64_t other_own(const struct importing *i, const char *sender)
{
	if (i->c.kind != CONVERSATION_DIRECT)
		return 0;
	return strcmp(i->c.last_sender, sender) == 0 ? i->c.last_other_own
						     : i->c.last_seq;
}

static void insert_row(struct importing *i,
		       const struct store_import_message *row,
		       const char *attachment)
{
	static const char sql[] =
		"INSERT INTO message (place, id, kind, sender, other_own,"
		" passed_unread, created_at, sender_name, content, client_id,"
		" request_hash, attachment)"
		" VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?)";
	static const char named[] =
		"INSERT INTO attached (file, place) VALUES (?, ?)";
	const struct store_message *message = &row->message;
	int64_t place = sqlite_place_of(i->c.n, i->c.last_seq + 1);
	uint8_t hash[STORE_HASH_SIZE];

	store_import_hash(row, i->c.id, hash);
	QUERY_RUN(i->db, sql, INT(place), ID(i->newest), INT(message->kind),
		  ID(message->sender), INT(other_own(i, message->sender)),
		  INT(message->created_at), TEXT(message->sender_name),
		  TEXT(message->deleted ? "" : message->content),
		  CLIENT_ID(message->client_id),
		  BLOB(message->client_id != NULL ? hash : NULL, sizeof(hash)),
		  TEXT(attachment));
	if (attachment != NULL)
		QUERY_RUN(i->db, named, ID(row->file), INT(place));
}

/* That it was edited or deleted is a change like any. */
static void fold(struct importing *i, const struct store_message *message,
		 enum store_change_kind kind)
{
	static const char edited[] =
		"UPDATE message SET edited = ? WHERE place = ?";
	static const char deleted[] =
		"UPDATE message SET deleted = ? WHERE place = ?";
	struct store_change change = {
		.kind = kind,
		.change = sqlite_change_next(i->db, i->c.n),
		.message.seq = i->c.last_seq,
	};

	QUERY_RUN(i->db, kind == CHANGE_EDIT ? edited : deleted,
		  INT(change.change),
		  INT(sqlite_place_of(i->c.n, i->c.last_seq)));
	sqlite_change_insert(i->db, i->c.n, message->sender, i->import->now_ms,
			     &change);
}

/* Who writes has read all before it. */
static void move_marks(struct importing *i,
		       const struct store_import_message *row)
{
	bool own = strcmp(row->message.sender, i->import->user) == 0;
	struct store_member *sender = own ? &i->user : &i->other;
	struct store_member *reader = own ? &i->other : &i->user;

	sender->received_seq = sender->read_seq = i->c.last_seq;
	if (row->received || row->read)
		reader->received_seq = i->c.last_seq;
	if (row->read)
		reader->read_seq = i->c.last_seq;
}

static void add_message(struct importing *i,
			const struct store_import_message *row)
{
	const struct store_message *message = &row->message;
	char *attachment = NULL;

	store_import_id(i->newest, message, i->db->random);
	i->db->newest_read = false; /* it may be newer than any */
	if (i->opens)
		open_place(i);
	if (!message->deleted)
		attachment = attachment_of(i, row->file);
	insert_row(i, row, attachment);
	free(attachment);
	i->c.last_other_own = other_own(i, message->sender);
	memcpy(i->c.last_sender, message->sender, ID_SIZE);
	i->c.last_seq++;
	if (message->edited)
		fold(i, message, CHANGE_EDIT);
	if (message->deleted)
		fold(i, message, CHANGE_DELETE);
	/* Housekeeping does not look that far back. */
	sqlite_search_add(i->db, sqlite_place_of(i->c.n, i->c.last_seq));
	move_marks(i, row);
	i->added++;
}

/* ---- all of them ---- */

static bool is_to_come(const struct importing *i,
		       const struct store_message *message)
{
	bool erased = strcmp(message->sender, i->import->user) == 0
			      ? i->user_erased
			      : i->other_erased;

	return !erased && !has_id(i, message) &&
	       (i->opens || !has_client_id(i->db, i->c.n, message->sender,
					   message->client_id));
}

static void add_messages(struct importing *i)
{
	for (size_t n = 0; n < i->import->count; n++) {
		const struct store_import_message *row =
			&i->import->messages[n];

		if (is_to_come(i, &row->message))
			add_message(i, row);
	}
	if (i->added == 0)
		return;
	sqlite_member_write(i->db, &i->c, &i->user);
	if (strcmp(i->user.user_id, i->other.user_id) != 0) /* no notes */
		sqlite_member_write(i->db, &i->c, &i->other);
	if (is_support(i))
		sqlite_support_newest(i->db, i->c.id, i->newest);
}

static enum store_status import_messages(struct store *store,
					 const struct store_import *import,
					 size_t *added)
{
	struct importing i = {
		.db = sqlite_begin(store, ACCESS_WRITE),
		.import = import,
	};
	enum store_status status;

	i.db->kill_points = true;
	i.user_erased = sqlite_erase_has(i.db, import->user);
	i.other_erased = sqlite_erase_has(i.db, import->other);
	find_place(&i);
	add_messages(&i);
	status = sqlite_end(i.db, STORE_OK);
	if (status == STORE_OK)
		*added = i.added;
	return status;
}

static enum store_status import_has(struct store *store,
				    const char *conversation,
				    const char *sender, const char *client_id,
				    bool *has)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct sqlite_conversation c;

	*has = sqlite_conversation_find(db, conversation, &c) &&
	       has_client_id(db, c.n, sender, client_id);
	return sqlite_end(db, STORE_OK);
}

const struct store_import_verbs sqlite_import_verbs = {
	.messages = import_messages,
	.has = import_has,
};
