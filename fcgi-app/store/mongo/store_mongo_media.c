/* Which files a conversation shows, and what of it was written when. */
#include "store_mongo.h"

#include <string.h>

#include "mongo_conversation.h"

/* ---- files ---- */

/* One that has just lost its file has another change pending. */
struct giving {
	store_each_message *each;
	void *context;
};

static bool give_shown(const struct store_message *message, void *context)
{
	const struct giving *giving = context;

	return message->attachment == NULL ||
	       giving->each(message, giving->context);
}

static bool some_are_hidden(struct mongo_db *db,
			    const struct mongo_conversation *c,
			    const struct store_viewer *viewer)
{
	struct mongo_member me;

	return mongo_member_of(db, c, viewer, &me) && me.hidden > 0;
}

static struct mongo_rows rows_with_files(struct mongo_db *db,
					 const struct mongo_conversation *c,
					 const struct store_viewer *viewer,
					 int64_t first,
					 const struct store_showing *showing)
{
	bool hidden = some_are_hidden(db, c, viewer);

	return mongo_find(
		db, IN_MESSAGE,
		&(struct mongo_find){
			.filter = DOC(
				ID("c", c->id),
				SUB("seq", INT("$gte", first),
				    showing->before <= c->last_seq
					    ? INT("$lt", showing->before)
					    : INT("$lte", c->last_seq)),
				SUB("file", BOOL("$exists", true)),
				IF(hidden,
				   ARRAY("$or", SUB("", NOTHING("hidden")),
					 SUB("", ID("sender", viewer->id))))),
			.sort = DOC(INT("seq", -1)),
			.limit = (size_t)showing->limit,
			.hint = "files",
		});
}

enum store_status mongo_files(struct store *store,
			      const struct store_viewer *viewer,
			      const char *conversation,
			      const struct store_showing *showing,
			      store_each_message *each, void *context)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);
	struct giving giving = {each, context};
	struct mongo_conversation c;
	struct mongo_rows rows;
	int64_t first;

	if (!mongo_sight_find(db, conversation, viewer, &c, &first))
		return mongo_end(db, STORE_NOT_FOUND);
	rows = rows_with_files(db, &c, viewer, first, showing);
	while (mongo_next(&rows) && mongo_message_give(db, &c, viewer, rows.row,
						       give_shown, &giving))
		;
	mongo_close(&rows);
	mongo_conversation_done(&c);
	return mongo_end(db, STORE_OK);
}

/* ---- times ---- */

/* So many messages are looked at in one go, each as far from the next: of a
 * million it takes five. */
#define LOOKS 15

struct looks {
	size_t count;
	int64_t seq[LOOKS];
	char id[LOOKS][ID_SIZE]; /* "": it is gone */
};

static void spread(int64_t first, int64_t behind, struct looks *out)
{
	int64_t width = behind - first;

	out->count = width < LOOKS ? (size_t)width : LOOKS;
	for (size_t i = 0; i < out->count; i++) {
		out->seq[i] = first + width * (int64_t)(i + 1) /
					      (int64_t)(out->count + 1);
		out->id[i][0] = '\0';
	}
}

static void look(struct mongo_db *db, const struct mongo_conversation *c,
		 struct looks *looks)
{
	struct mongo_field seqs[LOOKS + 1] = {{.name = NULL}};
	struct mongo_rows rows;

	for (size_t i = 0; i < looks->count; i++)
		seqs[i] = INT("", looks->seq[i]);
	rows = mongo_find(
		db, IN_MESSAGE,
		&(struct mongo_find){
			.filter = DOC(ID("c", c->id),
				      SUB("seq", ((struct mongo_field){
							 "$in", FIELD_ARRAY,
							 .fields = seqs}))),
			.fields = DOC(INT("seq", 1)),
			.hint = "seq",
		});
	while (mongo_next(&rows)) {
		int64_t seq = mongo_read_int(rows.row, "seq");

		for (size_t i = 0; i < looks->count; i++) {
			if (looks->seq[i] == seq)
				mongo_read_id(rows.row, "_id", looks->id[i]);
		}
	}
}

/* Ids begin with their time and never go back. */
enum store_status mongo_seek(struct store *store,
			     const struct store_viewer *viewer,
			     const char *conversation, int64_t at_ms,
			     int64_t *seq)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);
	struct mongo_conversation c;
	struct looks looks;
	char then[ID_SIZE];
	int64_t first, behind;

	if (!mongo_sight_find(db, conversation, viewer, &c, &first))
		return mongo_end(db, STORE_NOT_FOUND);
	id_floor(at_ms > 0 ? at_ms : 0, then);
	behind = c.last_seq + 1;
	while (first < behind) {
		spread(first, behind, &looks);
		look(db, &c, &looks);
		for (size_t i = 0; i < looks.count && looks.seq[i] < behind;
		     i++) {
			if (strcmp(looks.id[i], then) < 0)
				first = looks.seq[i] + 1;
			else
				behind = looks.seq[i];
		}
	}
	*seq = first;
	mongo_conversation_done(&c);
	return mongo_end(db, STORE_OK);
}
