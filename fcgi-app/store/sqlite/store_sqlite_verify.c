#include "store_sqlite.h"

#include "mem.h"

/*
 * Each row of each check is one breach: its conversation, and what is wrong.
 * Tables are read in full, never by the unique indexes that are on trial.
 */
static const char *const checks[] = {
	/* numbers without hole or repeat */
	"SELECT conversation, iif(seq = before,"
	"  printf('seq %d is there twice', seq),"
	"  printf('seq %d follows %d', seq, before))"
	" FROM (SELECT conversation, seq, lag(seq, 1, 0) OVER"
	"  (PARTITION BY conversation ORDER BY seq) AS before FROM message)"
	" WHERE seq <> before + 1",

	"SELECT conversation, iif(change = before,"
	"  printf('change %d is there twice', change),"
	"  printf('change %d follows %d', change, before))"
	" FROM (SELECT conversation, change, lag(change, 1, 0) OVER"
	"  (PARTITION BY conversation ORDER BY change) AS before FROM change)"
	" WHERE change <> before + 1",

	/* what the conversation says of them */
	"SELECT id, printf('lastSeq is %d, its newest message %d', last_seq,"
	"  newest) FROM (SELECT id, last_seq, (SELECT coalesce(max(seq), 0)"
	"  FROM message WHERE conversation = c.id) AS newest"
	"  FROM conversation c) WHERE last_seq <> newest",

	"SELECT id, printf('lastChange is %d, its newest change %d',"
	"  last_change, newest) FROM (SELECT id, last_change,"
	"  (SELECT coalesce(max(change), 0) FROM change"
	"  WHERE conversation = c.id) AS newest FROM conversation c)"
	" WHERE last_change <> newest",

	"SELECT conversation, 'messages of no conversation'"
	" FROM message WHERE conversation NOT IN"
	"  (SELECT id FROM conversation) GROUP BY conversation",

	"SELECT conversation, 'members of no conversation'"
	" FROM member WHERE conversation NOT IN"
	"  (SELECT id FROM conversation) GROUP BY conversation",

	"SELECT id, 'a direct conversation without its two members'"
	" FROM conversation c WHERE kind = 0 AND NOT coalesce("
	"  low < high AND (SELECT count(*) = 2 AND min(user_id) = c.low"
	"   AND max(user_id) = c.high FROM member"
	"   WHERE conversation = c.id), 0)",

	/* once each */
	"SELECT conversation, printf('clientId %Q of %s made %d messages',"
	"  client_id, sender, count(*)) FROM message NOT INDEXED"
	" WHERE client_id IS NOT NULL"
	" GROUP BY conversation, sender, client_id HAVING count(*) > 1",

	"SELECT min(conversation), printf('message %s is there %d times', id,"
	"  count(*)) FROM message NOT INDEXED GROUP BY id HAVING count(*) > 1",

	"SELECT conversation, printf('seq %d has a clientId and no request"
	" hash', seq) FROM message"
	" WHERE client_id IS NOT NULL AND request_hash IS NULL",

	/* read marks */
	"SELECT c.id, printf('marks of %s: joined %d, received %d, read %d"
	" of %d', user_id, joined_seq, received_seq, read_seq, last_seq)"
	" FROM conversation c JOIN member m ON m.conversation = c.id"
	" WHERE read_seq < 0 OR read_seq > received_seq"
	"  OR received_seq > last_seq"
	"  OR joined_seq < 1 OR joined_seq > last_seq + 1",

	/* what was folded in */
	"SELECT m.conversation, printf('seq %d was edited by change %d, which"
	" is not there', m.seq, m.edited) FROM message m"
	" LEFT JOIN change h ON h.conversation = m.conversation"
	"  AND h.change = m.edited AND h.seq = m.seq AND h.kind = 0"
	" WHERE m.edited > 0 AND h.change IS NULL",

	"SELECT m.conversation, printf('seq %d was deleted by change %d, which"
	" is not there', m.seq, m.deleted) FROM message m"
	" LEFT JOIN change h ON h.conversation = m.conversation"
	"  AND h.change = m.deleted AND h.seq = m.seq AND h.kind = 1"
	" WHERE m.deleted > 0 AND h.change IS NULL",

	"SELECT h.conversation, printf('change %d is not folded into seq %d',"
	"  h.change, h.seq) FROM change h"
	" LEFT JOIN message m ON m.conversation = h.conversation"
	"  AND m.seq = h.seq"
	" WHERE h.change > iif(h.kind = 0, coalesce(m.edited, 0),"
	"  coalesce(m.deleted, 0))",

	"SELECT conversation, printf('seq %d is deleted and has a text', seq)"
	" FROM message WHERE deleted > 0 AND content <> ''",

	"SELECT m.conversation, printf('seq %d answers %s, which is not here',"
	"  m.seq, m.reply_to) FROM message m"
	" LEFT JOIN message r ON r.id = m.reply_to"
	"  AND r.conversation = m.conversation"
	" WHERE m.reply_to IS NOT NULL AND r.id IS NULL",

	/* the file itself; its last row is 'ok'. SQLite 3.46 takes a number
	 * in the parentheses for the name of a table. */
	"SELECT '', integrity_check FROM pragma_integrity_check"
	" WHERE integrity_check <> 'ok' LIMIT 20",
};

static void run_check(struct sqlite_db *db, const char *sql,
		      store_each_problem *problem, void *context)
{
	struct query q = QUERY(db, sql);

	while (query_row(&q)) {
		const char *conversation = query_text(&q, 0);

		problem(conversation != NULL ? conversation : "",
			query_text(&q, 1), context);
	}
}

enum store_status sqlite_verify(struct store *store, int64_t *checked,
				store_each_problem *problem, void *context)
{
	static const char count[] = "SELECT count(*) FROM conversation";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);

	*checked = QUERY_INT(db, count);
	for (size_t i = 0; i < COUNT_OF(checks); i++)
		run_check(db, checks[i], problem, context);
	return sqlite_db_end(db, STORE_OK);
}
