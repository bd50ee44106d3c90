/* What becomes of a user: profile, password, role, end; and who guesses. */
#include "store_sqlite.h"

#include <string.h>

#include "crypt.h"
#include "mem.h"
#include "text.h"

#define GUESSES_MAX "100000"

/* ---- profile ---- */

static bool is_anothers(struct sqlite_db *db, const char *sql, const char *key,
			const char *id)
{
	struct query q;
	bool found;

	query_open(&q, db, sql);
	query_bind_text(&q, key);
	query_bind_text(&q, id);
	found = query_row(&q);
	query_close(&q);
	return found;
}

/* What is to be written, folded where it has to be unique; NULL: kept. */
struct folded {
	char *username, *email, *display_name;
};

static char *fold(const char *text)
{
	return text != NULL ? text_fold(text) : NULL;
}

static const char *taken_field(struct sqlite_db *db, const char *id,
			       const struct folded *folded)
{
	static const char name[] =
		"SELECT 1 FROM user WHERE username_folded = ? AND id <> ?";
	static const char email[] =
		"SELECT 1 FROM user WHERE email = ? AND id <> ?";

	if (is_anothers(db, name, folded->username, id))
		return "username";
	if (is_anothers(db, email, folded->email, id))
		return "email";
	return NULL;
}

static bool write_profile(struct sqlite_db *db, const char *id,
			  const struct store_profile *profile,
			  const struct folded *folded, struct store_user *out)
{
	static const char sql[] =
		"UPDATE user SET username = ifnull(?2, username),"
		" username_folded = ifnull(?3, username_folded),"
		" display_name = ifnull(?4, display_name),"
		" display_folded = ifnull(?5, display_folded),"
		" avatar = ifnull(?6, avatar),"
		" status_text = ifnull(?7, status_text),"
		" email = nullif(ifnull(?8, email), '')"
		" WHERE id = ?1";
	static const char read[] =
		"SELECT " USER_COLUMNS " FROM user u WHERE id = ?";
	struct query q;
	bool found;

	query_open(&q, db, sql);
	query_bind_text(&q, id);
	query_bind_text(&q, profile->username);
	query_bind_text(&q, folded->username);
	query_bind_text(&q, profile->display_name);
	query_bind_text(&q, folded->display_name);
	query_bind_text(&q, profile->avatar);
	query_bind_text(&q, profile->status_text);
	query_bind_text(&q, folded->email);
	query_run(&q);

	query_open(&q, db, read);
	query_bind_text(&q, id);
	found = query_row(&q);
	if (found) {
		sqlite_user_row(&q, 0, out);
		sqlite_user_own(out);
	}
	query_close(&q);
	return found;
}

enum store_status sqlite_user_profile(struct store *store, const char *id,
				      const struct store_profile *profile,
				      struct store_user *out,
				      const char **field)
{
	struct sqlite_db *db = store_sqlite_db(store);
	enum store_status status = sqlite_db_begin(db, ACCESS_WRITE);
	struct folded folded = {
		.username = fold(profile->username),
		.email = fold(profile->email),
		.display_name = fold(profile->display_name),
	};

	if (status != STORE_OK)
		goto out;
	*field = taken_field(db, id, &folded);
	if (*field != NULL)
		status = STORE_TAKEN;
	else if (!write_profile(db, id, profile, &folded, out))
		status = STORE_NOT_FOUND;
	status = sqlite_db_end(db, status);
out:
	free(folded.username);
	free(folded.email);
	free(folded.display_name);
	return status;
}

/* ---- password, role, end ---- */

static void end_sessions(struct sqlite_db *db, const char *id, const char *keep)
{
	static const char sql[] = "DELETE FROM session WHERE user_id = ?1"
				  " AND (?2 IS NULL OR id <> ?2)";
	struct query q;

	query_open(&q, db, sql);
	query_bind_text(&q, id);
	query_bind_text(&q, keep);
	query_run(&q);
}

