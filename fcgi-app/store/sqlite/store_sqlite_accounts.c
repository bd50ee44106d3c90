/* What becomes of a user: profile, password, role, end; and who guesses. */
#include "store_sqlite.h"

#include <stdlib.h>
#include <string.h>

#include "crypt.h"
#include "text.h"

#define GUESSES_MAX "100000"

/* ---- profile ---- */

/* What is to be written so that it is found in any case; NULL: kept. */
struct folded {
	char *username, *email, *display_name;
};

static char *fold(const char *text)
{
	return text != NULL ? text_fold(text) : NULL;
}

static void write_profile(struct sqlite_db *db, const char *id,
			  const struct store_profile *profile,
			  const struct folded *folded)
{
	static const char sql[] =
		"UPDATE user SET username = ifnull(?2, username),"
		" username_folded = ifnull(?3, username_folded),"
		" display_name = ifnull(?4, display_name),"
		" display_folded = ifnull(?5, display_folded),"
		" avatar = ifnull(?6, avatar),"
		" status_text = ifnull(?7, status_text),"
		" email = nullif(ifnull(?8, email), ''),"
		" contacts_add = iif(?9 < 0, contacts_add, ?9)"
		" WHERE id = ?1";

	QUERY_RUN(db, sql, ID(id), TEXT(profile->username),
		  TEXT(folded->username), TEXT(profile->display_name),
		  TEXT(folded->display_name), TEXT(profile->avatar),
		  TEXT(profile->status_text), TEXT(folded->email),
		  INT(profile->contacts_add != NULL ? *profile->contacts_add
						    : -1));
}

static enum store_status profile_locked(struct sqlite_db *db, const char *id,
					const struct store_profile *profile,
					const struct folded *folded,
					struct store_user *out,
					const char **field)
{
	*field = sqlite_user_taken(db, id, folded->username, folded->email);
	if (*field != NULL)
		return STORE_TAKEN;
	write_profile(db, id, profile, folded);
	return sqlite_user_find(db, id, out) ? STORE_OK : STORE_NOT_FOUND;
}

static enum store_status account_profile(struct store *store, const char *id,
					 const struct store_profile *profile,
					 struct store_user *out,
					 const char **field)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);
	struct folded folded = {
		.username = fold(profile->username),
		.email = profile->email != NULL ? text_lower(profile->email)
						: NULL,
		.display_name = fold(profile->display_name),
	};
	enum store_status status =
		profile_locked(db, id, profile, &folded, out, field);

	free(folded.username);
	free(folded.email);
	free(folded.display_name);
	return sqlite_end(db, status);
}

/* ---- password, role, end ---- */

static void end_sessions(struct sqlite_db *db, const char *id, const char *keep)
{
	static const char sql[] = "DELETE FROM session WHERE user_id = ?1"
				  " AND (?2 IS NULL OR id <> ?2)";

	QUERY_RUN(db, sql, ID(id), ID(keep));
}

static enum store_status account_password(struct store *store, const char *id,
					  const struct store_password *password)
{
	static const char sql[] =
		"UPDATE user SET password_hash = ?2, failures = 0,"
		" locked_until = 0 WHERE id = ?1"
		" AND (?3 IS NULL OR password_hash = ?3)";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);
	bool found = QUERY_RUN(db, sql, ID(id), TEXT(password->hash),
			       TEXT(password->verified)) > 0;

	if (found)
		end_sessions(db, id, password->keep);
	return sqlite_end_found(db, found);
}

static enum store_status account_role(struct store *store, const char *id,
				      enum store_role role)
{
	static const char sql[] = "UPDATE user SET role = ?2 WHERE id = ?1";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);
	bool found = QUERY_RUN(db, sql, ID(id), INT(role)) > 0;

	return sqlite_end_found(db, found);
}

static enum store_status account_disable(struct store *store, const char *id,
					 bool disabled)
{
	static const char sql[] = "UPDATE user SET disabled = ?2 WHERE id = ?1";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);
	bool found = QUERY_RUN(db, sql, ID(id), INT(disabled)) > 0;

	if (found && disabled)
		end_sessions(db, id, NULL);
	return sqlite_end_found(db, found);
}

/* ---- wrong passwords ---- */

static enum store_status account_failures(struct store *store, const char *id,
					  int64_t failures,
					  int64_t locked_until)
{
	/* Counted here, so that two wrong passwords at once count as two. */
	static const char sql[] =
		"UPDATE user SET locked_until = ?3,"
		" failures = iif(?2 = 0, 0, max(?2, failures + 1))"
		" WHERE id = ?1";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);
	bool found = QUERY_RUN(db, sql, ID(id), INT(failures),
			       INT(locked_until)) > 0;

	return sqlite_end_found(db, found);
}

/* ---- ... at nobody's ---- */

/* Some type their password where the name belongs: never kept as it is. */
static void guess_key(const char *login, uint8_t key[CRYPT_SHA256_SIZE])
{
	char *folded = text_fold(login);

	crypt_sha256(folded, strlen(folded), key);
	free(folded);
}

static enum store_status guesses_get(struct store *store, const char *login,
				     struct store_guesses *out)
{
	static const char sql[] =
		"SELECT failures, locked_until FROM guess WHERE key = ?";
	uint8_t key[CRYPT_SHA256_SIZE];

	guess_key(login, key);

	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct query q = QUERY(db, sql, BLOB(key, sizeof(key)));

	if (query_row(&q)) {
		out->failures = query_int(&q, 0);
		out->locked_until = query_int(&q, 1);
	}
	query_close(&q);
	return sqlite_end(db, STORE_OK);
}

static enum store_status guesses_add(struct store *store, const char *login,
				     const struct store_guesses *guesses)
{
	/* Counted here, as a user's are. */
	static const char sql[] =
		"INSERT INTO guess (key, failures, locked_until)"
		" VALUES (?1, ?2, ?3) ON CONFLICT (key) DO UPDATE"
		" SET failures = max(?2, failures + 1), locked_until = ?3";
	static const char forget_old[] =
		"DELETE FROM guess WHERE n <="
		" (SELECT max(n) FROM guess) - " GUESSES_MAX;
	uint8_t key[CRYPT_SHA256_SIZE];

	guess_key(login, key);

	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);

	QUERY_RUN(db, sql, BLOB(key, sizeof(key)), INT(guesses->failures),
		  INT(guesses->locked_until));
	QUERY_RUN(db, forget_old);
	return sqlite_end(db, STORE_OK);
}

const struct store_account_verbs sqlite_account_verbs = {
	.profile = account_profile,
	.password = account_password,
	.role = account_role,
	.disable = account_disable,
	.failures = account_failures,
	.guesses_get = guesses_get,
	.guesses_add = guesses_add,
};
