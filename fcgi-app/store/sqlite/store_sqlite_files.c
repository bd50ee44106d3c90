#include "store_sqlite.h"

#include <string.h>

#include "mem.h"
#include "sqlite_clock.h"
#include "sqlite_members.h"

/* Of a file that was forwarded more often than this, each of the viewer's
 * conversations is asked for it, rather than each message whose it is. */
#define LOOKED_AT 100

static void file_row(const struct query *q, int at, struct store_file *out)
{
	*out = (struct store_file){
		.name = query_text(q, at + f_name),
		.mime = query_text(q, at + f_mime),
		.size = query_int(q, at + f_size),
		.width = query_int(q, at + f_width),
		.height = query_int(q, at + f_height),
		.duration_ms = query_int(q, at + f_duration),
		.preview = query_int(q, at + f_preview) != 0,
		.created_at = query_int(q, at + f_created_at),
	};
	query_id(q, at + f_id, out->id);
	query_id(q, at + f_owner, out->owner);
	memccpy(out->hash, query_text(q, at + f_hash), '\0', sizeof(out->hash));
}

bool sqlite_file_find(struct sqlite_db *db, const char *id,
		      struct store_file *out)
{
	static const char sql[] = "SELECT " COLUMNS_OF(
		FILE_COLUMNS) " FROM file f WHERE f.id = ?";
	struct query q = QUERY(db, sql, ID(id));
	bool found = query_row(&q);

	*out = (struct store_file){.id = ""};
	if (found) {
		file_row(&q, 0, out);
		out->name = xstrdup(out->name);
		out->mime = xstrdup(out->mime);
	}
	query_close(&q);
	return found;
}

/* ---- who may read it ---- */

static bool is_avatar(struct sqlite_db *db, const char *id)
{
	static const char sql[] = "SELECT 1 FROM user WHERE avatar = ?"
				  " AND length(avatar) = 24 LIMIT 1";

	return QUERY_INT(db, sql, TEXT(id)) != 0;
}

/* Does the viewer see that message? The row is its conversation and its seq. */
static bool is_seen(struct sqlite_db *db, const struct query *row,
		    const struct store_viewer *viewer)
{
	struct sqlite_conversation c;
	char conversation[ID_SIZE];
	int64_t first;

	query_id(row, 0, conversation);
	if (!sqlite_conversation_find(db, conversation, &c))
		return false;
	first = sqlite_sight(db, &c, viewer);
	return first > 0 && query_int(row, 1) >= first;
}

#define UNHIDDEN                                                               \
	" JOIN message m ON m.place = a.place"                                 \
	"  AND (m.hidden = 0 OR m.sender = ?2)"

/* In those that are theirs, or by role, the newest message that names it. */
static bool is_seen_among_theirs(struct sqlite_db *db,
				 const struct store_viewer *viewer,
				 const char *id)
{
	static const char sql[] =
		"SELECT i.conversation, named.place & 4294967295"
		" FROM (SELECT conversation, n FROM inbox"
		"   WHERE user_id = ?2 OR user_id = ?3"
		"  UNION ALL SELECT id, n FROM conversation WHERE id = ?4) i"
		" JOIN attached named ON named.file = ?1"
		"  AND named.place = (SELECT a.place FROM attached a" UNHIDDEN
		"   WHERE a.file = ?1 AND a.place BETWEEN i.n << 32"
		"    AND (i.n << 32 | 4294967295)"
		"   ORDER BY a.place DESC LIMIT 1)";
	bool operates = viewer->role == ROLE_OPERATOR;
	struct query q =
		QUERY(db, sql, ID(id), ID(viewer->id),
		      ID(operates ? ID_SERVER : viewer->id), ID(ID_LOBBY));
	bool seen = false;

	while (!seen && query_row(&q))
		seen = is_seen(db, &q, viewer);
	query_close(&q);
	return seen;
}

/* Does a message that the viewer sees name it? Mostly there is one. */
static bool is_named(struct sqlite_db *db, const struct store_viewer *viewer,
		     const char *id)
{
	static const char sql[] =
		"SELECT c.id, a.place & 4294967295 FROM attached a" UNHIDDEN
		" JOIN conversation c ON c.n = a.place >> 32"
		" WHERE a.file = ?1 LIMIT ?3";
	struct query q = QUERY(db, sql, ID(id), ID(viewer->id), INT(LOOKED_AT));
	int64_t looked = 0;
	bool seen = false;

	for (; !seen && query_row(&q); looked++)
		seen = is_seen(db, &q, viewer);
	query_close(&q);
	return seen ||
	       (looked == LOOKED_AT && is_seen_among_theirs(db, viewer, id));
}

/* Does a group of theirs show it? */
static bool is_picture(struct sqlite_db *db, const struct store_viewer *viewer,
		       const char *id)
{
	static const char sql[] =
		"SELECT 1 FROM conversation c"
		" JOIN member g ON g.n = c.n AND g.user_id = ?2"
		" WHERE c.avatar = ?1 AND length(c.avatar) = 24 LIMIT 1";

	return QUERY_INT(db, sql, TEXT(id), ID(viewer->id)) != 0;
}

bool sqlite_file_readable(struct sqlite_db *db,
			  const struct store_viewer *viewer,
			  const struct store_file *file)
{
	return strcmp(file->owner, viewer->id) == 0 ||
	       is_avatar(db, file->id) || is_named(db, viewer, file->id) ||
	       is_picture(db, viewer, file->id);
}

