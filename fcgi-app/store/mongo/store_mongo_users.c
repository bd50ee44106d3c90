/* Who there is. */
#include "store_mongo.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "mem.h"
#include "text.h"

#define WORDS_MAX 32 /* of what is sought */
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

void mongo_user_keys(const char *username, const char *email,
		     const char *display_name, struct user_keys *out)
{
	*out = (struct user_keys){0};
	if (username != NULL) {
		out->name_folded = text_fold(username);
		out->name_seek = text_seek(username);
		out->name_shape = text_shape(username);
	}
	if (email != NULL)
		out->email = text_lower(email);
	if (display_name != NULL) {
		out->display_seek = text_seek(display_name);
		out->display_shape = text_shape(display_name);
	}
}

void mongo_user_keys_done(struct user_keys *keys)
{
	free(keys->name_folded);
	free(keys->name_seek);
	free(keys->name_shape);
	free(keys->email);
	free(keys->display_seek);
	free(keys->display_shape);
}

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
						now_ms - MONGO_NAME_KEPT_MS)))),
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

	mongo_user_keys(user->username, user->email,
			user->display_name ? user->display_name : "", &keys);
	if (user->email != NULL) {
		free(user->email);
		user->email = xstrdup(keys.email);
	}
	*field = insert_checked(db, user, id, &keys);
	mongo_user_keys_done(&keys);
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

/* ---- the directory ---- */

/* What is sought, for a regular expression. */
static char *quoted(const char *word)
{
	struct buf buf;

	buf_init(&buf, 2 * strlen(word) + 1);
	for (; *word != '\0'; word++) {
		if (strchr("\\^$.|?*+()[]{}-/#", *word) != NULL)
			buf_adds(&buf, "\\");
		buf_add(&buf, word, 1);
	}
	return buf_take(&buf);
}

static bool is_among(char *const *words, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(words[i], word) == 0)
			return true;
	}
	return false;
}

/* Each word once; how many, at most WORDS_MAX + 1. */
static size_t split_words(char *text, char *out[WORDS_MAX + 1])
{
	char *next = text[0] != '\0' ? text : NULL;
	size_t count = 0;

	while (next != NULL && count <= WORDS_MAX) {
		char *word = strsep(&next, " ");

		if (!is_among(out, count, word))
			out[count++] = word;
	}
	return count;
}

/* One of the two names has it. */
static bson_t *word_filter(const char *word)
{
	char *pattern = quoted(word);
	bson_t *filter = mongo_bson(DOC(
		ARRAY("$or", SUB("", SUB("nameSeek", TEXT("$regex", pattern))),
		      SUB("", SUB("displaySeek", TEXT("$regex", pattern))))));

	free(pattern);
	return filter;
}

bool mongo_words(const char *text, bson_t *out)
{
	char *words[WORDS_MAX + 1];
	const bson_t *each[WORDS_MAX + 1];
	char *sought;
	size_t count;

	bson_init(out);
	if (text == NULL || text[0] == '\0')
		return true;
	sought = text_seek(text);
	count = split_words(sought, words);
	for (size_t i = 0; i < count; i++)
		each[i] = word_filter(words[i]);
	if (count > 0)
		mongo_bson_add(out, DOC(DOCS("$and", each, count)));
	for (size_t i = 0; i < count; i++)
		bson_destroy((bson_t *)each[i]);
	free(sought);
	return count > 0 && count <= WORDS_MAX;
}

struct listing {
	const struct store_user_query *query;
	const char *except; /* "": nobody */
	bson_t words;
};

/* Who is listed: the condition of the index of that name. */
#define LISTED(l)                                                              \
	BOOL("disabled", false), SUB("role", INT("$lt", ROLE_GUEST)),          \
		ALL(&(l)->words)
#define NOT_EXCEPT(l) ID("$ne", (l)->except)
#define ONLINE(how, l) IDS(how, (l)->query->online, (l)->query->online_count)

