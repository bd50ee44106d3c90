#include "mongo_file.h"

#include <string.h>

#include "clock.h"
#include "mem.h"
#include "mongo_conversation.h"

/* Messages that name one. */
#define LOOKED_AT_ONCE 100

static void copy_text(const bson_t *row, const char *name, char **out)
{
	const char *text = mongo_read_text(row, name);

	*out = xstrdup(text != NULL ? text : "");
}

void mongo_file_read(const bson_t *row, struct store_file *out)
{
	const char *hash = mongo_read_text(row, "hash");

	*out = (struct store_file){
		.size = mongo_read_int(row, "size"),
		.width = mongo_read_int(row, "width"),
		.height = mongo_read_int(row, "height"),
		.duration_ms = mongo_read_int(row, "duration"),
		.preview = mongo_read_bool(row, "preview"),
		.created_at = mongo_read_int(row, "createdAt"),
	};
	mongo_read_id(row, "_id", out->id);
	mongo_read_id(row, "owner", out->owner);
	if (hash != NULL && strlen(hash) < STORE_FILE_HASH_SIZE)
		strcpy(out->hash, hash);
	copy_text(row, "name", &out->name);
	copy_text(row, "mime", &out->mime);
}

bool mongo_file_find(struct mongo_db *db, const char *id,
		     struct store_file *out)
{
	bson_t row;

	*out = (struct store_file){.id = ""};
	if (!mongo_find_one(db, IN_FILE, DOC(ID("_id", id)), NULL, &row))
		return false;
	mongo_file_read(&row, out);
	bson_destroy(&row);
	return true;
}

/* ---- who may read it ---- */

/* A message that names it. */
struct naming {
	char conversation[ID_SIZE];
	int64_t seq;
};

/* Of those that are not hidden from the viewer; how many there are, fewer at
 * the end. */
static size_t read_namings(struct mongo_rows *rows,
			   const struct store_viewer *viewer,
			   struct naming out[LOOKED_AT_ONCE])
{
	char sender[ID_SIZE];
	size_t count = 0;

	while (count < LOOKED_AT_ONCE && mongo_next(rows)) {
		mongo_read_id(rows->row, "sender", sender);
		if (mongo_has(rows->row, "hidden") &&
		    strcmp(sender, viewer->id) != 0)
			continue;
		mongo_read_id(rows->row, "c", out[count].conversation);
		out[count++].seq = mongo_read_int(rows->row, "seq");
	}
	return count;
}

/* Those of these conversations that may be the viewer's, or by role. */
static struct mongo_rows find_theirs(struct mongo_db *db,
				     const struct store_viewer *viewer,
				     const struct naming *namings, size_t count)
{
	bool operates = viewer->role == ROLE_OPERATOR;
	const char *ids[LOOKED_AT_ONCE];

	for (size_t i = 0; i < count; i++)
		ids[i] = namings[i].conversation;
	return mongo_find(
		db, IN_CONVERSATION,
		&(struct mongo_find){
			.filter = DOC(
				SUB("_id", IDS("$in", ids, count)),
				ARRAY("$or",
				      SUB("", ID("members.u", viewer->id)),
				      IF(operates,
					 SUB("", ID("members.u", ID_SERVER))),
				      SUB("", ID("_id", ID_LOBBY)))),
			.fields = MONGO_CONVERSATION_FIELDS,
		});
}

static bool is_seen_in(struct mongo_db *db, const struct store_viewer *viewer,
		       const bson_t *row, const struct naming *namings,
		       size_t count)
{
	struct mongo_conversation c;
	int64_t first;
	bool seen = false;

	mongo_conversation_read(row, &c);
	first = c.last_seq > 0 ? mongo_sight(db, &c, viewer) : 0;
	for (size_t i = 0; i < count && first > 0 && !seen; i++)
		seen = strcmp(namings[i].conversation, c.id) == 0 &&
		       namings[i].seq >= first;
	mongo_conversation_done(&c);
	return seen;
}

static bool is_seen(struct mongo_db *db, const struct store_viewer *viewer,
		    const struct naming *namings, size_t count)
{
	struct mongo_rows rows = find_theirs(db, viewer, namings, count);
	bool seen = false;

	while (!seen && mongo_next(&rows))
		seen = is_seen_in(db, viewer, rows.row, namings, count);
	mongo_close(&rows);
	return seen;
}

