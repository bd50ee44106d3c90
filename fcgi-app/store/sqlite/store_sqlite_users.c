#include "store_sqlite.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "json.h"
#include "mem.h"
#include "store_words.h"
#include "text.h"

/* ---- users ---- */

static const char by_id[] =
	"SELECT " COLUMNS_OF(USER_COLUMNS) " FROM user u WHERE id = ?";
static const char by_name[] = "SELECT " COLUMNS_OF(
	USER_COLUMNS) " FROM user u WHERE username_folded = ?";
static const char by_email[] =
	"SELECT " COLUMNS_OF(USER_COLUMNS) " FROM user u WHERE email = ?";

/* Any of the three; a key that is NULL finds nobody. */
static bool find_user(struct sqlite_db *db, const char *sql,
		      struct query_param key, struct store_user *out)
{
	struct query q = QUERY(db, sql, key);
	bool found = query_row(&q);

	if (found) {
		sqlite_user_row(&q, 0, out);
		store_user_own(out);
	}
	query_close(&q);
	return found;
}

bool sqlite_user_find(struct sqlite_db *db, const char *id,
		      struct store_user *out)
{
	return find_user(db, by_id, ID(id), out);
}

bool sqlite_user_verified(struct sqlite_db *db, const char *id,
			  const char *hash)
{
	static const char sql[] =
		"SELECT 1 FROM user WHERE id = ?1 AND disabled = 0"
		" AND (?2 IS NULL OR password_hash = ?2)";

	return QUERY_INT(db, sql, ID(id), TEXT(hash));
}

static void insert_user(struct sqlite_db *db, const struct store_user *user,
			const struct user_keys *keys)
{
	static const char sql[] =
		"INSERT INTO user (id, username, username_folded, name_seek,"
		" name_shape, email, display_name, display_seek, avatar,"
		" status_text, password_hash, role, created_at, last_seen)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

	QUERY_RUN(db, sql, ID(user->id), TEXT(user->username),
		  TEXT(keys->name_folded), TEXT(keys->name_seek),
		  TEXT(keys->name_shape), TEXT(user->email),
		  TEXT(user->display_name ? user->display_name : ""),
		  TEXT(keys->display_seek),
		  TEXT(user->avatar ? user->avatar : ""),
		  TEXT(user->status_text ? user->status_text : ""),
		  TEXT(user->password_hash), INT(user->role),
		  INT(user->created_at), INT(user->last_seen));
}

const char *sqlite_user_taken(struct sqlite_db *db, const char *id,
			      const struct user_keys *keys, int64_t now_ms)
{
	/* A guest without a session is nobody. */
	static const char shape[] =
		"SELECT count(*) FROM user WHERE name_shape = ? AND id <> ?"
		" AND (role <> 2 OR EXISTS (SELECT 1 FROM session"
		"  WHERE user_id = user.id AND expires_at > ?))";
	static const char old_name[] =
		"SELECT count(*) FROM old_name"
		" WHERE name_folded = ? AND user_id <> ? AND at > ?";
	static const char email[] =
		"SELECT count(*) FROM user WHERE email = ? AND id <> ?";

	if (QUERY_INT(db, shape, TEXT(keys->name_shape), ID(id), INT(now_ms)) >
		    0 ||
	    QUERY_INT(db, old_name, TEXT(keys->name_folded), ID(id),
		      INT(now_ms - STORE_NAME_KEPT_MS)) > 0)
		return "username";
	if (QUERY_INT(db, email, TEXT(keys->email), ID(id)) > 0)
		return "email";
	if (QUERY_INT(db, shape, TEXT(keys->display_shape), ID(id),
		      INT(now_ms)) > 0)
		return "displayName";
	return NULL;
}

enum store_status sqlite_user_insert(struct sqlite_db *db,
				     struct store_user *user,
				     const char **field)
{
	struct user_keys keys;

	store_user_keys_new(user, &keys);
	*field = sqlite_user_taken(db, "", &keys, user->created_at);
	if (*field == NULL) {
		sqlite_guest_make_way(db, "", keys.name_shape,
				      user->created_at);
		if (user->id[0] == '\0')
			id_new(user->created_at, db->random, user->id);
		insert_user(db, user, &keys);
	}
	store_user_keys_done(&keys);
	return *field != NULL ? STORE_TAKEN : STORE_OK;
}

