/* What is known of uploaded files. */
#include "store_mongo.h"

#include <string.h>

#include "mem.h"
#include "mongo_file.h"

/* ---- they come and are found ---- */

static int64_t size_of_all(struct mongo_db *db, const char *owner)
{
	struct mongo_rows rows =
		mongo_find(db, IN_FILE,
			   &(struct mongo_find){
				   .filter = DOC(ID("owner", owner)),
				   .fields = DOC(INT("size", 1)),
			   });
	int64_t size = 0;

	while (mongo_next(&rows))
		size += mongo_read_int(rows.row, "size");
	return size;
}

static enum store_status file_room(struct store *store, const char *owner,
				   int64_t size, int64_t quota)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);
	bool fits = size_of_all(db, owner) + size <= quota;

	return mongo_end(db, fits ? STORE_OK : STORE_FULL);
}

static void insert_file(struct mongo_db *db, const struct store_file *file)
{
	mongo_insert(db, IN_FILE,
		     DOC(ID("_id", file->id), ID("owner", file->owner),
			 TEXT("hash", file->hash), TEXT("name", file->name),
			 TEXT("mime", file->mime), INT("size", file->size),
			 INT("width", file->width), INT("height", file->height),
			 INT("duration", file->duration_ms),
			 BOOL("preview", file->preview),
			 INT("createdAt", file->created_at)));
}

/* Of two that come at once, and are too much together, both may be refused. */
static enum store_status file_add(struct store *store, struct store_file *file,
				  int64_t quota)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_WRITE);

	mongo_clock_next(db, file->created_at, file->id);
	insert_file(db, file);
	if (size_of_all(db, file->owner) <= quota)
		return mongo_end(db, STORE_OK);
	mongo_delete(db, IN_FILE, DOC(ID("_id", file->id)));
	return mongo_end(db, STORE_FULL);
}

static enum store_status file_get(struct store *store,
				  const struct store_viewer *viewer,
				  const char *id, struct store_file *out)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);
	bool found = mongo_file_find(db, id, out) &&
		     mongo_file_readable(db, viewer, out);

	return mongo_end_found(db, found);
}

static enum store_status file_own(struct store *store,
				  const struct store_viewer *viewer,
				  const char *after, size_t limit,
				  store_each_file *each, void *context)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);
	struct mongo_rows rows = mongo_find(
		db, IN_FILE,
		&(struct mongo_find){
			.filter = DOC(ID("owner", viewer->id),
				      IF(*after != '\0',
					 SUB("_id", ID("$gt", after)))),
			.sort = DOC(INT("_id", 1)),
			.limit = limit,
		});

	while (mongo_next(&rows)) {
		struct store_file file;

		mongo_file_read(rows.row, &file);
		each(&file, context);
		store_file_done(&file);
	}
	return mongo_end(db, STORE_OK);
}

/* ---- and go ---- */

/* Old enough, and not held by somebody who is about to name it. */
static bool may_go(const bson_t *row, int64_t before_ms)
{
	return mongo_read_int(row, "createdAt") < before_ms &&
	       mongo_read_int(row, "heldAt") < before_ms;
}

/* Of the next ones. Answers how many of them may have to go. */
static size_t look_for_old(struct mongo_db *db, struct store_file_sweep *sweep,
			   char old[][ID_SIZE])
{
	struct mongo_rows rows = mongo_find(
		db, IN_FILE,
		&(struct mongo_find){
			.filter = DOC(IF(sweep->after[0] != '\0',
					 SUB("_id", ID("$gt", sweep->after)))),
			.fields = DOC(INT("createdAt", 1), INT("heldAt", 1)),
			.sort = DOC(INT("_id", 1)),
			.limit = sweep->limit,
		});
	size_t looked = 0, count = 0;

	for (; mongo_next(&rows); looked++) {
		mongo_read_id(rows.row, "_id", sweep->after);
		if (may_go(rows.row, sweep->before_ms))
			memcpy(old[count++], sweep->after, ID_SIZE);
	}
	if (looked < sweep->limit)
		sweep->after[0] = '\0';
	return count;
}

static enum store_status file_sweep(struct store *store,
				    struct store_file_sweep *sweep,
				    store_each_hash *each, void *context)
{
	char(*old)[ID_SIZE] = xcalloc(sweep->limit, ID_SIZE);
	struct mongo_db *db = mongo_begin(store, ACCESS_WRITE);

	mongo_unhurried(db);

	size_t count = look_for_old(db, sweep, old);

	for (size_t i = 0; i < count && !db->failed; i++)
		mongo_file_forget(db, old[i], sweep->before_ms, each, context);
	free(old);
	return mongo_end(db, STORE_OK);
}

static enum store_status file_is_kept(struct store *store, const char *hash,
				      bool *kept)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);

	*kept = mongo_exists(db, IN_FILE, DOC(TEXT("hash", hash)));
	return mongo_end(db, STORE_OK);
}

const struct store_file_verbs mongo_file_verbs = {
	.room = file_room,
	.add = file_add,
	.get = file_get,
	.own = file_own,
	.sweep = file_sweep,
	.is_kept = file_is_kept,
};
