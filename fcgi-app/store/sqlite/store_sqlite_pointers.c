#include "store_sqlite.h"

#include <string.h>

/* Where one alone writes, all messages are his: not looked through for ever. */
#define LOOK_BACK 1000

/* The id of the newest message at or below seq that the pointer's user did not
 * write; "" if there is none. */
static void newest_of_others(struct sqlite_db *db,
			     const struct store_pointer *pointer, int64_t seq,
			     char out[ID_SIZE])
{
	static const char sql[] =
		"SELECT id FROM message WHERE conversation = ?"
		" AND seq BETWEEN ? AND ? AND sender <> ?"
		" ORDER BY seq DESC LIMIT 1";
	struct query q = QUERY(db, sql, TEXT(pointer->conversation),
			       INT(seq - LOOK_BACK + 1), INT(seq),
			       TEXT(pointer->user_id));

	out[0] = '\0';
	if (query_row(&q))
		query_id(&q, 0, out);
	query_close(&q);
}

void sqlite_name_messages(struct sqlite_db *db, struct store_pointer *pointer)
{
	newest_of_others(db, pointer, pointer->read_seq, pointer->read_message);
	if (pointer->received_seq == pointer->read_seq)
		memcpy(pointer->received_message, pointer->read_message,
		       ID_SIZE);
	else
		newest_of_others(db, pointer, pointer->received_seq,
				 pointer->received_message);
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void write_pointer(struct sqlite_db *db,
			  const struct store_pointer *pointer, int64_t now_ms)
{
	static const char sql[] =
		"UPDATE member SET received_seq = ?3, read_seq = ?4,"
		" moved_at = max(moved_at, ?5)"
		" WHERE conversation = ?1 AND user_id = ?2";

	QUERY_RUN(db, sql, TEXT(pointer->conversation), TEXT(pointer->user_id),
		  INT(pointer->received_seq), INT(pointer->read_seq),
		  INT(now_ms));
}

enum store_status sqlite_pointer_move(struct store *store, const char *user,
				      const char *conversation,
				      int64_t received_seq, int64_t read_seq,
				      int64_t now_ms, struct store_pointer *out)
{
	struct sqlite_db *db = sqlite_begin(store, ACCESS_WRITE);
	struct sqlite_member member;

	if (!sqlite_member_get(db, conversation, user, &member))
		return sqlite_db_end(db, STORE_NOT_FOUND);
	read_seq = smaller(read_seq, member.last_seq);
	received_seq = smaller(larger(received_seq, read_seq), member.last_seq);
	out->read_seq = larger(member.read_seq, read_seq);
	out->received_seq = larger(member.received_seq, received_seq);
	out->read_moved = out->read_seq > member.read_seq;
	out->received_moved = out->received_seq > member.received_seq;
	out->conversation_kind = member.kind;
	memcpy(out->conversation, conversation, ID_SIZE);
	memcpy(out->user_id, user, ID_SIZE);
	memcpy(out->other, member.other, ID_SIZE);
	if (out->received_moved || out->read_moved)
		write_pointer(db, out, now_ms);
	sqlite_name_messages(db, out);
	return sqlite_db_end(db, STORE_OK);
}