enum store_status sqlite_user_password(struct store *store, const char *id,
				       const char *hash, const char *keep)
{
	static const char sql[] =
		"UPDATE user SET password_hash = ?2, failures = 0,"
		" locked_until = 0 WHERE id = ?1 RETURNING 1";
	struct sqlite_db *db = store_sqlite_db(store);
	enum store_status status = sqlite_db_begin(db, ACCESS_WRITE);
	struct query q;

	if (status != STORE_OK)
		return status;
	query_open(&q, db, sql);
	query_bind_text(&q, id);
	query_bind_text(&q, hash);
	status = query_row(&q) ? STORE_OK : STORE_NOT_FOUND;
	query_close(&q);
	end_sessions(db, id, keep);
	return sqlite_db_end(db, status);
}

static bool set_number(struct sqlite_db *db, const char *sql, const char *id,
		       int64_t number)
{
	struct query q;
	bool found;

	query_open(&q, db, sql);
	query_bind_text(&q, id);
	query_bind_int(&q, number);
	found = query_row(&q);
	query_close(&q);
	return found;
}

enum store_status sqlite_user_role(struct store *store, const char *id,
				   enum store_role role)
{
	static const char sql[] =
		"UPDATE user SET role = ?2 WHERE id = ?1 RETURNING 1";
	struct sqlite_db *db = store_sqlite_db(store);
	enum store_status status = sqlite_db_begin(db, ACCESS_WRITE);

	if (status != STORE_OK)
		return status;
	bool found = set_number(db, sql, id, (int64_t)role);

	return sqlite_db_end(db, found ? STORE_OK : STORE_NOT_FOUND);
}

enum store_status sqlite_user_disable(struct store *store, const char *id,
				      bool disabled)
{
	static const char sql[] =
		"UPDATE user SET disabled = ?2 WHERE id = ?1 RETURNING 1";
	struct sqlite_db *db = store_sqlite_db(store);
	enum store_status status = sqlite_db_begin(db, ACCESS_WRITE);

	if (status != STORE_OK)
		return status;
	bool found = set_number(db, sql, id, disabled);

	if (disabled)
		end_sessions(db, id, NULL);
	return sqlite_db_end(db, found ? STORE_OK : STORE_NOT_FOUND);
}

/* ---- guesses at nobody ---- */

/* Some type their password where the name belongs: never kept as it is. */
static void guess_key(const char *login, uint8_t key[CRYPT_SHA256_SIZE])
{
	char *folded = text_fold(login);

	crypt_sha256(folded, strlen(folded), key);
	free(folded);
}

enum store_status sqlite_guesses_get(struct store *store, const char *login,
				     struct store_guesses *out)
{
	static const char sql[] =
		"SELECT failures, locked_until FROM guess WHERE key = ?";
	struct sqlite_db *db = store_sqlite_db(store);
	enum store_status status = sqlite_db_begin(db, ACCESS_READ);
	uint8_t key[CRYPT_SHA256_SIZE];
	struct query q;

	if (status != STORE_OK)
		return status;
	guess_key(login, key);
	query_open(&q, db, sql);
	query_bind_blob(&q, key, sizeof(key));
	if (query_row(&q)) {
		out->failures = query_int(&q, 0);
		out->locked_until = query_int(&q, 1);
	}
	query_close(&q);
	return sqlite_db_end(db, STORE_OK);
}

static void forget_old_guesses(struct sqlite_db *db)
{
	static const char sql[] = "DELETE FROM guess WHERE n <="
				  " (SELECT max(n) FROM guess) - " GUESSES_MAX;
	struct query q;

	query_open(&q, db, sql);
	query_run(&q);
}

enum store_status sqlite_guesses_add(struct store *store, const char *login,
				     const struct store_guesses *guesses)
{
	/* Counted here, as a user's are. */
	static const char sql[] =
		"INSERT INTO guess (key, failures, locked_until)"
		" VALUES (?1, ?2, ?3) ON CONFLICT (key) DO UPDATE"
		" SET failures = max(?2, failures + 1), locked_until = ?3";
	struct sqlite_db *db = store_sqlite_db(store);
	enum store_status status = sqlite_db_begin(db, ACCESS_WRITE);
	uint8_t key[CRYPT_SHA256_SIZE];
	struct query q;

	if (status != STORE_OK)
		return status;
	guess_key(login, key);
	query_open(&q, db, sql);
	query_bind_blob(&q, key, sizeof(key));
	query_bind_int(&q, guesses->failures);
	query_bind_int(&q, guesses->locked_until);
	query_run(&q);
	forget_old_guesses(db);
	return sqlite_db_end(db, STORE_OK);
}
