/* What becomes of a user: profile, password, role, end. */
#include "store_sqlite.h"

#include <stdlib.h>
#include <string.h>

/* ---- profile ---- */

/* -1: nothing. */
static int said(const bool *choice)
{
	return choice != NULL ? *choice : -1;
}

static void write_profile(struct sqlite_db *db, const char *id,
			  const struct store_profile *profile,
			  const struct user_keys *keys)
{
	static const char sql[] =
		"UPDATE user SET username = ifnull(?2, username),"
		" username_folded = ifnull(?3, username_folded),"
		" name_seek = ifnull(?4, name_seek),"
		" name_shape = ifnull(?5, name_shape),"
		" display_name = ifnull(?6, display_name),"
		" display_seek = ifnull(?7, display_seek),"
		" avatar = ifnull(?8, avatar),"
		" status_text = ifnull(?9, status_text),"
		" email = nullif(ifnull(?10, email), ''),"
		" contacts_add = iif(?11 < 0, contacts_add, ?11),"
		" hides_last_seen = iif(?12 < 0, hides_last_seen, ?12),"
		" hides_receipts = iif(?13 < 0, hides_receipts, ?13)"
		" WHERE id = ?1";

	QUERY_RUN(db, sql, ID(id), TEXT(profile->username),
		  TEXT(keys->name_folded), TEXT(keys->name_seek),
		  TEXT(keys->name_shape), TEXT(profile->display_name),
		  TEXT(keys->display_seek), TEXT(profile->avatar),
		  TEXT(profile->status_text), TEXT(keys->email),
		  INT(said(profile->contacts_add)),
		  INT(said(profile->hides_last_seen)),
		  INT(said(profile->hides_receipts)));
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
	QUERY_RUN(db, forget_old, ID(id), INT(now_ms - STORE_NAME_KEPT_MS));
}

static enum store_status profile_locked(struct sqlite_db *db, const char *id,
					const struct store_profile *profile,
					const struct user_keys *keys,
					struct store_user *out,
					const char **field)
{
	const struct store_viewer self = {id, ROLE_USER};
	enum store_status status =
		sqlite_file_shows(db, &self, profile->avatar);

	*field = "avatar";
	if (status != STORE_OK)
		return status;
	*field = sqlite_user_taken(db, id, keys, profile->now_ms);
	if (*field != NULL)
		return STORE_TAKEN;
	if (is_rename(db, id, keys->name_folded)) {
		*field = "username";
		if (renames_since(db, id, profile->now_ms - STORE_RENAMES_MS) >=
		    STORE_RENAMES_MAX)
			return STORE_TOO_OFTEN;
		reserve_old_name(db, id, profile->now_ms);
		*field = NULL;
	}
	sqlite_guest_make_way(db, id, keys->name_shape, profile->now_ms);
	write_profile(db, id, profile, keys);
	return sqlite_user_find(db, id, out) ? STORE_OK : STORE_NOT_FOUND;
}

static enum store_status account_profile(struct store *store, const char *id,
					 const struct store_profile *profile,
					 struct store_user *out,
					 const char **field)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);
	struct user_keys keys;

	store_user_keys(profile->username, profile->email,
			profile->display_name, &keys);

	enum store_status status =
		profile_locked(db, id, profile, &keys, out, field);

	store_user_keys_done(&keys);
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

	if (found && !password->same)
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