static enum store_status user_add(struct store *store, struct store_user *user,
				  const char **field)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);

	return sqlite_end(db, sqlite_user_insert(db, user, field));
}

static enum store_status read_user(struct store *store, const char *sql,
				   struct query_param key,
				   struct store_user *out)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);

	return sqlite_end_found(db, find_user(db, sql, key, out));
}

static enum store_status user_get(struct store *store, const char *id,
				  struct store_user *out)
{
	return read_user(store, by_id, ID(id), out);
}

static enum store_status user_by_login(struct store *store, const char *login,
				       struct store_user *out)
{
	char *key = text_lower(login);
	const char *sql = by_email;

	if (strchr(key, '@') == NULL) {
		free(key);
		key = text_fold(login);
		sql = by_name;
	}
	enum store_status status = read_user(store, sql, TEXT(key), out);

	free(key);
	return status;
}

/* ---- the directory ---- */

/* ?1 words as JSON or NULL, ?2 id to leave out or NULL, ?3 online ids as
 * JSON, ?4 whether guests of them are listed. These are no part of the index of
 * those who always are, and are found by their ids. */
#define MATCHING                                                               \
	" AND disabled = 0 AND " SQLITE_HAS_WORDS                              \
	" AND (?2 IS NULL OR id <> ?2)"
#define IS_ONLINE "id IN (SELECT palabre_id(value) FROM json_each(?3))"
#define LISTED " FROM user u WHERE role <> 2" MATCHING
#define ONLINE " FROM user u WHERE (role <> 2 OR ?4)" MATCHING " AND " IS_ONLINE
#define GUESTS " FROM user u WHERE ?4 AND role = 2" MATCHING " AND " IS_ONLINE
#define BY_NAME "SELECT " COLUMNS_OF(USER_SHOWN_COLUMNS) ", username_folded"
#define BEHIND " AND username_folded > ?6"
#define IN_ORDER " ORDER BY username_folded LIMIT ?5"
#define PAGED IN_ORDER " OFFSET ?6"

struct listing {
	char *words; /* ["word",...], or NULL: all */
	const char *except;
	char *online; /* ["id",...] */
	bool guests;
};
/* ?1 to ?4 */
#define LISTING(l)                                                             \
	TEXT((l)->words), ID((l)->except), TEXT((l)->online), INT((l)->guests)

bool sqlite_words_of(const char *text, char **out)
{
	struct store_words words;
	bool any = store_words_read(text, &words);
	struct json_object *array = json_new_array();
	size_t len;

	for (size_t i = 0; i < words.count; i++)
		json_push(array, json_new_string(words.word[i]));
	*out = xstrdup(json_print(array, &len));
	json_free(array);
	store_words_done(&words);
	return any;
}

static char *as_json(const char *const *ids, size_t count)
{
	struct buf buf;

	buf_init(&buf, count * (ID_LEN + 3) + 2);
	buf_adds(&buf, "[");
	for (size_t i = 0; i < count; i++)
		if (id_valid(ids[i]))
			buf_addf(&buf, "%s\"%s\"", buf.len > 1 ? "," : "",
				 ids[i]);
	buf_adds(&buf, "]");
	return buf_take(&buf);
}

static size_t each_row(struct query q, store_each_user *each, void *context)
{
	struct store_user user;
	size_t count = 0;

	for (; query_row(&q); count++) {
		sqlite_user_shown_row(&q, 0, &user);
		each(&user, context);
	}
	return count;
}

static size_t each_listing(struct sqlite_db *db, const char *sql,
			   const struct listing *listing, size_t limit,
			   size_t offset, store_each_user *each, void *context)
{
	return each_row(
		QUERY(db, sql, LISTING(listing), INT(limit), INT(offset)), each,
		context);
}

static void list_behind(struct sqlite_db *db, const struct listing *listing,
			const struct store_user_query *query,
			store_each_user *each, void *context)
{
	static const char sql[] = BY_NAME LISTED BEHIND
		" UNION ALL " BY_NAME GUESTS BEHIND IN_ORDER;
	char *name = text_fold(query->after);

	each_row(
		QUERY(db, sql, LISTING(listing), INT(query->limit), TEXT(name)),
		each, context);
	free(name);
}

