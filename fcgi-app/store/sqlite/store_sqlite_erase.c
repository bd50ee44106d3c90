#include "store_sqlite.h"

#include <string.h>

#include "mem.h"
#include "sqlite_erase.h"
#include "sqlite_group.h"
#include "sqlite_schema.h"

#define FILES_AT_ONCE 50

/* ---- it begins ---- */

static bool is_last_operator(struct sqlite_db *db, const char *id)
{
	static const char sql[] =
		"SELECT 1 FROM user WHERE id = ?1 AND role = 1 AND NOT EXISTS"
		" (SELECT 1 FROM user WHERE role = 1 AND disabled = 0"
		"  AND id <> ?1)";

	return QUERY_INT(db, sql, ID(id)) != 0;
}

/* Their id is their name until they are gone: no other has it. */
static void take_name(struct sqlite_db *db, const char *id)
{
	static const char user[] =
		"UPDATE user SET disabled = 1, username = ?2,"
		" username_folded = ?2, name_seek = '', name_shape = ?2,"
		" display_name = '', display_seek = '', avatar = '',"
		" status_text = '', email = NULL, password_hash = NULL"
		" WHERE id = ?1";
	static const char sessions[] = "DELETE FROM session WHERE user_id = ?";
	static const char names[] = "DELETE FROM old_name WHERE user_id = ?";
	static const char networks[] = "DELETE FROM network WHERE user_id = ?";
	static const char support[] =
		"UPDATE conversation SET title = '' WHERE id = ?";
	char conversation[ID_SIZE];

	QUERY_RUN(db, user, ID(id), TEXT(id));
	QUERY_RUN(db, sessions, ID(id));
	QUERY_RUN(db, names, ID(id));
	QUERY_RUN(db, networks, ID(id));
	id_direct(id, ID_SERVER, conversation);
	QUERY_RUN(db, support, ID(conversation));
}

static void end_blocks(struct sqlite_db *db, const char *id)
{
	static const char note[] =
		"UPDATE conversation SET blocks = 0 WHERE id IN"
		" (SELECT conversation FROM inbox WHERE user_id = ?"
		"  AND kind = 0) AND blocks <> 0";
	static const char sql[] =
		"DELETE FROM user_block WHERE blocker = ?1 OR blocked = ?1";

	QUERY_RUN(db, note, ID(id));
	QUERY_RUN(db, sql, ID(id));
}

static enum store_status erase_begin(struct store *store, const char *id,
				     int64_t now_ms)
{
	static const char exists[] = "SELECT 1 FROM user WHERE id = ?";
	static const char sql[] =
		"INSERT INTO erasure (user_id, created_at) VALUES (?, ?)"
		" ON CONFLICT DO NOTHING";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);

	if (QUERY_INT(db, exists, ID(id)) == 0)
		return sqlite_end(db, STORE_NOT_FOUND);
	if (strcmp(id, ID_SERVER) == 0 || is_last_operator(db, id))
		return sqlite_end(db, STORE_FORBIDDEN);
	take_name(db, id);
	end_blocks(db, id);
	QUERY_RUN(db, sql, ID(id), INT(now_ms));
	db->kill_points = true;
	return sqlite_end(db, STORE_OK);
}

/* ---- step by step ---- */

struct erasing {
	struct sqlite_db *db;
	char user[ID_SIZE];
	int64_t place, n; /* of the row */
	int64_t now_ms;
	store_each_hash *each;
	void *context;
	struct store_erased *out;
};

static bool find_oldest(struct erasing *e)
{
	static const char sql[] = "SELECT user_id, place, n FROM erasure"
				  " ORDER BY created_at, user_id LIMIT 1";
	struct query q = QUERY(e->db, sql);
	bool found = query_row(&q);

	if (found) {
		query_id(&q, 0, e->user);
		e->place = query_int(&q, 1);
		e->n = query_int(&q, 2);
	}
	query_close(&q);
	return found;
}

/* False: they are in none any more. */
static bool leave_group(struct erasing *e)
{
	static const char sql[] = "SELECT conversation FROM inbox"
				  " WHERE user_id = ? AND kind = 1 LIMIT 1";
	const struct store_viewer viewer = {e->user, ROLE_USER};
	const struct store_group_act act = {
		.event = GROUP_LEFT,
		.actor_name = "",
		.now_ms = e->now_ms,
	};
	struct sqlite_group g = {
		.db = e->db,
		.viewer = &viewer,
		.act = &act,
		.out = &e->out->left,
	};
	struct query q = QUERY(e->db, sql, ID(e->user));
	char id[ID_SIZE] = "";

	if (query_row(&q))
		query_id(&q, 0, id);
	query_close(&q);
	return id[0] != '\0' && sqlite_group_find_own(&g, id) &&
	       sqlite_group_run(&g) == STORE_OK;
}