/* Does a message that the viewer sees name it? Of one that was forwarded very
 * often that may take longer than a verb has. */
static bool is_named(struct mongo_db *db, const struct store_viewer *viewer,
		     const char *id)
{
	struct mongo_rows rows = mongo_find(
		db, IN_MESSAGE,
		&(struct mongo_find){
			.filter = DOC(ID("file", id)),
			.fields = DOC(INT("c", 1), INT("seq", 1),
				      INT("sender", 1), INT("hidden", 1)),
			.batch = LOOKED_AT_ONCE,
		});
	struct naming namings[LOOKED_AT_ONCE];
	size_t count = LOOKED_AT_ONCE;
	bool seen = false;

	while (!seen && count == LOOKED_AT_ONCE && !db->failed) {
		count = read_namings(&rows, viewer, namings);
		seen = count > 0 && is_seen(db, viewer, namings, count);
	}
	mongo_close(&rows);
	return seen;
}

/* Does a group of theirs show it? */
static bool is_picture(struct mongo_db *db, const struct store_viewer *viewer,
		       const char *id)
{
	return mongo_exists(
		db, IN_CONVERSATION,
		DOC(TEXT("avatar", id), ID("members.u", viewer->id)));
}

bool mongo_file_readable(struct mongo_db *db, const struct store_viewer *viewer,
			 const struct store_file *file)
{
	return strcmp(file->owner, viewer->id) == 0 ||
	       mongo_exists(db, IN_USER, DOC(TEXT("avatar", file->id))) ||
	       is_named(db, viewer, file->id) ||
	       is_picture(db, viewer, file->id);
}

enum store_status mongo_file_shows(struct mongo_db *db,
				   const struct store_viewer *viewer,
				   const char *avatar)
{
	enum store_status status = STORE_NOT_FOUND;
	struct store_file file;

	if (avatar == NULL || !id_valid(avatar))
		return STORE_OK;
	if (mongo_file_find(db, avatar, &file) &&
	    mongo_file_readable(db, viewer, &file) &&
	    mongo_file_hold(db, avatar))
		status = store_file_is_picture(&file) ? STORE_OK
						      : STORE_NO_PICTURE;
	store_file_done(&file);
	return status;
}

/* ---- named and forgotten ---- */

bool mongo_file_hold(struct mongo_db *db, const char *id)
{
	return mongo_update(db, IN_FILE, DOC(ID("_id", id), NOTHING("goes")),
			    DOC(SUB("$max", INT("heldAt", clock_now_ms()))));
}

static bool is_used(struct mongo_db *db, const char *id)
{
	return mongo_exists(db, IN_MESSAGE, DOC(ID("file", id))) ||
	       mongo_exists(db, IN_USER, DOC(TEXT("avatar", id))) ||
	       mongo_exists(db, IN_CONVERSATION, DOC(TEXT("avatar", id)));
}

/* From then on nobody can name it; who did so before is seen by another
 * look. */
static bool begin_to_forget(struct mongo_db *db, const char *id,
			    int64_t before_ms, bson_t *row)
{
	return mongo_modify(
		db, IN_FILE,
		&(struct mongo_modify){
			.filter = DOC(ID("_id", id),
				      SUB("heldAt",
					  SUB("$not", INT("$gte", before_ms)))),
			.change = DOC(SUB("$set", BOOL("goes", true))),
		},
		row);
}

bool mongo_file_forget(struct mongo_db *db, const char *id, int64_t before_ms,
		       store_each_hash *each, void *context)
{
	bool gone;
	bson_t row;

	if (is_used(db, id) || !begin_to_forget(db, id, before_ms, &row))
		return false;
	gone = !is_used(db, id) && !db->failed &&
	       mongo_delete(db, IN_FILE, DOC(ID("_id", id)));
	if (gone)
		each(mongo_read_text(&row, "hash"), context);
	else
		mongo_update(db, IN_FILE, DOC(ID("_id", id)),
			     DOC(SUB("$unset", INT("goes", 1))));
	bson_destroy(&row);
	return gone;
}
