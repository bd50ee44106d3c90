#include "store_sqlite.h"

#include <string.h>

/* Where one alone writes, all messages are theirs: not looked through for ever.
 */
#define LOOK_BACK 1000

/* The id of the newest message at or below seq that their user did not
 * write; "" if there is none. */
static void newest_of_others(struct sqlite_db *db,
			     const struct store_read_marks *marks, int64_t seq,
			     char out[ID_SIZE])
{
	static const char sql[] =
		"SELECT id FROM message WHERE conversation = ?"
		" AND seq BETWEEN ? AND ? AND sender <> ?"
		" ORDER BY seq DESC LIMIT 1";
	struct query q =
		QUERY(db, sql, TEXT(marks->conversation),
		      INT(seq - LOOK_BACK + 1), INT(seq), TEXT(marks->user_id));

	out[0] = '\0';
	if (query_row(&q))
		query_id(&q, 0, out);
	query_close(&q);
}

void sqlite_name_messages(struct sqlite_db *db, struct store_read_marks *marks)
{
	newest_of_others(db, marks, marks->read_seq, marks->read_message);
	if (marks->received_seq == marks->read_seq)
		memcpy(marks->received_message, marks->read_message, ID_SIZE);
	else
		newest_of_others(db, marks, marks->received_seq,
				 marks->received_message);
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void write_marks(struct sqlite_db *db,
			const struct store_read_marks *marks, int64_t now_ms)
{
	static const char sql[] =
		"UPDATE member SET received_seq = ?3, read_seq = ?4,"
		" moved_at = max(moved_at, ?5)"
		" WHERE conversation = ?1 AND user_id = ?2";

	QUERY_RUN(db, sql, TEXT(marks->conversation), TEXT(marks->user_id),
		  INT(marks->received_seq), INT(marks->read_seq), INT(now_ms));
}

enum store_status sqlite_mark(struct store *store,
			      const struct store_viewer *viewer, const char *id,
			      const struct store_reach *reach, int64_t now_ms,
			      struct store_read_marks *out)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);
	struct sqlite_member member;
	int64_t received, read;

	if (!sqlite_member_get(db, id, viewer->id, &member))
		return sqlite_db_end(db, STORE_NOT_FOUND);
	read = smaller(reach->read_seq, member.last_seq);
	received = smaller(larger(reach->received_seq, read), member.last_seq);
	out->read_seq = larger(member.read_seq, read);
	out->received_seq = larger(member.received_seq, received);
	out->read_moved = out->read_seq > member.read_seq;
	out->received_moved = out->received_seq > member.received_seq;
	out->conversation_kind = member.kind;
	memcpy(out->conversation, id, ID_SIZE);
	memcpy(out->user_id, viewer->id, ID_SIZE);
	memcpy(out->other, member.other, ID_SIZE);
	if (out->received_moved || out->read_moved)
		write_marks(db, out, now_ms);
	sqlite_name_messages(db, out);
	return sqlite_db_end(db, STORE_OK);
}
