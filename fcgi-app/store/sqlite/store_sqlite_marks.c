#include "store_sqlite.h"

#include <string.h>

#include "sqlite_clock.h"
#include "sqlite_members.h"
#include "store_rules.h"

static void fill_marks(const struct sqlite_conversation *c,
		       const struct store_member *before,
		       const struct store_reach *reach,
		       struct store_read_marks *out)
{
	store_marks_reach(before, reach, c->last_seq, out);
	out->conversation_kind = c->kind;
	memcpy(out->conversation, c->id, ID_SIZE);
	memcpy(out->other, sqlite_conversation_other(c, before->user_id),
	       ID_SIZE);
}

static void write_marks(struct sqlite_db *db,
			const struct sqlite_conversation *c,
			const struct store_read_marks *marks, int64_t now_ms)
{
	static const char sql[] =
		"INSERT INTO event (position, n, user_id) VALUES (?, ?, ?)";
	struct store_member member = {
		.received_seq = marks->received_seq,
		.read_seq = marks->read_seq,
	};
	char position[ID_SIZE];

	memcpy(member.user_id, marks->user_id, ID_SIZE);
	sqlite_member_write(db, c, &member);
	sqlite_clock_next(db, now_ms, position);
	QUERY_RUN(db, sql, ID(position), INT(c->n), ID(marks->user_id));
}

enum store_status sqlite_mark(struct store *store,
			      const struct store_viewer *viewer, const char *id,
			      const struct store_reach *reach, int64_t now_ms,
			      struct store_read_marks *out)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);
	struct sqlite_conversation c;
	struct store_member before;

	if (!sqlite_conversation_find(db, id, &c) ||
	    !sqlite_member_of(db, &c, viewer, &before))
		return sqlite_end(db, STORE_NOT_FOUND);
	fill_marks(&c, &before, reach, out);
	if (out->received_moved || out->read_moved)
		write_marks(db, &c, out, now_ms);
	sqlite_members_name(db, &c, "", out);
	sqlite_marks_for(db, &c, out);
	return sqlite_end(db, STORE_OK);
}
