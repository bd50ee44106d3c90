/* Who guesses at passwords, and from where somebody signed in lately. */
#include "store_sqlite.h"

#define HASH(hash) BLOB((hash).bytes, sizeof((hash).bytes))

static enum store_status guesses_get(struct store *store,
				     const struct store_guess_key *key,
				     struct store_guesses *out)
{
	static const char sql[] =
		"SELECT failures, locked_until, at FROM guess WHERE key = ?";
	struct store_guess_hash hash = store_guess_hash(key);
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct query q = QUERY(db, sql, HASH(hash));

	if (query_row(&q)) {
		out->failures = query_int(&q, 0);
		out->locked_until = query_int(&q, 1);
		out->at = query_int(&q, 2);
	}
	query_close(&q);
	return sqlite_end(db, STORE_OK);
}

static enum store_status guesses_add(struct store *store,
				     const struct store_guess_key *key,
				     const struct store_guesses *guesses,
				     int64_t forget_before)
{
	/* Counted here, so that two wrong passwords at once count as two. */
	static const char sql[] =
		"INSERT INTO guess (key, failures, locked_until, at)"
		" VALUES (?1, ?2, ?3, ?4) ON CONFLICT (key) DO UPDATE"
		" SET failures = iif(at < ?5, ?2, max(?2, failures + 1)),"
		" locked_until = ?3, at = ?4";
	static const char forget_old[] = "DELETE FROM guess WHERE n <="
					 " (SELECT max(n) FROM guess) - ?";
	struct store_guess_hash hash = store_guess_hash(key);
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);

	QUERY_RUN(db, sql, HASH(hash), INT(guesses->failures),
		  INT(guesses->locked_until), INT(guesses->at),
		  INT(forget_before));
	QUERY_RUN(db, forget_old, INT(STORE_GUESSES_MAX));
	return sqlite_end(db, STORE_OK);
}

static enum store_status guesses_forget(struct store *store,
					const struct store_guess_key *key)
{
	static const char sql[] = "DELETE FROM guess WHERE key = ?";
	struct store_guess_hash hash = store_guess_hash(key);
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);

	QUERY_RUN(db, sql, HASH(hash));
	return sqlite_end(db, STORE_OK);
}

/* ---- networks ---- */

static enum store_status network_seen(struct store *store, const char *user,
				      const char *network, int64_t now_ms)
{
	static const char sql[] = "INSERT INTO network (user_id, network, at)"
				  " SELECT id, ?2, ?3 FROM user WHERE id = ?1"
				  " ON CONFLICT (user_id, network)"
				  " DO UPDATE SET at = max(at, ?3)";
	static const char forget_old[] =
		"DELETE FROM network WHERE user_id = ?1 AND network NOT IN"
		" (SELECT network FROM network WHERE user_id = ?1"
		"  ORDER BY at DESC LIMIT ?2)";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);

	QUERY_RUN(db, sql, ID(user), TEXT(network), INT(now_ms));
	QUERY_RUN(db, forget_old, ID(user), INT(STORE_NETWORKS_MAX));
	return sqlite_end(db, STORE_OK);
}

static enum store_status network_known(struct store *store, const char *user,
				       const char *network, int64_t since,
				       bool *known)
{
	static const char sql[] = "SELECT count(*) FROM network"
				  " WHERE user_id = ? AND network = ?"
				  " AND at >= ?";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);

	*known = QUERY_INT(db, sql, ID(user), TEXT(network), INT(since)) > 0;
	return sqlite_end(db, STORE_OK);
}

static enum store_status networks(struct store *store, const char *user,
				  store_each_network *each, void *context)
{
	static const char sql[] =
		"SELECT network FROM network WHERE user_id = ?";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct query q = QUERY(db, sql, ID(user));

	while (query_row(&q))
		each(query_text(&q, 0), context);
	return sqlite_end(db, STORE_OK);
}

const struct store_guess_verbs sqlite_guess_verbs = {
	.get = guesses_get,
	.add = guesses_add,
	.forget = guesses_forget,
	.network_seen = network_seen,
	.network_known = network_known,
	.networks = networks,
};
