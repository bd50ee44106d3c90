#include "store_mongo.h"

#include <string.h>

#include "mongo_conversation.h"
#include "mongo_read_marks.h"
#include "store_rules.h"

static void fill_marks(const struct mongo_conversation *c,
		       const struct store_member *before,
		       const struct store_reach *reach,
		       struct store_read_marks *out)
{
	store_marks_reach(before, reach, c->last_seq, out);
	out->conversation_kind = c->kind;
	memcpy(out->conversation, c->id, ID_SIZE);
	memcpy(out->other, mongo_conversation_other(c, before->user_id),
	       ID_SIZE);
}

/* The event first: one that says nothing new does no harm. */
static void write_marks(struct mongo_db *db, const struct mongo_conversation *c,
			const struct store_read_marks *marks, int64_t now_ms)
{
	char position[ID_SIZE];

	mongo_clock_next(db, now_ms, position);
	mongo_insert(db, IN_EVENT,
		     DOC(ID("_id", position), ID("c", c->id),
			 ID("u", marks->user_id)));
	mongo_update(
		db, IN_CONVERSATION,
		DOC(ID("_id", c->id), ID("members.u", marks->user_id)),
		DOC(SUB("$max", INT("members.$.received", marks->received_seq),
			INT("members.$.read", marks->read_seq))));
}

enum store_status mongo_mark(struct store *store,
			     const struct store_viewer *viewer, const char *id,
			     const struct store_reach *reach, int64_t now_ms,
			     struct store_read_marks *out)
{
	struct mongo_db *db = mongo_begin(store, ACCESS_WRITE);
	struct mongo_conversation c;
	struct mongo_member before;
	bool found = mongo_conversation_find(db, id, &c) &&
		     mongo_member_of(db, &c, viewer, &before);

	if (found) {
		fill_marks(&c, &before.row, reach, out);
		if (out->received_moved || out->read_moved)
			write_marks(db, &c, out, now_ms);
		mongo_marks_name(db, &c, out);
		mongo_marks_for(db, &c, out);
	}
	mongo_conversation_done(&c);
	return mongo_end_found(db, found);
}