/* Two ordered lists, one behind the other, instead of one that is sorted
 * anew for every page. */
static void list_page(struct sqlite_db *db, const struct listing *listing,
		      const struct store_user_query *query,
		      store_each_user *each, void *context)
{
	static const char count_online[] = "SELECT count(*)" ONLINE;
	static const char online[] =
		"SELECT " COLUMNS_OF(USER_SHOWN_COLUMNS) ONLINE PAGED;
	static const char others[] = "SELECT " COLUMNS_OF(USER_SHOWN_COLUMNS)
		LISTED " AND NOT " IS_ONLINE PAGED;
	size_t first = 0, taken = 0;

	if (query->online_count > 0) {
		first = (size_t)QUERY_INT(db, count_online, LISTING(listing));
		if (query->offset < first)
			taken = each_listing(db, online, listing, query->limit,
					     query->offset, each, context);
	}
	if (taken < query->limit)
		each_listing(db, others, listing, query->limit - taken,
			     query->offset > first ? query->offset - first : 0,
			     each, context);
}

static enum store_status user_list(struct store *store,
				   const struct store_user_query *query,
				   store_each_user *each, void *context,
				   int64_t *total)
{
	static const char count_all[] = "SELECT count(*)" LISTED;
	static const char count_guests[] = "SELECT count(*)" GUESTS;
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	bool all = query->text == NULL || query->text[0] == '\0';
	struct listing listing = {
		.except = query->except,
		.online = as_json(query->online, query->online_count),
		.guests = query->guests,
	};

	if (total != NULL)
		*total = 0;
	if (all || sqlite_words_of(query->text, &listing.words)) {
		if (total != NULL)
			*total = QUERY_INT(db, count_all, TEXT(listing.words),
					   ID(query->except));
		if (total != NULL && query->guests)
			*total +=
				QUERY_INT(db, count_guests, LISTING(&listing));
		if (query->after != NULL)
			list_behind(db, &listing, query, each, context);
		else
			list_page(db, &listing, query, each, context);
	}
	free(listing.words);
	free(listing.online);
	return sqlite_end(db, STORE_OK);
}

static void each_account(struct query q, store_each_user *each, void *context)
{
	struct store_user user;

	while (query_row(&q)) {
		sqlite_user_row(&q, 0, &user);
		user.password_hash = NULL;
		each(&user, context);
	}
}

static enum store_status user_accounts(struct store *store,
				       const struct store_user_query *query,
				       store_each_user *each, void *context)
{
	static const char sql[] = "SELECT " COLUMNS_OF(
		USER_COLUMNS) " FROM user u WHERE " SQLITE_HAS_WORDS
			      " AND id <> ?2"
			      " AND username_folded > ?3 ORDER BY "
			      "username_folded LIMIT ?4";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	bool all = query->text == NULL || query->text[0] == '\0';
	char *after = text_fold(query->after != NULL ? query->after : "");
	char *words = NULL;

	if (all || sqlite_words_of(query->text, &words))
		each_account(QUERY(db, sql, TEXT(words), ID(ID_SERVER),
				   TEXT(after), INT(query->limit)),
			     each, context);
	free(words);
	free(after);
	return sqlite_end(db, STORE_OK);
}

/* ---- when they were seen ---- */

static enum store_status user_seen(struct store *store,
				   const struct store_seen *seen, size_t count)
{
	/* One behind now is of a clock that was ahead. */
	static const char sql[] = "UPDATE user SET last_seen = ?2 WHERE id = ?1"
				  " AND (last_seen < ?2 OR last_seen > ?3)";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);
	int64_t now_ms = clock_now_ms();

	for (size_t i = 0; i < count; i++)
		QUERY_RUN(db, sql, ID(seen[i].user_id), INT(seen[i].at),
			  INT(now_ms));
	return sqlite_end(db, STORE_OK);
}

const struct store_user_verbs sqlite_user_verbs = {
	.add = user_add,
	.get = user_get,
	.by_login = user_by_login,
	.list = user_list,
	.accounts = user_accounts,
	.seen = user_seen,
};
