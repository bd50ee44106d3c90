#include "store_mongo.h"

#include <string.h>

#include "mongo_change.h"
#include "mongo_reactions.h"
#include "mongo_step.h"
#include "store_rules.h"

/* So many changes are read before their messages are, in one go. */
#define CHANGES_AT_ONCE 64

/* A row as the viewer sees it. */
static void message_row(struct mongo_db *db, const bson_t *row,
			const struct mongo_conversation *c,
			const struct store_viewer *viewer,
			struct store_message *out)
{
	mongo_message_read(row, c, viewer->id, out);
	store_message_show(out, viewer->id);
	mongo_reactions_read(db, row, viewer->id, out);
}

/* ---- one ---- */

static bool show_message(struct mongo_db *db, const struct store_viewer *viewer,
			 const bson_t *row, struct store_message *out)
{
	struct mongo_conversation c;
	char conversation[ID_SIZE];
	bool seen = false;

	mongo_read_id(row, "c", conversation);
	if (mongo_conversation_find(db, conversation, &c)) {
		int64_t seq = mongo_read_int(row, "seq");
		int64_t first;

		if (c.last_seq < seq)
			mongo_step_mend(db, &c);
		first = mongo_sight(db, &c, viewer);
		seen = first > 0 && seq >= first && seq <= c.last_seq;
	}
	if (seen) {
		message_row(db, row, &c, viewer, out);
		store_message_own(out);
	}
	mongo_conversation_done(&c);
	return seen;
}

static enum store_status message_get(struct store *store,
				     const struct store_viewer *viewer,
				     const char *id, struct store_message *out)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);
	bson_t row, mended;
	bool found =
		mongo_find_one(db, IN_MESSAGE, DOC(ID("_id", id)), NULL, &row);

	if (found) {
		bool mends = mongo_change_mend(db, &row, &mended);

		found = show_message(db, viewer, mends ? &mended : &row, out);
		if (mends)
			bson_destroy(&mended);
		bson_destroy(&row);
	}
	return mongo_end_found(db, found);
}

/* ---- ranges ---- */

/* Of what is numbered; both ends are within what numbers there are. */
static struct mongo_rows rows_between(struct mongo_db *db,
				      enum mongo_collection in,
				      const char *conversation,
				      const char *number, int64_t first,
				      int64_t last)
{
	return mongo_find(db, in,
			  &(struct mongo_find){
				  .filter = DOC(ID("c", conversation),
						SUB(number, INT("$gte", first),
						    INT("$lte", last))),
				  .sort = DOC(INT(number, 1)),
			  });
}

bool mongo_message_give(struct mongo_db *db, const struct mongo_conversation *c,
			const struct store_viewer *viewer, const bson_t *row,
			store_each_message *each, void *context)
{
	struct store_message message;
	bson_t mended;
	bool mends = mongo_change_mend(db, row, &mended), more;

	message_row(db, mends ? &mended : row, c, viewer, &message);
	more = each(&message, context);
	if (mends)
		bson_destroy(&mended);
	return more;
}

static enum store_status message_range(struct store *store,
				       const struct store_viewer *viewer,
				       const char *conversation,
				       const struct store_range *range,
				       store_each_message *each, void *context)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);
	struct mongo_conversation c;
	struct mongo_rows rows;
	int64_t first;

	if (!mongo_sight_find(db, conversation, viewer, &c, &first))
		return mongo_end(db, STORE_NOT_FOUND);
	if (range->last > c.last_seq) /* whoever wants the newest has it */
		mongo_step_mend(db, &c);
	rows = rows_between(
		db, IN_MESSAGE, c.id, "seq", store_larger(first, range->first),
		range->last < c.last_seq ? range->last : c.last_seq);
	while (mongo_next(&rows) &&
	       mongo_message_give(db, &c, viewer, rows.row, each, context))
		;
	mongo_close(&rows);
	mongo_conversation_done(&c);
	return mongo_end(db, STORE_OK);
}

/* ---- changes ---- */

/* Some changes, and their messages as they are now. */
struct folded {
	bson_t *change[CHANGES_AT_ONCE], *message[CHANGES_AT_ONCE];
	size_t changes, messages;
};

static void folded_done(struct folded *f)
{
	while (f->changes > 0)
		bson_destroy(f->change[--f->changes]);
	while (f->messages > 0)
		bson_destroy(f->message[--f->messages]);
}

/* NULL: it is gone (the lobby's end is all that is kept of it). */
static const bson_t *folded_find(const struct folded *f, int64_t seq)
{
	for (size_t i = 0; i < f->messages; i++) {
		if (mongo_read_int(f->message[i], "seq") == seq)
			return f->message[i];
	}
	return NULL;
}

static void folded_read(struct mongo_db *db, const struct mongo_conversation *c,
			struct folded *f)
{
	struct mongo_field seqs[CHANGES_AT_ONCE + 1] = {{.name = NULL}};
	struct mongo_rows rows;

