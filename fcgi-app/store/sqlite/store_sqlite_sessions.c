#include "store_sqlite.h"

#include "mem.h"

static void insert_session(struct sqlite_db *db,
			   const struct store_session *session)
{
	static const char sql[] =
		"INSERT INTO session (id, user_id, created_at, last_used,"
		" expires_at, agent, address) VALUES (?, ?, ?, ?, ?, ?, ?)";

	QUERY_RUN(db, sql, TEXT(session->id), TEXT(session->user_id),
		  INT(session->created_at), INT(session->last_used),
		  INT(session->expires_at),
		  TEXT(session->agent ? session->agent : ""),
		  TEXT(session->address ? session->address : ""));
}

static enum store_status session_add(struct store *store,
				     struct store_session *session)
{
	/* Nobody else sweeps them: who signs in leaves no old ones behind. */
	static const char delete_expired[] =
		"DELETE FROM session WHERE user_id = ? AND expires_at <= ?";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);

	if (!sqlite_user_active(db, session->user_id))
		return sqlite_db_end(db, STORE_NOT_FOUND);
	QUERY_RUN(db, delete_expired, TEXT(session->user_id),
		  INT(session->created_at));
	store_new_id(store, session->created_at, session->id);
	session->last_used = session->created_at;
	insert_session(db, session);
	return sqlite_db_end(db, STORE_OK);
}

#define SESSION_COLUMNS                                                        \
	"s.id, s.user_id, s.created_at, s.last_used, s.expires_at, s.agent,"   \
	" s.address"
#define SESSION_COLUMN_COUNT 7

/* Borrows its texts from the row. */
static void session_row(const struct query *q, struct store_session *out)
{
	query_id(q, 0, out->id);
	query_id(q, 1, out->user_id);
	out->created_at = query_int(q, 2);
	out->last_used = query_int(q, 3);
	out->expires_at = query_int(q, 4);
	out->agent = query_text(q, 5);
	out->address = query_text(q, 6);
}

static enum store_status session_get(struct store *store, const char *id,
				     int64_t now_ms, struct store_session *out,
				     struct store_user *user)
{
	static const char sql[] =
		"SELECT " SESSION_COLUMNS ", " USER_COLUMNS
		" FROM session s JOIN user u ON u.id = s.user_id"
		" WHERE s.id = ? AND s.expires_at > ? AND u.disabled = 0";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct query q = QUERY(db, sql, TEXT(id), INT(now_ms));
	bool found = query_row(&q);

	if (found) {
		session_row(&q, out);
		out->agent = xstrdup(out->agent);
		out->address = xstrdup(out->address);
		sqlite_user_row(&q, SESSION_COLUMN_COUNT, user);
		sqlite_user_own(user);
	}
	query_close(&q);
	return sqlite_end_found(db, found);
}

static enum store_status session_touch(struct store *store, const char *id,
				       int64_t now_ms, int64_t expires_at)
{
	static const char sql[] =
		"UPDATE session SET last_used = max(last_used, ?2),"
		" expires_at = ?3 WHERE id = ?1";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);
	bool found =
		QUERY_RUN(db, sql, TEXT(id), INT(now_ms), INT(expires_at)) > 0;

	return sqlite_end_found(db, found);
}

static enum store_status session_end(struct store *store, const char *user_id,
				     const char *id)
{
	static const char sql[] = "DELETE FROM session WHERE user_id = ?1"
				  " AND (?2 IS NULL OR id = ?2)";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);
	bool found = QUERY_RUN(db, sql, TEXT(user_id), TEXT(id)) > 0;

	return sqlite_end_found(db, found || id == NULL);
}

static enum store_status session_list(struct store *store, const char *user_id,
				      int64_t now_ms, size_t limit,
				      store_each_session *each, void *context)
{
	static const char sql[] =
		"SELECT " SESSION_COLUMNS " FROM session s"
		" WHERE s.user_id = ? AND s.expires_at > ?"
		" ORDER BY s.last_used DESC, s.id DESC LIMIT ?";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct query q = QUERY(db, sql, TEXT(user_id), INT(now_ms), INT(limit));
	struct store_session session;

	while (query_row(&q)) {
		session_row(&q, &session);
		each(&session, context);
	}
	return sqlite_db_end(db, STORE_OK);
}

const struct store_session_verbs sqlite_session_verbs = {
	.add = session_add,
	.get = session_get,
	.touch = session_touch,
	.end = session_end,
	.list = session_list,
};
