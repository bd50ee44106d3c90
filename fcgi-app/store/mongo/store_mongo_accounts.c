/* What becomes of a user: profile, password, role, end. */
#include "store_mongo.h"

#include <stdlib.h>
#include <string.h>

#include "mongo_file.h"

/* ---- profile ---- */

/* A name they have now, and at which others they had. */
struct account_names {
	char *now; /* folded */
	int64_t renames;
};

static bool read_names(struct mongo_db *db, const char *id, int64_t since,
		       struct account_names *out)
{
	struct mongo_items items;
	bson_t row;

	*out = (struct account_names){NULL, 0};
	if (!mongo_find_one(db, IN_USER, DOC(ID("_id", id)),
			    DOC(INT("nameFolded", 1), INT("oldNames", 1)),
			    &row))
		return false;
	out->now = mongo_take_text(&row, "nameFolded");
	mongo_items(&row, "oldNames", &items);
	while (mongo_item(&items))
		out->renames += mongo_read_int(&items.row, "at") > since;
	bson_destroy(&row);
	return true;
}

/* Where the name is another, only if it is still the one that was looked at. */
static bool write_profile(struct mongo_db *db, const char *id,
			  const struct store_profile *profile,
			  const struct user_keys *keys, const char *old_name)
{
	bool no_email = keys->email != NULL && keys->email[0] == '\0';

	return mongo_update(
		db, IN_USER,
		DOC(ID("_id", id), TEXT_IF("nameFolded", old_name)),
		DOC(SUB("$set", ID("_id", id),
			TEXT_IF("username", profile->username),
			TEXT_IF("nameFolded", keys->name_folded),
			TEXT_IF("nameSeek", keys->name_seek),
			TEXT_IF("nameShape", keys->name_shape),
			TEXT_IF("displayName", profile->display_name),
			TEXT_IF("displaySeek", keys->display_seek),
			TEXT_IF("displayShape", keys->display_shape),
			TEXT_IF("avatar", profile->avatar),
			TEXT_IF("statusText", profile->status_text),
			IF(!no_email, TEXT_IF("email", keys->email)),
			IF(profile->contacts_add != NULL,
			   BOOL("contactsAdd", profile->contacts_add != NULL &&
						       *profile->contacts_add)),
			IF(profile->hides_last_seen != NULL,
			   BOOL("hidesLastSeen",
				profile->hides_last_seen != NULL &&
					*profile->hides_last_seen)),
			IF(profile->hides_receipts != NULL,
			   BOOL("hidesReceipts",
				profile->hides_receipts != NULL &&
					*profile->hides_receipts))),
		    IF(no_email, SUB("$unset", TEXT("email", ""))),
		    IF(old_name != NULL,
		       SUB("$push", SUB("oldNames", TEXT("name", old_name),
					INT("at", profile->now_ms))))));
}

static void forget_old_names(struct mongo_db *db, const char *id,
			     int64_t now_ms)
{
	mongo_update(
		db, IN_USER, DOC(ID("_id", id)),
		DOC(SUB("$pull",
			SUB("oldNames",
			    SUB("at",
				INT("$lte", now_ms - STORE_NAME_KEPT_MS))))));
}

/* All that may be refused has been looked at; what another took meanwhile, the
 * indexes refuse. */
static enum store_status write_checked(struct mongo_db *db, const char *id,
				       const struct store_profile *profile,
				       const struct user_keys *keys,
				       const struct account_names *names,
				       const char **field)
{
	bool renames = keys->name_folded != NULL &&
		       strcmp(keys->name_folded, names->now) != 0;

	if (renames && names->renames >= STORE_RENAMES_MAX) {
		*field = "username";
		return STORE_TOO_OFTEN;
	}
	mongo_guest_make_way(db, id, keys->name_shape, profile->now_ms);
	if (!write_profile(db, id, profile, keys,
			   renames ? names->now : NULL)) {
		*field = mongo_user_duplicate(db);
		return *field != NULL ? STORE_TAKEN : STORE_NOT_FOUND;
	}
	if (renames)
		forget_old_names(db, id, profile->now_ms);
	return STORE_OK;
}

static enum store_status profile_write(struct mongo_db *db, const char *id,
				       const struct store_profile *profile,
				       const struct user_keys *keys,
				       const char **field)
{
	const struct store_viewer self = {id, ROLE_USER};
	enum store_status status = mongo_file_shows(db, &self, profile->avatar);
	struct account_names names;

	*field = "avatar";
	if (status != STORE_OK)
		return status;
	*field = mongo_user_taken(db, id, keys, profile->now_ms);
	if (*field != NULL)
		return STORE_TAKEN;
	if (!read_names(db, id, profile->now_ms - STORE_RENAMES_MS, &names))
		return STORE_NOT_FOUND;

	status = write_checked(db, id, profile, keys, &names, field);
	free(names.now);
	return status;
}

static enum store_status account_profile(struct store *store, const char *id,
					 const struct store_profile *profile,
					 struct store_user *out,
					 const char **field)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_WRITE);
	struct user_keys keys;

	store_user_keys(profile->username, profile->email,
			profile->display_name, &keys);

	enum store_status status = profile_write(db, id, profile, &keys, field);

	store_user_keys_done(&keys);
	if (status == STORE_OK && !mongo_user_find(db, id, out))
		status = STORE_NOT_FOUND;
	return mongo_end(db, status);
}

/* ---- password, role, end ---- */

/* What ends them is in the update of the user (ENDED); these are gone then. */
static void delete_sessions(struct mongo_db *db, const char *id,
			    const char *keep)
{
	mongo_delete_all(db, IN_SESSION,
			 DOC(ID("user", id),
			     IF(keep != NULL, SUB("_id", ID("$ne", keep)))));
}

/* With the change, so that no session outlives it, whatever fails then. */
#define ENDED SUB("$inc", INT("sessionsEnded", 1))
#define KEPT_NONE SUB("$unset", INT("sessionKept", 1))

static enum store_status account_password(struct store *store, const char *id,
					  const struct store_password *password)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_WRITE);
	bool ends = !password->same;
	bool found = mongo_update(
		db, IN_USER,
		DOC(ID("_id", id), TEXT_IF("passwordHash", password->verified)),
		DOC(SUB("$set", TEXT("passwordHash", password->hash),
			ID_IF("sessionKept", password->keep)),
		    IF(ends && password->keep == NULL, KEPT_NONE),
		    IF(ends, ENDED)));

	if (found && ends)
		delete_sessions(db, id, password->keep);
	return mongo_end_found(db, found);
}

static enum store_status account_role(struct store *store, const char *id,
				      enum store_role role)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_WRITE);

	return mongo_end_found(
		db, mongo_update(db, IN_USER, DOC(ID("_id", id)),
				 DOC(SUB("$set", INT("role", role)))));
}

static enum store_status account_disable(struct store *store, const char *id,
					 bool disabled)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_WRITE);
	bool found =
		mongo_update(db, IN_USER, DOC(ID("_id", id)),
			     DOC(SUB("$set", BOOL("disabled", disabled)),
				 IF(disabled, KEPT_NONE), IF(disabled, ENDED)));

	if (found && disabled)
		delete_sessions(db, id, NULL);
	return mongo_end_found(db, found);
}

const struct store_account_verbs mongo_account_verbs = {
	.profile = account_profile,
	.password = account_password,
	.role = account_role,
	.disable = account_disable,
};
