#include "store_sqlite.h"

#include <string.h>

#include "buf.h"
#include "mem.h"
#include "text.h"

/* ---- users ---- */

static const char by_id[] = "SELECT " USER_COLUMNS " FROM user u WHERE id = ?";
static const char by_name[] =
	"SELECT " USER_COLUMNS " FROM user u WHERE username_folded = ?";
static const char by_email[] =
	"SELECT " USER_COLUMNS " FROM user u WHERE email = ?";

/* Any of the three; key NULL finds nobody. */
static bool find_user(struct sqlite_db *db, const char *sql, const char *key,
		      struct store_user *out)
{
	struct query q;
	bool found;

	query_open(&q, db, sql);
	query_bind_text(&q, key);
	found = query_row(&q);
	if (found) {
		sqlite_user_row(&q, 0, out);
		sqlite_user_own(out);
	}
	query_close(&q);
	return found;
}

static bool user_exists(struct sqlite_db *db, const char *sql, const char *key)
{
	struct query q;
	bool found;

	query_open(&q, db, sql);
	query_bind_text(&q, key);
	found = query_row(&q);
	query_close(&q);
	return found;
}

bool sqlite_user_active(struct sqlite_db *db, const char *id)
{
	static const char sql[] =
		"SELECT 1 FROM user WHERE id = ? AND disabled = 0";

	return user_exists(db, sql, id);
}

static void insert_user(struct sqlite_db *db, const struct store_user *user,
			const char *name_folded)
{
	static const char sql[] =
		"INSERT INTO user (id, username, username_folded, email,"
		" display_name, display_folded, avatar, status_text,"
		" password_hash, role, created_at, last_seen)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
	const char *display = user->display_name ? user->display_name : "";
	char *display_folded = text_fold(display);
	struct query q;

	query_open(&q, db, sql);
	query_bind_text(&q, user->id);
	query_bind_text(&q, user->username);
	query_bind_text(&q, name_folded);
	query_bind_text(&q, user->email);
	query_bind_text(&q, display);
	query_bind_text(&q, display_folded);
	query_bind_text(&q, user->avatar ? user->avatar : "");
	query_bind_text(&q, user->status_text ? user->status_text : "");
	query_bind_text(&q, user->password_hash);
	query_bind_int(&q, (int64_t)user->role);
	query_bind_int(&q, user->created_at);
	query_bind_int(&q, user->last_seen);
	query_run(&q);
	free(display_folded);
}

enum store_status sqlite_user_add(struct store *store, struct store_user *user,
				  const char **field)
{
	struct sqlite_db *db = store_sqlite_db(store);
	enum store_status status = sqlite_db_begin(db, ACCESS_WRITE);
	char *name = text_fold(user->username);

	*field = NULL;
	if (status != STORE_OK)
		goto out;
	if (user->email != NULL) {
		char *email = text_fold(user->email);

		free(user->email);
		user->email = email;
	}
	if (user_exists(db, by_name, name))
		*field = "username";
	else if (user->email != NULL && user_exists(db, by_email, user->email))
		*field = "email";
	if (*field == NULL) {
		store_new_id(store, user->created_at, user->id);
		insert_user(db, user, name);
	}
	status = sqlite_db_end(db, *field != NULL ? STORE_TAKEN : STORE_OK);
out:
	free(name);
	return status;
}

static enum store_status read_user(struct store *store, const char *sql,
				   const char *key, struct store_user *out)
{
	struct sqlite_db *db = store_sqlite_db(store);
	enum store_status status = sqlite_db_begin(db, ACCESS_READ);

	if (status != STORE_OK)
		return status;
	bool found = find_user(db, sql, key, out);

	return sqlite_db_end(db, found ? STORE_OK : STORE_NOT_FOUND);
}

enum store_status sqlite_user_get(struct store *store, const char *id,
				  struct store_user *out)
{
	return read_user(store, by_id, id, out);
}

enum store_status sqlite_user_by_login(struct store *store, const char *login,
				       struct store_user *out)
{
	char *folded = text_fold(login);
	bool is_email = strchr(folded, '@') != NULL;
	enum store_status status =
		read_user(store, is_email ? by_email : by_name, folded, out);

	free(folded);
	return status;
}

/* ---- the directory ---- */

/* ?1 text or NULL, ?2 id to leave out or NULL, ?3 online ids as JSON. */
#define LISTED                                                                 \
	" FROM user u WHERE role <> 2 AND disabled = 0"                        \
	" AND (?1 IS NULL OR instr(username_folded, ?1)"                       \
	"  OR instr(display_folded, ?1))"                                      \
	" AND (?2 IS NULL OR id <> ?2)"
#define IS_ONLINE "id IN (SELECT value FROM json_each(?3))"
#define PAGED " ORDER BY username_folded LIMIT ?4 OFFSET ?5"

