#include "mongo_file.h"

#include <string.h>

#include "clock.h"
#include "mem.h"
#include "mongo_conversation.h"

/* A file that so many messages name is looked for no further. */
#define LOOKED_AT 100

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

static bool is_seen_in(struct mongo_db *db, const struct store_viewer *viewer,
		       const char *conversation, int64_t seq)
{
	struct mongo_conversation c;
	bool seen = false;

	if (mongo_conversation_find(db, conversation, &c)) {
		int64_t first = mongo_sight(db, &c, viewer);

		seen = first > 0 && seq >= first;
	}
	mongo_conversation_done(&c);
	return seen;
}

/* Does a message that the viewer sees name it? */
static bool is_named(struct mongo_db *db, const struct store_viewer *viewer,
		     const char *id)
{
	struct mongo_rows rows = mongo_find(
		db, IN_MESSAGE,
		&(struct mongo_find){
			.filter = DOC(ID("file", id)),
			.fields = DOC(INT("c", 1), INT("seq", 1),
				      INT("sender", 1), INT("hidden", 1)),
			.limit = LOOKED_AT,
		});
	char conversation[ID_SIZE], sender[ID_SIZE];
	bool seen = false;

	while (!seen && mongo_next(&rows)) {
		mongo_read_id(rows.row, "sender", sender);
		mongo_read_id(rows.row, "c", conversation);
		if (!mongo_has(rows.row, "hidden") ||
		    strcmp(sender, viewer->id) == 0)
			seen = is_seen_in(db, viewer, conversation,
					  mongo_read_int(rows.row, "seq"));
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

bool mongo_file_shows(struct mongo_db *db, const struct store_viewer *viewer,
		      const char *avatar)
{
	struct store_file file;
	bool readable;

	if (avatar == NULL || !id_valid(avatar))
		return true;
	readable = mongo_file_find(db, avatar, &file) &&
		   mongo_file_readable(db, viewer, &file) &&
		   mongo_file_hold(db, avatar);
	store_file_done(&file);
	return readable;
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
