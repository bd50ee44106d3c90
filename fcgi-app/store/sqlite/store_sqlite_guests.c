#include "store_sqlite.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

/* ---- they come ---- */

/* The guest whom an earlier call with this session made. */
static bool find_again(struct sqlite_db *db, struct store_user *user,
		       struct store_session *session)
{
	static const char sql[] =
		"SELECT s.user_id, s.expires_at FROM session s"
		" JOIN user u ON u.id = s.user_id"
		" WHERE s.id = ? AND u.role = 2 AND u.username = ?";
	struct query q = QUERY(db, sql, ID(session->id), TEXT(user->username));
	bool found = query_row(&q);

	if (found) {
		query_id(&q, 0, user->id);
		query_id(&q, 0, session->user_id);
		session->expires_at = query_int(&q, 1);
	}
	query_close(&q);
	return found;
}

static enum store_status guest_come(struct store *store,
				    struct store_user *user,
				    struct store_session *session,
				    const char **field)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);

	user->role = ROLE_GUEST;
	if (session->id[0] != '\0' && find_again(db, user, session))
		return sqlite_end(db, STORE_OK);

	enum store_status status = sqlite_user_insert(db, user, field);

	if (status == STORE_OK) {
		memcpy(session->user_id, user->id, ID_SIZE);
		if (session->id[0] == '\0')
			id_new(session->created_at, db->random, session->id);
		sqlite_session_insert(db, session);
	}
	return sqlite_end(db, status);
}

/* ---- and go ---- */

#define GONE                                                                   \
	" role = 2 AND NOT EXISTS (SELECT 1 FROM session"                      \
	"  WHERE user_id = user.id AND expires_at > ?1)"

void sqlite_guest_make_way(struct sqlite_db *db, const char *id,
			   const char *name_shape, int64_t now_ms)
{
	static const char sql[] = "DELETE FROM user WHERE name_shape = ?2"
				  " AND id <> ?3 AND" GONE;

	QUERY_RUN(db, sql, INT(now_ms), TEXT(name_shape), ID(id));
}

static size_t look_for_gone(struct sqlite_db *db, int64_t now_ms, size_t limit,
			    char gone[][ID_SIZE])
{
	static const char sql[] = "SELECT id FROM user INDEXED BY user_guest"
				  " WHERE" GONE " LIMIT ?2";
	struct query q = QUERY(db, sql, INT(now_ms), INT(limit));
	size_t count = 0;

	while (query_row(&q))
		query_id(&q, 0, gone[count++]);
	return count;
}

/* Unless they came back meanwhile. */
static bool forget_gone(struct sqlite_db *db, const char *id, int64_t now_ms)
{
	static const char sql[] = "DELETE FROM user WHERE id = ?2 AND" GONE;

	return QUERY_RUN(db, sql, INT(now_ms), ID(id)) > 0;
}

/* Looked for while others write: most stay. */
static enum store_status guest_sweep(struct store *store, int64_t now_ms,
				     size_t limit, size_t *count)
{
	char(*gone)[ID_SIZE] = xcalloc(limit, ID_SIZE);
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	size_t found = look_for_gone(db, now_ms, limit, gone);
	enum store_status status = sqlite_end(db, STORE_OK);

	if (status == STORE_OK && found > 0) {
		size_t forgotten = 0;

		db = sqlite_begin(store, ACCESS_WRITE);
		for (size_t i = 0; i < found; i++)
			forgotten += forget_gone(db, gone[i], now_ms);
		status = sqlite_end(db, STORE_OK);
		if (status == STORE_OK)
			*count = forgotten;
	}
	free(gone);
	return status;
}

const struct store_guest_verbs sqlite_guest_verbs = {
	.come = guest_come,
	.sweep = guest_sweep,
};