struct listing {
	const char *text; /* folded; NULL: all */
	const char *except;
	char *online; /* ["id",...] */
};

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

static void open_listing(struct query *q, struct sqlite_db *db, const char *sql,
			 const struct listing *listing)
{
	query_open(q, db, sql);
	query_bind_text(q, listing->text);
	query_bind_text(q, listing->except);
	query_bind_text(q, listing->online);
}

static int64_t count_listing(struct sqlite_db *db, const char *sql,
			     const struct listing *listing)
{
	struct query q;
	int64_t count = 0;

	open_listing(&q, db, sql, listing);
	if (query_row(&q))
		count = query_int(&q, 0);
	query_close(&q);
	return count;
}

static size_t each_listing(struct sqlite_db *db, const char *sql,
			   const struct listing *listing, size_t limit,
			   size_t offset, store_each_user *each, void *context)
{
	struct store_user user;
	struct query q;
	size_t count = 0;

	open_listing(&q, db, sql, listing);
	query_bind_int(&q, (int64_t)limit);
	query_bind_int(&q, (int64_t)offset);
	for (; query_row(&q); count++) {
		sqlite_user_shown_row(&q, 0, &user);
		each(&user, context);
	}
	query_close(&q);
	return count;
}

/* Two ordered lists, one behind the other, instead of one that is sorted
 * anew for every page. */
static void list_page(struct sqlite_db *db, const struct listing *listing,
		      const struct store_user_query *query,
		      store_each_user *each, void *context)
{
	static const char count_online[] =
		"SELECT count(*)" LISTED " AND " IS_ONLINE;
	static const char online[] =
		"SELECT " USER_SHOWN_COLUMNS LISTED " AND " IS_ONLINE PAGED;
	static const char others[] =
		"SELECT " USER_SHOWN_COLUMNS LISTED " AND NOT " IS_ONLINE PAGED;
	size_t first = 0, taken = 0;

	if (query->online_count > 0) {
		first = (size_t)count_listing(db, count_online, listing);
		if (query->offset < first)
			taken = each_listing(db, online, listing, query->limit,
					     query->offset, each, context);
	}
	if (taken < query->limit)
		each_listing(db, others, listing, query->limit - taken,
			     query->offset > first ? query->offset - first : 0,
			     each, context);
}

enum store_status sqlite_user_list(struct store *store,
				   const struct store_user_query *query,
				   store_each_user *each, void *context,
				   int64_t *total)
{
	static const char count_all[] =
		"SELECT count(*)" LISTED " AND ?3 IS NOT NULL";
	struct sqlite_db *db = store_sqlite_db(store);
	enum store_status status = sqlite_db_begin(db, ACCESS_READ);

	if (status != STORE_OK)
		return status;
	char *text = query->text != NULL ? text_fold(query->text) : NULL;
	struct listing listing = {
		.text = text,
		.except = query->except,
		.online = as_json(query->online, query->online_count),
	};

	if (total != NULL)
		*total = count_listing(db, count_all, &listing);
	list_page(db, &listing, query, each, context);
	free(listing.online);
	free(text);
	return sqlite_db_end(db, STORE_OK);
}

/* ---- small writes ---- */

enum store_status sqlite_last_seen(struct store *store,
				   const struct store_seen *seen, size_t count)
{
	static const char sql[] = "UPDATE user SET last_seen = ?2"
				  " WHERE id = ?1 AND last_seen < ?2";
	struct sqlite_db *db = store_sqlite_db(store);
	enum store_status status = sqlite_db_begin(db, ACCESS_WRITE);
	struct query q;

	if (status != STORE_OK)
		return status;
	for (size_t i = 0; i < count; i++) {
		query_open(&q, db, sql);
		query_bind_text(&q, seen[i].user_id);
		query_bind_int(&q, seen[i].at);
		query_run(&q);
	}
	return sqlite_db_end(db, STORE_OK);
}

enum store_status sqlite_user_failures(struct store *store, const char *id,
				       int64_t failures, int64_t locked_until)
{
	/* Counted here, so that two wrong passwords at once count as two. */
	static const char sql[] =
		"UPDATE user SET locked_until = ?3,"
		" failures = iif(?2 = 0, 0, max(?2, failures + 1))"
		" WHERE id = ?1 RETURNING 1";
	struct sqlite_db *db = store_sqlite_db(store);
	enum store_status status = sqlite_db_begin(db, ACCESS_WRITE);
	struct query q;

	if (status != STORE_OK)
		return status;
	query_open(&q, db, sql);
	query_bind_text(&q, id);
	query_bind_int(&q, failures);
	query_bind_int(&q, locked_until);
	status = query_row(&q) ? STORE_OK : STORE_NOT_FOUND;
	query_close(&q);
	return sqlite_db_end(db, status);
}
