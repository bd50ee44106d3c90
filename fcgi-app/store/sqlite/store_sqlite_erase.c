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
	static const char drafts[] = "UPDATE inbox SET draft = NULL"
				     " WHERE user_id = ?";
	static const char support[] =
		"UPDATE conversation SET title = '' WHERE id = ?";
	char conversation[ID_SIZE];

	QUERY_RUN(db, user, ID(id), TEXT(id));
	QUERY_RUN(db, sessions, ID(id));
	QUERY_RUN(db, names, ID(id));
	QUERY_RUN(db, networks, ID(id));
	QUERY_RUN(db, drafts, ID(id));
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
	static const char remember[] = "INSERT INTO erased (user_id) VALUES (?)"
				       " ON CONFLICT DO NOTHING";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);

	if (QUERY_INT(db, exists, ID(id)) == 0)
		return sqlite_end(db, STORE_NOT_FOUND);
	if (strcmp(id, ID_SERVER) == 0 || is_last_operator(db, id))
		return sqlite_end(db, STORE_FORBIDDEN);
	take_name(db, id);
	end_blocks(db, id);
	QUERY_RUN(db, sql, ID(id), INT(now_ms));
	QUERY_RUN(db, remember, ID(id));
	db->kill_points = true;
	return sqlite_end(db, STORE_OK);
}

/* ---- step by step ---- */

/* Whose row is the oldest, and how far it has come. */
struct oldest {
	char user[ID_SIZE];
	struct sqlite_erase_reach reach;
};

struct erasing {
	struct sqlite_db *db;
	struct oldest at;
	struct sqlite_erase_go go;
	int64_t now_ms;
	store_each_hash *each;
	void *context;
	struct store_erased *out;
};

static bool find_oldest(struct sqlite_db *db, struct oldest *out)
{
	static const char sql[] = "SELECT user_id, place, n FROM erasure"
				  " ORDER BY created_at, user_id LIMIT 1";
	struct query q = QUERY(db, sql);
	bool found = query_row(&q);

	*out = (struct oldest){.user = ""};
	if (found) {
		query_id(&q, 0, out->user);
		out->reach.place = query_int(&q, 1);
		out->reach.n = query_int(&q, 2);
	}
	query_close(&q);
	return found;
}

/* What takes long is done before anything is locked: most messages are no
 * business of theirs. */
static enum store_status erase_look(struct erasing *e, struct store *store)
{
	bool found;

	e->db = sqlite_begin(store, ACCESS_READ);
	found = find_oldest(e->db, &e->at);
	if (found)
		sqlite_erase_look(e->db, e->at.user, &e->at.reach, &e->go);
	return sqlite_end_found(e->db, found);
}

/* False: they are in none any more. */
static bool leave_group(struct erasing *e)
{
	static const char sql[] = "SELECT conversation FROM inbox"
				  " WHERE user_id = ? AND kind = 1 LIMIT 1";
	const struct store_viewer viewer = {e->at.user, ROLE_USER};
	const struct store_group_act act = {
		.event = GROUP_LEFT,
		.actor_name = "",
		.now_ms = e->now_ms,
	};
	struct sqlite_group g = {
		.base = {.reads = &sqlite_grouping_reads,
			 .viewer = &viewer,
			 .act = &act,
			 .out = &e->out->left},
		.db = e->db,
	};
	struct query q = QUERY(e->db, sql, ID(e->at.user));
	char id[ID_SIZE] = "";

	if (query_row(&q))
		query_id(&q, 0, id);
	query_close(&q);
	return id[0] != '\0' && sqlite_group_find_own(&g, id) &&
	       sqlite_group_run(&g) == STORE_OK;
}

/* What they once reacted with, and may have taken away since. */
static void forget_reactions(struct erasing *e, int64_t n)
{
	static const char sql[] =
		"UPDATE change SET emoji = NULL"
		" WHERE place BETWEEN ? AND ? AND by = ? AND kind = 2";

	QUERY_RUN(e->db, sql, INT(sqlite_place_of(n, 0)),
		  INT(sqlite_place_of(n, SQLITE_SEQ_MAX)), ID(e->at.user));
}

