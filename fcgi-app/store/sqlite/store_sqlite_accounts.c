/* What becomes of a user: profile, password, role, end. */
#include "store_sqlite.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

#define DAY_MS INT64_C(86400000)
#define RENAMES_MAX 3 /* a day */

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

/* Of the name they have now to another, not to another spelling of it. */
static bool is_rename(struct sqlite_db *db, const char *id,
		      const char *name_folded)
{
	static const char sql[] = "SELECT count(*) FROM user"
				  " WHERE id = ? AND username_folded <> ?";

	return name_folded != NULL &&
	       QUERY_INT(db, sql, ID(id), TEXT(name_folded)) > 0;
}

static int64_t renames_since(struct sqlite_db *db, const char *id, int64_t at)
{
	static const char sql[] = "SELECT count(*) FROM old_name"
				  " WHERE user_id = ? AND at > ?";

	return QUERY_INT(db, sql, ID(id), INT(at));
}

static void reserve_old_name(struct sqlite_db *db, const char *id,
			     int64_t now_ms)
{
	static const char keep[] =
		"INSERT INTO old_name (user_id, name_folded, at)"
		" SELECT id, username_folded, ?2 FROM user WHERE id = ?1";
	static const char forget_old[] =
		"DELETE FROM old_name WHERE user_id = ? AND at <= ?";

	QUERY_RUN(db, keep, ID(id), INT(now_ms));
	QUERY_RUN(db, forget_old, ID(id), INT(now_ms - SQLITE_NAME_KEPT_MS));
}

static enum store_status profile_locked(struct sqlite_db *db, const char *id,
					const struct store_profile *profile,
					const struct folded *folded,
					struct store_user *out,
					const char **field)
{
	const struct sqlite_wanted wanted = {
		.id = id,
		.name_folded = folded->username,
		.email_lower = folded->email,
		.now_ms = profile->now_ms,
	};

	*field = sqlite_user_taken(db, &wanted);
	if (*field != NULL)
		return STORE_TAKEN;
	if (is_rename(db, id, folded->username)) {
		*field = "username";
		if (renames_since(db, id, profile->now_ms - DAY_MS) >=
		    RENAMES_MAX)
			return STORE_TOO_OFTEN;
		reserve_old_name(db, id, profile->now_ms);
		*field = NULL;
	}
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
		"UPDATE user SET password_hash = ?2 WHERE id = ?1"
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

const struct store_account_verbs sqlite_account_verbs = {
	.profile = account_profile,
	.password = account_password,
	.role = account_role,
	.disable = account_disable,
};