static size_t list_part(struct mongo_db *db, const struct mongo_field *filter,
			size_t skip, size_t limit, store_each_user *each,
			void *context)
{
	struct mongo_rows rows =
		mongo_find(db, IN_USER,
			   &(struct mongo_find){
				   .filter = filter,
				   .fields = mongo_user_shown,
				   .sort = DOC(INT("nameFolded", 1)),
				   .skip = skip,
				   .limit = limit,
			   });
	size_t count = 0;

	for (; mongo_next(&rows); count++) {
		struct store_user user;

		mongo_user_shown_read(rows.row, &user);
		each(&user, context);
		store_user_done(&user);
	}
	return count;
}

static void list_behind(struct mongo_db *db, const struct listing *l,
			store_each_user *each, void *context)
{
	char *after = text_fold(l->query->after);

	list_part(db,
		  DOC(LISTED(l), SUB("_id", NOT_EXCEPT(l)),
		      SUB("nameFolded", TEXT("$gt", after))),
		  0, l->query->limit, each, context);
	free(after);
}

/* Two ordered lists, one behind the other, instead of one that is sorted
 * anew for every page. */
static void list_page(struct mongo_db *db, const struct listing *l,
		      store_each_user *each, void *context)
{
	const struct store_user_query *query = l->query;
	const struct mongo_field *online =
		DOC(LISTED(l), SUB("_id", NOT_EXCEPT(l), ONLINE("$in", l)));
	size_t first = 0, taken = 0;

	if (query->online_count > 0) {
		first = (size_t)mongo_count(db, IN_USER, online, 0);
		if (query->offset < first)
			taken = list_part(db, online, query->offset,
					  query->limit, each, context);
	}
	if (taken < query->limit)
		list_part(db,
			  DOC(LISTED(l),
			      SUB("_id", NOT_EXCEPT(l), ONLINE("$nin", l))),
			  query->offset > first ? query->offset - first : 0,
			  query->limit - taken, each, context);
}

static enum store_status user_list(struct store *store,
				   const struct store_user_query *query,
				   store_each_user *each, void *context,
				   int64_t *total)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);
	struct listing l = {
		.query = query,
		.except = query->except != NULL ? query->except : "",
	};
	bool any = mongo_words(query->text, &l.words);

	if (total != NULL)
		*total = !any ? 0
			      : mongo_count(db, IN_USER,
					    DOC(LISTED(&l),
						SUB("_id", NOT_EXCEPT(&l))),
					    0);
	if (any && query->limit > 0 && query->after != NULL)
		list_behind(db, &l, each, context);
	else if (any && query->limit > 0)
		list_page(db, &l, each, context);
	bson_destroy(&l.words);
	return mongo_end(db, STORE_OK);
}

static void each_account(struct mongo_rows rows, store_each_user *each,
			 void *context)
{
	struct store_user user;

	while (mongo_next(&rows)) {
		mongo_user_read(rows.row, &user);
		each(&user, context);
		store_user_done(&user);
	}
}

static enum store_status user_accounts(struct store *store,
				       const struct store_user_query *query,
				       store_each_user *each, void *context)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);
	char *after = text_fold(query->after != NULL ? query->after : "");
	bson_t words;
	struct mongo_find find = {
		.filter = DOC(ALL(&words), SUB("_id", ID("$ne", ID_SERVER)),
			      SUB("nameFolded", TEXT("$gt", after))),
		.fields = DOC(INT("passwordHash", 0), INT("mine", 0)),
		.sort = DOC(INT("nameFolded", 1)),
		.limit = query->limit,
	};

	if (mongo_words(query->text, &words) && query->limit > 0)
		each_account(mongo_find(db, IN_USER, &find), each, context);
	bson_destroy(&words);
	free(after);
	return mongo_end(db, STORE_OK);
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
	.list = user_list,
	.accounts = user_accounts,
	.seen = user_seen,
};