static void tell_conversation(struct erasing *e, int64_t n)
{
	static const char sql[] = "SELECT " COLUMNS_OF(
		CONVERSATION_COLUMNS) " FROM conversation c WHERE c.n = ?";
	struct store_change *change = &e->out->change;
	struct sqlite_conversation c;
	struct query q = QUERY(e->db, sql, INT(n));

	if (query_row(&q)) {
		sqlite_conversation_row(&q, 0, &c);
		change->kind = CHANGE_ERASE;
		memcpy(change->conversation, c.id, ID_SIZE);
		change->message.conversation_kind = c.kind;
		memcpy(change->message.conversation, c.id, ID_SIZE);
		memcpy(change->message.sender, e->at.user, ID_SIZE);
		memcpy(change->message.recipient,
		       sqlite_conversation_other(&c, e->at.user), ID_SIZE);
	}
	query_close(&q);
	forget_reactions(e, n);
	change->change = sqlite_change_next(e->db, n);
	sqlite_change_insert(e->db, n, e->at.user, e->now_ms, change);
}

/* False: all were gone through. */
static bool erase_messages(struct erasing *e)
{
	static const char sql[] =
		"UPDATE erasure SET place = ?, n = ? WHERE user_id = ?";
	struct sqlite_erase_reach reach = e->go.reach;

	sqlite_erase_found(e->db, e->at.user, &e->go);
	if (reach.n != 0 &&
	    (!e->go.more ||
	     reach.place >= sqlite_place_of(reach.n, SQLITE_SEQ_MAX))) {
		tell_conversation(e, reach.n);
		reach.n = 0;
	} else if (!e->go.more) {
		return false;
	}
	QUERY_RUN(e->db, sql, INT(reach.place), INT(reach.n), ID(e->at.user));
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

	QUERY_RUN(e->db, keep, ID(e->at.user));

	struct query q = QUERY(e->db, sql, ID(e->at.user), INT(FILES_AT_ONCE));

	while (query_row(&q)) {
		e->each(query_text(&q, 0), e->context);
		some = true;
	}
	return some;
}

/* The lobby keeps its changes when what they are of is gone. */
static bool forget_in_lobby(struct erasing *e)
{
	static const char sql[] = "SELECT n FROM conversation WHERE id = ?";

	forget_reactions(e, QUERY_INT(e->db, sql, ID(ID_LOBBY)));
	return false;
}

static bool take_user(struct erasing *e)
{
	static const char user[] = "DELETE FROM user WHERE id = ?";
	static const char sql[] = "DELETE FROM erasure WHERE user_id = ?";

	QUERY_RUN(e->db, user, ID(e->at.user));
	QUERY_RUN(e->db, sql, ID(e->at.user));
	return true;
}

static void erase_locked(struct erasing *e)
{
	static bool (*const parts[])(struct erasing *) = {
		leave_group,	 erase_messages, take_files,
		forget_in_lobby, take_user,
	};
	struct oldest now;
	bool done = false;

	/* Another may have made that step meanwhile. */
	if (!find_oldest(e->db, &now) || strcmp(now.user, e->at.user) != 0 ||
	    now.reach.place != e->at.reach.place ||
	    now.reach.n != e->at.reach.n)
		return;
	for (size_t i = 0; i < COUNT_OF(parts) && !done; i++)
		done = parts[i](e);
	e->db->kill_points = true;
}

static enum store_status erase_step(struct store *store, int64_t now_ms,
				    store_each_hash *each, void *context,
				    struct store_erased *out)
{
	struct erasing e = {
		.now_ms = now_ms,
		.each = each,
		.context = context,
		.out = out,
	};
	enum store_status status = erase_look(&e, store);

	if (status != STORE_OK)
		return status;
	e.db = sqlite_begin(store, ACCESS_WRITE);
	erase_locked(&e);
	return sqlite_end(e.db, STORE_OK);
}

static enum store_status erase_has(struct store *store, const char *id,
				   bool *has)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);

	*has = sqlite_erase_has(db, id);
	return sqlite_end(db, STORE_OK);
}

const struct store_erase_verbs sqlite_erase_verbs = {
	.begin = erase_begin,
	.step = erase_step,
	.has = erase_has,
};
