#include "store_sqlite.h"

#include <string.h>

#include "sqlite_clock.h"
#include "sqlite_members.h"

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void fill_marks(const struct sqlite_conversation *c,
		       const struct store_member *before,
		       const struct store_reach *reach,
		       struct store_read_marks *out)
{
	int64_t read = smaller(reach->read_seq, c->last_seq);
	int64_t received =
		smaller(larger(reach->received_seq, read), c->last_seq);

	out->read_seq = larger(before->read_seq, read);
	out->received_seq = larger(before->received_seq, received);
	out->read_moved = out->read_seq > before->read_seq;
	out->received_moved = out->received_seq > before->received_seq;
	out->conversation_kind = c->kind;
	memcpy(out->conversation, c->id, ID_SIZE);
	memcpy(out->user_id, before->user_id, ID_SIZE);
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
	sqlite_members_name(db, &c, out);
	sqlite_marks_for(db, &c, out);
	return sqlite_end(db, STORE_OK);
}
