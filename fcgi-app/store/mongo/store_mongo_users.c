/* Who there is. */
#include "store_mongo.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "text.h"

#define SEEN_AT_ONCE 200

/* ---- rows ---- */

const struct mongo_field mongo_user_shown[] = {
	INT("username", 1),
	INT("displayName", 1),
	INT("avatar", 1),
	INT("statusText", 1),
	INT("role", 1),
	INT("createdAt", 1),
	INT("lastSeen", 1),
	INT("hidesLastSeen", 1),
	{NULL, FIELD_NONE, .number = 0},
};

void mongo_user_shown_read(const bson_t *row, struct store_user *out)
{
	*out = (struct store_user){
		.username = mongo_take_text(row, "username"),
		.display_name = mongo_take_text(row, "displayName"),
		.avatar = mongo_take_text(row, "avatar"),
		.status_text = mongo_take_text(row, "statusText"),
		.role = (enum store_role)mongo_read_int(row, "role"),
		.created_at = mongo_read_int(row, "createdAt"),
		.last_seen = mongo_read_int(row, "lastSeen"),
		.hides_last_seen = mongo_read_bool(row, "hidesLastSeen"),
	};
	mongo_read_id(row, "_id", out->id);
}

void mongo_user_read(const bson_t *row, struct store_user *out)
{
	mongo_user_shown_read(row, out);
	out->email = mongo_take_text(row, "email");
	out->password_hash = mongo_take_text(row, "passwordHash");
	out->disabled = mongo_read_bool(row, "disabled");
	out->contacts_add = mongo_read_bool(row, "contactsAdd");
	out->hides_receipts = mongo_read_bool(row, "hidesReceipts");
	out->muted_until = mongo_read_int(row, "mutedUntil");
}

static bool find_user(struct mongo_db *db, const struct mongo_field *filter,
		      struct store_user *out)
{
	bson_t row;
	bool found =
		mongo_find_one(db, IN_USER, filter, DOC(INT("mine", 0)), &row);

	if (found) {
		mongo_user_read(&row, out);
		bson_destroy(&row);
	}
	return found;
}

bool mongo_user_find(struct mongo_db *db, const char *id,
		     struct store_user *out)
{
	return find_user(db, DOC(ID("_id", id)), out);
}

bool mongo_user_signed_in(struct mongo_db *db, const char *id,
			  const char *session, int64_t ended,
			  struct store_user *out)
{
	return find_user(db,
			 DOC(ID("_id", id), BOOL("disabled", false),
			     MONGO_SIGNED_IN(session, ended)),
			 out);
}

bool mongo_user_verified(struct mongo_db *db, const char *id, const char *hash)
{
	return mongo_exists(db, IN_USER,
			    DOC(ID("_id", id), BOOL("disabled", false),
				TEXT_IF("passwordHash", hash)));
}

/* ---- names ---- */

/* Has somebody else, who lives, a username of this shape? */
static bool has_shape(struct mongo_db *db, const char *id, const char *shape,
		      int64_t now_ms)
{
	bson_t row;
	char owner[ID_SIZE];
	bool lives;

	if (shape == NULL || !mongo_find_one(db, IN_USER,
					     DOC(TEXT("nameShape", shape),
						 SUB("_id", ID("$ne", id))),
					     DOC(INT("role", 1)), &row))
		return false;
	mongo_read_id(&row, "_id", owner);
	lives = mongo_read_int(&row, "role") != ROLE_GUEST ||
		mongo_guest_lives(db, owner, now_ms);
	bson_destroy(&row);
	return lives;
}

static bool had_name(struct mongo_db *db, const char *id, const char *folded,
		     int64_t now_ms)
{
	return folded != NULL &&
	       mongo_exists(db, IN_USER,
			    DOC(SUB("oldNames",
				    SUB("$elemMatch", TEXT("name", folded),
					SUB("at",
					    INT("$gt",
						now_ms - STORE_NAME_KEPT_MS)))),
				SUB("_id", ID("$ne", id))));
}

const char *mongo_user_taken(struct mongo_db *db, const char *id,
			     const struct user_keys *keys, int64_t now_ms)
{
	if (has_shape(db, id, keys->name_shape, now_ms) ||
	    had_name(db, id, keys->name_folded, now_ms))
		return "username";
	if (keys->email != NULL && keys->email[0] != '\0' &&
	    mongo_exists(
		    db, IN_USER,
		    DOC(TEXT("email", keys->email), SUB("_id", ID("$ne", id)))))
		return "email";
	if (has_shape(db, id, keys->display_shape, now_ms))
		return "displayName";
	return NULL;
}

const char *mongo_user_duplicate(const struct mongo_db *db)
{
	const char *index = mongo_duplicate(db);

	if (index == NULL)
		return NULL;
	return strcmp(index, "email") == 0 ? "email" : "username";
}