	for (size_t i = 0; i < f->changes; i++)
		seqs[i] = INT("", mongo_read_int(f->change[i], "seq"));
	rows = mongo_find(
		db, IN_MESSAGE,
		&(struct mongo_find){
			.filter = DOC(ID("c", c->id),
				      SUB("seq", ((struct mongo_field){
							 "$in", FIELD_ARRAY,
							 .fields = seqs}))),
		});
	while (f->messages < CHANGES_AT_ONCE && mongo_next(&rows))
		f->message[f->messages++] = bson_copy(rows.row);
	mongo_close(&rows);
}

static bool give_change(struct mongo_db *db, const struct mongo_conversation *c,
			const struct store_viewer *viewer,
			const struct folded *f, const bson_t *row,
			store_each_change *each, void *context)
{
	const bson_t *message = folded_find(f, mongo_read_int(row, "seq"));
	struct store_change change;

	mongo_change_read(row, c, &change);
	if (message != NULL && change.kind != CHANGE_ERASE)
		message_row(db, message, c, viewer, &change.message);
	if (change.hidden && strcmp(change.by, viewer->id) != 0)
		change.emoji = NULL;
	return each(&change, context);
}

/* False: no more are wanted. */
static bool give_changes(struct mongo_db *db,
			 const struct mongo_conversation *c,
			 const struct store_viewer *viewer, struct folded *f,
			 store_each_change *each, void *context)
{
	bool more = true;

	if (f->changes > 0)
		folded_read(db, c, f);
	for (size_t i = 0; i < f->changes && more && !db->failed; i++)
		more = give_change(db, c, viewer, f, f->change[i], each,
				   context);
	folded_done(f);
	return more;
}

static enum store_status change_range(struct store *store,
				      const struct store_viewer *viewer,
				      const char *conversation,
				      const struct store_range *range,
				      store_each_change *each, void *context)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);
	struct folded f = {.changes = 0};
	struct mongo_conversation c;
	struct mongo_rows rows;
	int64_t first;
	bool more = true;

	if (!mongo_sight_find(db, conversation, viewer, &c, &first))
		return mongo_end(db, STORE_NOT_FOUND);
	rows = rows_between(
		db, IN_CHANGE, c.id, "change", store_larger(range->first, 1),
		range->last < c.last_change ? range->last : c.last_change);
	while (more && mongo_next(&rows)) {
		if (mongo_read_int(rows.row, "seq") >= first ||
		    mongo_read_int(rows.row, "kind") == CHANGE_ERASE)
			f.change[f.changes++] = bson_copy(rows.row);
		if (f.changes == CHANGES_AT_ONCE)
			more = give_changes(db, &c, viewer, &f, each, context);
	}
	give_changes(db, &c, viewer, &f, each, context);
	mongo_close(&rows);
	mongo_conversation_done(&c);
	return mongo_end(db, STORE_OK);
}

/* ---- pages ---- */

/* Where some are hidden from the viewer they are passed over. */
static void page_seen(struct mongo_db *db, const struct mongo_conversation *c,
		      const struct store_viewer *viewer, int64_t first,
		      const struct store_page *page, struct store_range *out)
{
	struct mongo_rows rows = mongo_find(
		db, IN_MESSAGE,
		&(struct mongo_find){
			.filter = DOC(ID("c", c->id),
				      SUB("seq", INT("$gte", first),
					  INT("$lte", c->last_seq)),
				      ARRAY("$or", SUB("", NOTHING("hidden")),
					    SUB("", ID("sender", viewer->id)))),
			.fields = DOC(INT("seq", 1)),
			.sort = DOC(INT("seq", -1)),
			.skip = (size_t)page->skip,
			.limit = (size_t)page->limit,
		});

	while (mongo_next(&rows)) {
		out->first = mongo_read_int(rows.row, "seq");
		if (out->last == 0)
			out->last = out->first;
	}
	mongo_close(&rows);
}

/* Where nothing is hidden, it is counted without looking: seq has no holes. */
static void page_whole(const struct mongo_conversation *c, int64_t first,
		       const struct store_page *page, struct store_range *out)
{
	if (page->limit <= 0 || page->skip > c->last_seq - first)
		return;
	out->last = c->last_seq - page->skip;
	out->first = store_larger(first, out->last - page->limit + 1);
}

static enum store_status message_page(struct store *store,
				      const struct store_viewer *viewer,
				      const char *conversation,
				      const struct store_page *page,
				      struct store_range *out)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_READ);
	struct mongo_conversation c;
	struct mongo_member me;
	int64_t first;

	if (!mongo_sight_find(db, conversation, viewer, &c, &first))
		return mongo_end(db, STORE_NOT_FOUND);
	if (mongo_member_of(db, &c, viewer, &me) && me.hidden > 0)
		page_seen(db, &c, viewer, first, page, out);
	else
		page_whole(&c, first, page, out);
	mongo_conversation_done(&c);
	return mongo_end(db, STORE_OK);
}

const struct store_message_verbs mongo_message_verbs = {
	.send = mongo_send,
	.get = message_get,
	.change = mongo_change,
	.react = mongo_react,
	.range = message_range,
	.changes = change_range,
	.page = message_page,
	.search = mongo_search,
	.files = mongo_files,
	.seek = mongo_seek,
};
