#include "store_sqlite.h"

#include <string.h>

struct acting {
	struct sqlite_db *db;
	const struct store_viewer *viewer;
	const struct store_deed *deed;
};

/* ---- what an act does besides being written down ---- */

static enum store_status act_nothing(struct acting *a)
{
	(void)a;
	return STORE_OK;
}

/* Whom an operator may do something to. */
static enum store_status find_subject(struct acting *a)
{
	static const char sql[] = "SELECT role FROM user WHERE id = ?";
	struct query q = QUERY(a->db, sql, ID(a->deed->user));
	bool found = query_row(&q);
	bool may = found && query_int(&q, 0) != ROLE_OPERATOR &&
		   strcmp(a->deed->user, ID_SERVER) != 0;

	query_close(&q);
	if (!found)
		return STORE_NOT_FOUND;
	return may ? STORE_OK : STORE_FORBIDDEN;
}

static enum store_status act_kick(struct acting *a)
{
	static const char sql[] = "DELETE FROM session WHERE user_id = ?";
	enum store_status status = find_subject(a);

	if (status == STORE_OK)
		QUERY_RUN(a->db, sql, ID(a->deed->user));
	return status;
}

static enum store_status act_mute(struct acting *a)
{
	static const char sql[] =
		"UPDATE user SET muted_until = ? WHERE id = ?";
	enum store_status status = find_subject(a);

	if (status == STORE_OK)
		QUERY_RUN(a->db, sql, INT(a->deed->until), ID(a->deed->user));
	return status;
}

/* Any account, an operator's too. */
static enum store_status act_any_account(struct acting *a)
{
	enum store_status status = find_subject(a);

	return status == STORE_FORBIDDEN ? STORE_OK : status;
}

static enum store_status act_block(struct acting *a)
{
	static const char sql[] =
		"INSERT INTO address_block (network, until, by, at)"
		" VALUES (?, ?, ?, ?) ON CONFLICT (network) DO UPDATE SET"
		" until = excluded.until, by = excluded.by, at = excluded.at";
	static const char forget[] =
		"DELETE FROM address_block WHERE until <= ?";

	QUERY_RUN(a->db, forget, INT(a->deed->now_ms));
	QUERY_RUN(a->db, sql, TEXT(a->deed->detail), INT(a->deed->until),
		  ID(a->viewer->id), INT(a->deed->now_ms));
	return STORE_OK;
}

static enum store_status act_unblock(struct acting *a)
{
	static const char sql[] = "DELETE FROM address_block WHERE network = ?";

	return QUERY_RUN(a->db, sql, TEXT(a->deed->detail)) > 0
		       ? STORE_OK
		       : STORE_NOT_FOUND;
}

static enum store_status (*const acts[])(struct acting *a) = {
	[ACT_CLIENTS] = act_nothing,   [ACT_MESSAGES] = act_nothing,
	[ACT_AUDIT] = act_nothing,     [ACT_KICK] = act_kick,
	[ACT_MUTE] = act_mute,	       [ACT_UNLOCK] = act_any_account,
	[ACT_BLOCK] = act_block,       [ACT_UNBLOCK] = act_unblock,
	[ACT_BROADCAST] = act_nothing, [ACT_SERVER] = act_nothing,
	[ACT_TOKEN] = act_any_account, [ACT_REPORTS] = act_nothing,
};

/* ---- the audit ---- */

void sqlite_audit_add(struct sqlite_db *db, const char *by,
		      const struct store_deed *deed)
{
	static const char sql[] =
		"INSERT INTO audit (id, by, act, user_id, until, detail, at)"
		" VALUES (?, ?, ?, ?, ?, ?, ?)";
	char id[ID_SIZE];

	id_new(deed->now_ms, db->random, id);
	QUERY_RUN(db, sql, ID(id), ID(by), TEXT(store_act_name(deed->act)),
		  ID(deed->user), INT(deed->until),
		  TEXT(deed->detail != NULL ? deed->detail : ""),
		  INT(deed->now_ms));
}

static enum store_status operator_act(struct store *store,
				      const struct store_viewer *viewer,
				      const struct store_deed *deed)
{
	struct acting a = {
		.db = sqlite_begin(store, ACCESS_WRITE),
		.viewer = viewer,
		.deed = deed,
	};
	enum store_status status = viewer->role == ROLE_OPERATOR
					   ? acts[deed->act](&a)
					   : STORE_FORBIDDEN;

	if (status == STORE_OK)
		sqlite_audit_add(a.db, viewer->id, deed);
	return sqlite_end(a.db, status);
}

static enum store_status operator_audit(struct store *store,
					const struct store_list *list,
					store_each_audit *each, void *context)
{
	static const char sql[] =
		"SELECT a.id, a.by, a.user_id, b.username, u.username, a.act,"
		" a.detail, a.until, a.at FROM audit a"
		" LEFT JOIN user b ON b.id = a.by"
		" LEFT JOIN user u ON u.id = a.user_id"
		" WHERE a.id < ifnull(?, x'ffffffffffffffffffffffff')"
		" ORDER BY a.id DESC LIMIT ?";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct query q = QUERY(db, sql, ID(list->before), INT(list->limit));
	bool wanted = true;

	while (wanted && query_row(&q)) {
		struct store_audit row = {
			.by_name = query_text(&q, 3),
			.user_name = query_text(&q, 4),
			.act = query_text(&q, 5),
			.detail = query_text(&q, 6),
			.until = query_int(&q, 7),
			.at = query_int(&q, 8),
		};

		query_id(&q, 0, row.id);
		query_id(&q, 1, row.by);
		query_id(&q, 2, row.user);
		if (strcmp(row.by, ID_CTL) == 0)
			row.by_name = "palabrectl";
		wanted = each(&row, context);
	}
	query_close(&q);
	return sqlite_end(db, STORE_OK);
}

/* ---- blocked addresses ---- */

static enum store_status operator_addresses(struct store *store, int64_t now_ms,
					    size_t limit,
					    store_each_address_block *each,
					    void *context)
{
	static const char sql[] =
		"SELECT network, by, until, at FROM address_block"
		" INDEXED BY address_block_until WHERE until > ?"
		" ORDER BY until DESC, network LIMIT ?";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct query q = QUERY(db, sql, INT(now_ms), INT(limit));

	while (query_row(&q)) {
		struct store_address_block block = {
			.network = query_text(&q, 0),
			.until = query_int(&q, 2),
			.at = query_int(&q, 3),
		};

		query_id(&q, 1, block.by);
		each(&block, context);
	}
	return sqlite_end(db, STORE_OK);
}

const struct store_operator_verbs sqlite_operator_verbs = {
	.act = operator_act,
	.audit = operator_audit,
	.addresses = operator_addresses,
};
