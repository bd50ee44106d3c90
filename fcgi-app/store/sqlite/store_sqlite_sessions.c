#include "store_sqlite.h"

#include <string.h>

void sqlite_session_insert(struct sqlite_db *db, struct store_session *session)
{
	static const char sql[] =
		"INSERT INTO session (id, user_id, created_at, last_used,"
		" expires_at, agent, address) VALUES (?, ?, ?, ?, ?, ?, ?)";

	session->last_used = session->created_at;
	QUERY_RUN(db, sql, ID(session->id), ID(session->user_id),
		  INT(session->created_at), INT(session->last_used),
		  INT(session->expires_at),
		  TEXT(session->agent ? session->agent : ""),
		  TEXT(session->address ? session->address : ""));
}

static void open_session(struct sqlite_db *db, struct store_session *session)
{
	id_new(session->created_at, db->random, session->id);
	sqlite_session_insert(db, session);
}

/* Nobody else sweeps them: who signs in leaves no old ones behind. */
static void delete_expired(struct sqlite_db *db,
			   const struct store_session *session)
{
	static const char sql[] =
		"DELETE FROM session WHERE user_id = ? AND expires_at <= ?";

	QUERY_RUN(db, sql, ID(session->user_id), INT(session->created_at));
}

static enum store_status session_open(struct store *store,
				      struct store_session *session,
				      const char *verified)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);

	if (!sqlite_user_verified(db, session->user_id, verified))
		return sqlite_end(db, STORE_NOT_FOUND);
	delete_expired(db, session);
	open_session(db, session);
	return sqlite_end(db, STORE_OK);
}

static enum store_status sign_up(struct store *store, struct store_user *user,
				 struct store_session *session,
				 const char **field)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);
	enum store_status status = sqlite_user_insert(db, user, field);

	if (status == STORE_OK) {
		memcpy(session->user_id, user->id, ID_SIZE);
		open_session(db, session);
	}
	return sqlite_end(db, status);
}

static enum store_status session_get(struct store *store, const char *id,
				     int64_t now_ms, struct store_session *out,
				     struct store_user *user)
{
	static const char sql[] =
		"SELECT " COLUMNS_OF(SESSION_LIFE_COLUMNS) ", " COLUMNS_OF(
			USER_COLUMNS) " FROM session s JOIN user u ON u.id = "
				      "s.user_id"
				      " WHERE s.id = ? AND s.expires_at > ? "
				      "AND u.disabled = 0";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct query q = QUERY(db, sql, ID(id), INT(now_ms));
	bool found = query_row(&q);

	if (found) {
		sqlite_session_life(&q, 0, out);
		memcpy(out->id, id, ID_SIZE);
		sqlite_user_row(&q, SESSION_LIFE_COLUMN_COUNT, user);
		store_user_own(user);
	}
	query_close(&q);
	return sqlite_end_found(db, found);
}

static enum store_status session_touch(struct store *store, const char *id,
				       int64_t now_ms, int64_t expires_at)
{
	static const char sql[] =
		"UPDATE session SET last_used = ?2, expires_at = ?3"
		" WHERE id = ?1";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);
	bool found =
		QUERY_RUN(db, sql, ID(id), INT(now_ms), INT(expires_at)) > 0;

	return sqlite_end_found(db, found);
}

static enum store_status session_end(struct store *store, const char *user_id,
				     const char *id)
{
	static const char sql[] = "DELETE FROM session WHERE user_id = ?1"
				  " AND (?2 IS NULL OR id = ?2)";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);
	bool found = QUERY_RUN(db, sql, ID(user_id), ID(id)) > 0;

	return sqlite_end_found(db, found || id == NULL);
}

static enum store_status session_list(struct store *store, const char *user_id,
				      int64_t now_ms, size_t limit,
				      store_each_session *each, void *context)
{
	static const char sql[] = "SELECT " COLUMNS_OF(
		SESSION_COLUMNS) " FROM session s"
				 " WHERE s.user_id = ? AND s.expires_at > ?"
				 " ORDER BY s.last_used DESC, s.id DESC LIMIT "
				 "?";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct query q = QUERY(db, sql, ID(user_id), INT(now_ms), INT(limit));
	struct store_session session;

	while (query_row(&q)) {
		sqlite_session_row(&q, 0, &session);
		each(&session, context);
	}
	return sqlite_end(db, STORE_OK);
}

const struct store_session_verbs sqlite_session_verbs = {
	.sign_up = sign_up,
	.open = session_open,
	.get = session_get,
	.touch = session_touch,
	.end = session_end,
	.list = session_list,
};
