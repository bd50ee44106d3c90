#include "store_sqlite.h"

#include "mem.h"

static void insert_session(struct sqlite_db *db,
			   const struct store_session *session)
{
	static const char sql[] =
		"INSERT INTO session (id, user_id, created_at, last_used,"
		" expires_at, agent, address) VALUES (?, ?, ?, ?, ?, ?, ?)";
	struct query q;

	query_open(&q, db, sql);
	query_bind_text(&q, session->id);
	query_bind_text(&q, session->user_id);
	query_bind_int(&q, session->created_at);
	query_bind_int(&q, session->created_at);
	query_bind_int(&q, session->expires_at);
	query_bind_text(&q, session->agent ? session->agent : "");
	query_bind_text(&q, session->address ? session->address : "");
	query_run(&q);
}

/* Nobody else sweeps them: who signs in leaves no old ones behind. */
static void delete_expired(struct sqlite_db *db, const char *user_id,
			   int64_t now_ms)
{
	static const char sql[] =
		"DELETE FROM session WHERE user_id = ? AND expires_at <= ?";
	struct query q;

	query_open(&q, db, sql);
	query_bind_text(&q, user_id);
	query_bind_int(&q, now_ms);
	query_run(&q);
}

enum store_status sqlite_session_add(struct store *store,
				     struct store_session *session)
{
	struct sqlite_db *db = store_sqlite_db(store);
	enum store_status status = sqlite_db_begin(db, ACCESS_WRITE);

	if (status != STORE_OK)
		return status;
	if (!sqlite_user_active(db, session->user_id))
		return sqlite_db_end(db, STORE_NOT_FOUND);
	delete_expired(db, session->user_id, session->created_at);
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

enum store_status sqlite_session_get(struct store *store, const char *id,
				     int64_t now_ms, struct store_session *out,
				     struct store_user *user)
{
	static const char sql[] =
		"SELECT " SESSION_COLUMNS ", " USER_COLUMNS
		" FROM session s JOIN user u ON u.id = s.user_id"
		" WHERE s.id = ? AND s.expires_at > ? AND u.disabled = 0";
	struct sqlite_db *db = store_sqlite_db(store);
	enum store_status status = sqlite_db_begin(db, ACCESS_READ);
	struct query q;

	if (status != STORE_OK)
		return status;
	status = STORE_NOT_FOUND;
	query_open(&q, db, sql);
	query_bind_text(&q, id);
	query_bind_int(&q, now_ms);
	if (query_row(&q)) {
		session_row(&q, out);
		out->agent = xstrdup(out->agent);
		out->address = xstrdup(out->address);
		sqlite_user_row(&q, SESSION_COLUMN_COUNT, user);
		sqlite_user_own(user);
		status = STORE_OK;
	}
	query_close(&q);
	return sqlite_db_end(db, status);
}

enum store_status sqlite_session_touch(struct store *store, const char *id,
				       int64_t now_ms, int64_t expires_at)
{
	static const char sql[] =
		"UPDATE session SET last_used = max(last_used, ?2),"
		" expires_at = ?3 WHERE id = ?1 RETURNING 1";
	struct sqlite_db *db = store_sqlite_db(store);
	enum store_status status = sqlite_db_begin(db, ACCESS_WRITE);
	struct query q;

	if (status != STORE_OK)
		return status;
	query_open(&q, db, sql);
	query_bind_text(&q, id);
	query_bind_int(&q, now_ms);
	query_bind_int(&q, expires_at);
	status = query_row(&q) ? STORE_OK : STORE_NOT_FOUND;
	query_close(&q);
	return sqlite_db_end(db, status);
}

enum store_status sqlite_session_end(struct store *store, const char *user_id,
				     const char *id)
{
	static const char sql[] = "DELETE FROM session WHERE user_id = ?1"
				  " AND (?2 IS NULL OR id = ?2) RETURNING 1";
	struct sqlite_db *db = store_sqlite_db(store);
	enum store_status status = sqlite_db_begin(db, ACCESS_WRITE);
	struct query q;

	if (status != STORE_OK)
		return status;
	query_open(&q, db, sql);
	query_bind_text(&q, user_id);
	query_bind_text(&q, id);
	status = query_row(&q) || id == NULL ? STORE_OK : STORE_NOT_FOUND;
	query_close(&q);
	return sqlite_db_end(db, status);
}

enum store_status sqlite_sessions(struct store *store, const char *user_id,
				  int64_t now_ms, size_t limit,
				  store_each_session *each, void *context)
{
	static const char sql[] =
		"SELECT " SESSION_COLUMNS " FROM session s"
		" WHERE s.user_id = ? AND s.expires_at > ?"
		" ORDER BY s.last_used DESC, s.id DESC LIMIT ?";
	struct sqlite_db *db = store_sqlite_db(store);
	enum store_status status = sqlite_db_begin(db, ACCESS_READ);
	struct store_session session;
	struct query q;

	if (status != STORE_OK)
		return status;
	query_open(&q, db, sql);
	query_bind_text(&q, user_id);
	query_bind_int(&q, now_ms);
	query_bind_int(&q, (int64_t)limit);
	while (query_row(&q)) {
		session_row(&q, &session);
		each(&session, context);
	}
	query_close(&q);
	return sqlite_db_end(db, STORE_OK);
}