static void tell_conversation(struct erasing *e)
{
	static const char sql[] = "SELECT " COLUMNS_OF(
		CONVERSATION_COLUMNS) " FROM conversation c WHERE c.n = ?";
	struct store_change *change = &e->out->change;
	struct sqlite_conversation c;
	struct query q = QUERY(e->db, sql, INT(e->n));

	if (query_row(&q)) {
		sqlite_conversation_row(&q, 0, &c);
		change->kind = CHANGE_ERASE;
		memcpy(change->conversation, c.id, ID_SIZE);
		change->message.conversation_kind = c.kind;
		memcpy(change->message.conversation, c.id, ID_SIZE);
		memcpy(change->message.sender, e->user, ID_SIZE);
		memcpy(change->message.recipient,
		       sqlite_conversation_other(&c, e->user), ID_SIZE);
	}
	query_close(&q);
	change->change = sqlite_change_next(e->db, e->n);
	sqlite_change_insert(e->db, e->n, e->user, e->now_ms, change);
}

/* False: all were gone through. */
static bool erase_messages(struct erasing *e)
{
	static const char sql[] =
		"UPDATE erasure SET place = ?, n = ? WHERE user_id = ?";
	bool more = sqlite_erase_messages(e->db, e->user, &e->place, &e->n);

	if (e->n != 0 &&
	    (!more || e->place >= sqlite_place_of(e->n, SQLITE_SEQ_MAX))) {
		tell_conversation(e);
		e->n = 0;
	} else if (!more) {
		return false;
	}
	QUERY_RUN(e->db, sql, INT(e->place), INT(e->n), ID(e->user));
	return true;
}

/* What others show stays, and is nobody's. False: they have none any more. */
static bool take_files(struct erasing *e)
{
	static const char keep[] =
		"UPDATE file SET owner = zeroblob(12) WHERE owner = ?"
		" AND (EXISTS (SELECT 1 FROM attached WHERE file = file.id)"
		"  OR EXISTS (SELECT 1 FROM user WHERE length(avatar) = 24"
		"   AND avatar = lower(hex(file.id)))"
		"  OR EXISTS (SELECT 1 FROM conversation"
		"   WHERE length(avatar) = 24"
		"   AND avatar = lower(hex(file.id))))";
	static const char sql[] =
		"DELETE FROM file WHERE id IN (SELECT id FROM file"
		" WHERE owner = ? LIMIT ?) RETURNING hash";
	bool some = false;

	QUERY_RUN(e->db, keep, ID(e->user));

	struct query q = QUERY(e->db, sql, ID(e->user), INT(FILES_AT_ONCE));

	while (query_row(&q)) {
		e->each(query_text(&q, 0), e->context);
		some = true;
	}
	return some;
}

static bool take_user(struct erasing *e)
{
	static const char user[] = "DELETE FROM user WHERE id = ?";
	static const char sql[] = "DELETE FROM erasure WHERE user_id = ?";

	QUERY_RUN(e->db, user, ID(e->user));
	QUERY_RUN(e->db, sql, ID(e->user));
	return true;
}

static enum store_status erase_step(struct store *store, int64_t now_ms,
				    store_each_hash *each, void *context,
				    struct store_erased *out)
{
	static bool (*const parts[])(struct erasing *) = {
		leave_group,
		erase_messages,
		take_files,
		take_user,
	};
	struct erasing e = {
		.db = sqlite_begin(store, ACCESS_WRITE),
		.now_ms = now_ms,
		.each = each,
		.context = context,
		.out = out,
	};
	bool done = false;

	if (!find_oldest(&e))
		return sqlite_end(e.db, STORE_NOT_FOUND);
	for (size_t i = 0; i < COUNT_OF(parts) && !done; i++)
		done = parts[i](&e);
	e.db->kill_points = true;

	enum store_status status = sqlite_end(e.db, STORE_OK);

	if (status != STORE_OK)
		store_erased_done(out);
	return status;
}

const struct store_erase_verbs sqlite_erase_verbs = {
	.begin = erase_begin,
	.step = erase_step,
};