/* ---- they come ---- */

static void insert_user(struct mongo_db *db, const struct store_user *user,
			const char *id, const struct user_keys *keys)
{
	mongo_insert(db, IN_USER,
		     DOC(ID("_id", id), TEXT("username", user->username),
			 TEXT("nameFolded", keys->name_folded),
			 TEXT("nameSeek", keys->name_seek),
			 TEXT("nameShape", keys->name_shape),
			 TEXT_IF("email", keys->email),
			 TEXT("displayName",
			      user->display_name ? user->display_name : ""),
			 TEXT("displaySeek", keys->display_seek),
			 TEXT("displayShape", keys->display_shape),
			 TEXT("avatar", user->avatar ? user->avatar : ""),
			 TEXT("statusText",
			      user->status_text ? user->status_text : ""),
			 TEXT_IF("passwordHash", user->password_hash),
			 INT("role", user->role), BOOL("disabled", false),
			 BOOL("contactsAdd", false), INT("mutedUntil", 0),
			 INT("own", 0), INT("createdAt", user->created_at),
			 INT("lastSeen", user->last_seen)));
}

/* Both before and after: the name may be given up by another just then. */
static const char *insert_checked(struct mongo_db *db,
				  const struct store_user *user, const char *id,
				  const struct user_keys *keys)
{
	const char *field = mongo_user_taken(db, "", keys, user->created_at);

	if (field != NULL)
		return field;
	mongo_guest_make_way(db, "", keys->name_shape, user->created_at);
	insert_user(db, user, id, keys);
	field = mongo_user_duplicate(db);
	if (field == NULL &&
	    had_name(db, id, keys->name_folded, user->created_at)) {
		mongo_delete(db, IN_USER, DOC(ID("_id", id)));
		field = "username";
	}
	return field;
}

enum store_status mongo_user_insert(struct mongo_db *db,
				    struct store_user *user, const char *id,
				    const char **field)
{
	struct user_keys keys;

	store_user_keys_new(user, &keys);
	*field = insert_checked(db, user, id, &keys);
	store_user_keys_done(&keys);
	if (*field == NULL && !db->failed)
		memcpy(user->id, id, ID_SIZE);
	return *field != NULL ? STORE_TAKEN : STORE_OK;
}

static enum store_status user_add(struct store *store, struct store_user *user,
				  const char **field)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_WRITE);
	char id[ID_SIZE];

	memcpy(id, user->id, ID_SIZE);
	if (id[0] == '\0')
		id_new(user->created_at, db->random, id);
	return mongo_end(db, mongo_user_insert(db, user, id, field));
}

/* ---- and are found ---- */

static enum store_status user_get(struct store *store, const char *id,
				  struct store_user *out)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);

	return mongo_end_found(db, mongo_user_find(db, id, out));
}

static enum store_status user_by_login(struct store *store, const char *login,
				       struct store_user *out)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);
	char *email = text_lower(login);
	char *name = text_fold(login);
	bool found = find_user(db,
			       strchr(email, '@') != NULL
				       ? DOC(TEXT("email", email))
				       : DOC(TEXT("nameFolded", name)),
			       out);

	free(email);
	free(name);
	return mongo_end_found(db, found);
}

/* ---- when they were seen ---- */

/* One behind now is of a clock that was ahead. */
static bson_t *seen_update(const struct store_seen *seen, int64_t now_ms)
{
	return mongo_bson(DOC(
		SUB("q", ID("_id", seen->user_id),
		    ARRAY("$or", SUB("", SUB("lastSeen", INT("$lt", seen->at))),
			  SUB("", SUB("lastSeen", INT("$gt", now_ms))))),
		SUB("u", SUB("$set", INT("lastSeen", seen->at)))));
}

static void seen_some(struct mongo_db *db, const struct store_seen *seen,
		      size_t count)
{
	const bson_t *updates[SEEN_AT_ONCE];
	int64_t now_ms = clock_now_ms();

	for (size_t i = 0; i < count; i++)
		updates[i] = seen_update(&seen[i], now_ms);
	mongo_update_each(db, IN_USER, updates, count);
	for (size_t i = 0; i < count; i++)
		bson_destroy((bson_t *)updates[i]);
}

static enum store_status user_seen(struct store *store,
				   const struct store_seen *seen, size_t count)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_WRITE);

	for (size_t i = 0; i < count; i += SEEN_AT_ONCE)
		seen_some(db, &seen[i],
			  count - i < SEEN_AT_ONCE ? count - i : SEEN_AT_ONCE);
	return mongo_end(db, STORE_OK);
}

const struct store_user_verbs mongo_user_verbs = {
	.add = user_add,
	.get = user_get,
	.by_login = user_by_login,
	.list = mongo_user_list,
	.accounts = mongo_user_accounts,
	.seen = user_seen,
};