enum store_status sqlite_file_shows(struct sqlite_db *db,
				    const struct store_viewer *viewer,
				    const char *avatar)
{
	enum store_status status = STORE_NOT_FOUND;
	struct store_file file;

	if (avatar == NULL || !id_valid(avatar))
		return STORE_OK;
	if (sqlite_file_find(db, avatar, &file) &&
	    sqlite_file_readable(db, viewer, &file))
		status = store_file_is_picture(&file) ? STORE_OK
						      : STORE_NO_PICTURE;
	store_file_done(&file);
	return status;
}

static enum store_status file_get(struct store *store,
				  const struct store_viewer *viewer,
				  const char *id, struct store_file *out)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	bool found = sqlite_file_find(db, id, out) &&
		     sqlite_file_readable(db, viewer, out);

	return sqlite_end_found(db, found);
}

static enum store_status file_own(struct store *store,
				  const struct store_viewer *viewer,
				  const char *after, size_t limit,
				  store_each_file *each, void *context)
{
	static const char sql[] = "SELECT " COLUMNS_OF(
		FILE_COLUMNS) " FROM file f WHERE f.owner = ? AND f.id > ?"
			      " ORDER BY f.id LIMIT ?";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	struct query q = QUERY(db, sql, ID(viewer->id), ID(after), INT(limit));

	while (query_row(&q)) {
		struct store_file file;

		file_row(&q, 0, &file);
		each(&file, context);
	}
	return sqlite_end(db, STORE_OK);
}

/* ---- they come ---- */

static int64_t size_of_all(struct sqlite_db *db, const char *owner)
{
	static const char sql[] =
		"SELECT coalesce(sum(size), 0) FROM file WHERE owner = ?";

	return QUERY_INT(db, sql, ID(owner));
}

static enum store_status file_room(struct store *store, const char *owner,
				   int64_t size, int64_t quota)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	bool fits = size_of_all(db, owner) + size <= quota;

	return sqlite_end(db, fits ? STORE_OK : STORE_FULL);
}

static enum store_status file_add(struct store *store, struct store_file *file,
				  int64_t quota)
{
	static const char sql[] =
		"INSERT INTO file (id, owner, hash, name, mime, size, width,"
		" height, duration, preview, created_at)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);

	if (size_of_all(db, file->owner) + file->size > quota)
		return sqlite_end(db, STORE_FULL);
	sqlite_clock_next(db, file->created_at, file->id);
	QUERY_RUN(db, sql, ID(file->id), ID(file->owner), TEXT(file->hash),
		  TEXT(file->name), TEXT(file->mime), INT(file->size),
		  INT(file->width), INT(file->height), INT(file->duration_ms),
		  INT(file->preview), INT(file->created_at));
	db->kill_points = true;
	return sqlite_end(db, STORE_OK);
}

/* ---- and go ---- */

#define IS_UNUSED                                                              \
	" AND NOT EXISTS (SELECT 1 FROM attached WHERE file = f.id)"           \
	" AND NOT EXISTS (SELECT 1 FROM user"                                  \
	"  WHERE avatar = lower(hex(f.id)) AND length(avatar) = 24)"           \
	" AND NOT EXISTS (SELECT 1 FROM conversation"                          \
	"  WHERE avatar = lower(hex(f.id)) AND length(avatar) = 24)"

/* Of the next ones. Answers how many of them are to go. */
static size_t look_for_unused(struct sqlite_db *db,
			      struct store_file_sweep *sweep,
			      char unused[][ID_SIZE])
{
	static const char sql[] =
		"SELECT f.id, f.created_at < ?2" IS_UNUSED
		" FROM file f WHERE f.id > ?1 ORDER BY f.id LIMIT ?3";
	char after[ID_SIZE];
	size_t looked = 0, count = 0;

	id_floor(0, after);
	if (sweep->after[0] != '\0')
		memcpy(after, sweep->after, ID_SIZE);

	struct query q = QUERY(db, sql, ID(after), INT(sweep->before_ms),
			       INT(sweep->limit));

	while (query_row(&q)) {
		looked++;
		query_id(&q, 0, sweep->after);
		if (query_int(&q, 1) != 0)
			memcpy(unused[count++], sweep->after, ID_SIZE);
	}
	if (looked < sweep->limit)
		sweep->after[0] = '\0';
	return count;
}

/* Unless something names it by now. */
static void forget_unused(struct sqlite_db *db, const char *id,
			  store_each_hash *each, void *context)
{
	static const char sql[] =
		"DELETE FROM file AS f WHERE f.id = ?" IS_UNUSED
		" RETURNING hash";
	struct query q = QUERY(db, sql, ID(id));

	if (query_row(&q))
		each(query_text(&q, 0), context);
	query_close(&q);
}

/* Looked for while others write; nothing is locked for what stays. */
static enum store_status file_sweep(struct store *store,
				    struct store_file_sweep *sweep,
				    store_each_hash *each, void *context)
{
	char(*unused)[ID_SIZE] = xcalloc(sweep->limit, ID_SIZE);
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);
	size_t count = look_for_unused(db, sweep, unused);
	enum store_status status = sqlite_end(db, STORE_OK);

	if (status == STORE_OK && count > 0) {
		db = sqlite_begin(store, ACCESS_WRITE);
		for (size_t i = 0; i < count; i++)
			forget_unused(db, unused[i], each, context);
		status = sqlite_end(db, STORE_OK);
	}
	free(unused);
	return status;
}

static enum store_status file_is_kept(struct store *store, const char *hash,
				      bool *kept)
{
	static const char sql[] = "SELECT 1 FROM file WHERE hash = ? LIMIT 1";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);

	*kept = QUERY_INT(db, sql, TEXT(hash)) != 0;
	return sqlite_end(db, STORE_OK);
}

const struct store_file_verbs sqlite_file_verbs = {
	.room = file_room,
	.add = file_add,
	.get = file_get,
	.own = file_own,
	.sweep = file_sweep,
	.is_kept = file_is_kept,
};
