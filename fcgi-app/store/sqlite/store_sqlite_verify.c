#include "store_sqlite.h"

#include <stdio.h>

#include "mem.h"

/*
 * Each row of each check is one breach: the number of its conversation, and
 * what is wrong. Tables are read in full, never by the unique indexes that are
 * on trial.
 */
/* Whose oldest messages are gone. */
#define OF_LOBBY "n IN (SELECT n FROM conversation WHERE kind = 3)"
/* Where those of the conversation c are. */
#define OF_C "BETWEEN c.n << 32 AND (c.n << 32 | 4294967295)"
#define NEWEST                                                                 \
	"coalesce((SELECT max(place) & 4294967295 FROM message"                \
	"  WHERE place " OF_C "), 0)"

static const char *const checks[] = {
	/* numbers without hole or repeat, and in the order of the writes */
	"SELECT n, iif(seq = before, printf('seq %d is there twice', seq),"
	"  printf('seq %d follows %d', seq, before))"
	" FROM (SELECT n, seq, lag(seq, 1, 0) OVER"
	"  (PARTITION BY n ORDER BY seq) AS before FROM message)"
	" WHERE seq <> before + 1 AND NOT (before = 0 AND " OF_LOBBY ")",

	"SELECT n, printf('seq %d was written before %d', seq, seq - 1)"
	" FROM (SELECT n, seq, id, lag(id) OVER"
	"  (PARTITION BY n ORDER BY seq) AS before FROM message)"
	" WHERE id < before",

	"SELECT n, iif(change = before,"
	"  printf('change %d is there twice', change),"
	"  printf('change %d follows %d', change, before))"
	" FROM (SELECT n, change, lag(change, 1, 0) OVER"
	"  (PARTITION BY n ORDER BY change) AS before FROM change)"
	" WHERE change <> before + 1",

	/* what the conversation says */
	"SELECT n, printf('lastChange is %d, its newest change %d',"
	"  last_change, newest) FROM (SELECT n, last_change,"
	"  coalesce((SELECT max(place) & 4294967295 FROM change"
	"   WHERE place " OF_C "), 0) AS newest FROM conversation c)"
	" WHERE last_change <> newest",

	"SELECT n, printf('%d messages of no conversation', count(*))"
	" FROM message WHERE n NOT IN (SELECT n FROM conversation) GROUP BY n",

	"SELECT n, printf('%d changes of no conversation', count(*))"
	" FROM change WHERE n NOT IN (SELECT n FROM conversation) GROUP BY n",

	"SELECT n, printf('%d members of no conversation', count(*))"
	" FROM member WHERE n NOT IN (SELECT n FROM conversation) GROUP BY n",

	/* who is in it */
	"SELECT i.n, printf('the list of %s has it as another one',"
	"  lower(hex(i.user_id))) FROM inbox i LEFT JOIN conversation c"
	"  ON c.id = i.conversation AND c.n = i.n AND c.kind = i.kind"
	"  AND ifnull(i.other, 0) ="
	"   iif(c.kind = 0, iif(c.low = i.user_id, c.high, c.low), 0)"
	" WHERE c.id IS NULL",

	"SELECT n, 'a direct conversation without its two members'"
	" FROM conversation c WHERE kind = 0"
	"  AND iif(low = high, 1, 2) <> (SELECT count(*)"
	"  FROM inbox WHERE conversation = c.id AND user_id IN (low, high))",

	"SELECT n, printf('%s is not its member and has it in their list',"
	"  lower(hex(user_id))) FROM inbox i JOIN conversation c USING (n)"
	" WHERE iif(c.kind = 0, user_id NOT IN (low, high), NOT EXISTS"
	"  (SELECT 1 FROM member WHERE n = i.n AND user_id = i.user_id))",

	"SELECT n, printf('%s is its member and has it not in their list',"
	"  lower(hex(user_id))) FROM member g JOIN conversation c USING (n)"
	" WHERE NOT EXISTS (SELECT 1 FROM inbox WHERE user_id = g.user_id"
	"  AND conversation = c.id)",

	"SELECT n, 'it stands in another place of what operators see'"
	" FROM inbox i WHERE user_id = x'000000000000000000000001'"
	"  AND newest IS NOT (SELECT id FROM message WHERE place BETWEEN"
	"   i.n << 32 AND (i.n << 32 | 4294967295)"
	"   ORDER BY place DESC LIMIT 1)",

	"SELECT n, printf('seq %d was sent by %s, who is not in it', seq,"
	"  lower(hex(sender))) FROM message m JOIN conversation c USING (n)"
	" WHERE c.kind = 0 AND sender NOT IN (low, high)",

	/* who was erased */
	"SELECT n, printf('seq %d is of an erased user and says something',"
	"  seq) FROM message WHERE erased = 1 AND (content <> ''"
	"  OR sender_name <> '' OR attachment IS NOT NULL"
	"  OR mentions IS NOT NULL OR client_id IS NOT NULL"
	"  OR hidden_content IS NOT NULL)",

	"SELECT n, printf('change %d erases a message', change) FROM change"
	" WHERE kind = 3 AND seq <> 0",

	/* what is hidden */
	"SELECT n, printf('seq %d is hidden behind seq %d', m.seq,"
	"  m.hidden - 1) FROM message m JOIN conversation c USING (n)"
	" WHERE m.hidden > 0 AND (c.kind <> 0 OR m.hidden > m.seq)",

	"SELECT n, printf('%d messages are hidden, not %d', there, hidden)"
	" FROM (SELECT n, hidden, (SELECT count(*) FROM message m"
	"  WHERE m.place " OF_C " AND m.hidden > 0) AS there"
	"  FROM conversation c)"
	" WHERE hidden <> there",

	"SELECT n, 'it is not known who blocks whom' FROM conversation c"
	" WHERE kind = 0 AND 2 = (SELECT count(*) FROM user"
	"  WHERE id IN (low, high)) AND blocks <>"
	"  (SELECT count(*) FROM user_block"
	"   WHERE blocker = low AND blocked = high) + 2 *"
	"  (SELECT count(*) FROM user_block"
	"   WHERE blocker = high AND blocked = low)",

	/* once each */
	"SELECT n, printf('clientId %s of %s made %d messages',"
	"  iif(typeof(client_id) = 'text', quote(client_id), hex(client_id)),"
	"  lower(hex(sender)), count(*)) FROM message NOT INDEXED"
	" WHERE client_id IS NOT NULL"
	" GROUP BY n, sender, client_id HAVING count(*) > 1",

	"SELECT min(n), printf('message %s is there %d times',"
	"  lower(hex(id)), count(*)) FROM message NOT INDEXED"
	" GROUP BY id HAVING count(*) > 1",

	"SELECT n, printf('seq %d has a clientId and no request hash', seq)"
	" FROM message WHERE client_id IS NOT NULL AND request_hash IS NULL",

	/* read marks */
	"SELECT n, printf('marks of %s: joined %d, received %d, read %d of %d',"
	"  lower(hex(who)), joined, received, read, newest) FROM ("
	"  SELECT n, low AS who, 1 AS joined, low_received AS received,"
	"   low_read AS read, " NEWEST " AS newest"
	"   FROM conversation c WHERE kind = 0"
	"  UNION ALL SELECT n, high, 1, high_received, high_read, " NEWEST
	"   FROM conversation c WHERE kind = 0"
	"  UNION ALL SELECT n, user_id, joined_seq, received_seq, read_seq,"
	"   " NEWEST " FROM conversation c JOIN member USING (n))"
	" WHERE read < 0 OR read > received OR received > newest"
	"  OR joined < 1 OR joined > newest + 1",

	"SELECT n, printf('seq %d says that the other one wrote %d, not %d',"
	"  seq, other_own, wrote) FROM (SELECT n, seq, other_own,"
	"  iif(c.kind = 0, coalesce(iif(lag(sender) OVER past = sender,"
	"   lag(other_own) OVER past, lag(seq) OVER past), 0), 0) AS wrote"
	"  FROM message m JOIN conversation c USING (n)"
	"  WINDOW past AS (PARTITION BY n ORDER BY seq))"
	" WHERE other_own <> wrote",

	/* what was folded in */
	"SELECT m.n, printf('seq %d was edited by change %d, which is not"
	" there', m.seq, m.edited) FROM message m"
	" LEFT JOIN change h ON h.place = (m.n << 32 | m.edited)"
	"  AND h.seq = m.seq AND h.kind = 0"
	" WHERE m.edited > 0 AND h.change IS NULL",

	"SELECT m.n, printf('seq %d was deleted by change %d, which is not"
	" there', m.seq, m.deleted) FROM message m"
	" LEFT JOIN change h ON h.place = (m.n << 32 | m.deleted)"
	"  AND h.seq = m.seq AND h.kind = 1"
	" WHERE m.deleted > 0 AND h.change IS NULL",

	"SELECT m.n, printf('seq %d was reacted to by change %d, which is not"
	" there', m.seq, m.reacted) FROM message m"
	" LEFT JOIN change h ON h.place = (m.n << 32 | m.reacted)"
	"  AND h.seq = m.seq AND h.kind = 2"
	" WHERE m.reacted > 0 AND h.change IS NULL",

	"SELECT h.n, printf('change %d is not folded into seq %d', h.change,"
	"  h.seq) FROM change h"
	" LEFT JOIN message m ON m.place = (h.n << 32 | h.seq)"
	" WHERE h.kind < 3 AND h.change > CASE h.kind"
	"  WHEN 0 THEN coalesce(m.edited, 0)"
	"  WHEN 1 THEN coalesce(m.deleted, 0)"
	"  ELSE coalesce(m.reacted, 0) END"
	" AND NOT (m.place IS NULL AND h." OF_LOBBY ")",

	"SELECT n, printf('seq %d is deleted and has a text', seq)"
	" FROM message WHERE deleted > 0"
	" AND (content <> '' OR hidden_content IS NOT NULL)",

	"SELECT n, printf('seq %d is deleted and mentions people', seq)"
	" FROM message WHERE deleted > 0 AND mentions IS NOT NULL",

	"SELECT n, printf('seq %d is deleted and names a file', seq)"
	" FROM message WHERE deleted > 0 AND attachment IS NOT NULL",

	"SELECT r.place >> 32, printf('there are reactions to seq %d, which"
	" is gone', r.place & 4294967295) FROM reaction r"
	" LEFT JOIN message m USING (place)"
	" WHERE m.place IS NULL OR m.deleted > 0 OR m.erased = 1",

	"SELECT min(place) >> 32, printf('%s reacted %d times to seq %d with"
	" the same', lower(hex(user_id)), count(*), place & 4294967295)"
	" FROM reaction GROUP BY place, user_id, emoji HAVING count(*) > 1",

	"SELECT m.n, printf('seq %d names a file that is not there', m.seq)"
	" FROM message m WHERE m.attachment IS NOT NULL AND NOT EXISTS"
	"  (SELECT 1 FROM attached a JOIN file f ON f.id = a.file"
	"   WHERE a.place = m.place)",

	"SELECT a.place >> 32, printf('a file is named by seq %d, which names"
	" none', a.place & 4294967295) FROM attached a"
	" LEFT JOIN message m ON m.place = a.place"
	" WHERE m.attachment IS NULL",

	"SELECT m.n, printf('seq %d answers %s, which is not here', m.seq,"
	"  lower(hex(m.reply_to))) FROM message m"
	" LEFT JOIN message r ON r.id = m.reply_to AND r.n = m.n"
	" WHERE m.reply_to IS NOT NULL AND r.id IS NULL"
	" AND NOT m." OF_LOBBY,

	"SELECT e.n, printf('an event is of change %d, which is not there',"
	"  e.change) FROM event e LEFT JOIN change h"
	"  ON h.place = (e.n << 32 | e.change)"
	" WHERE e.change IS NOT NULL AND h.change IS NULL",

	/* the file itself; its last row is 'ok'. SQLite 3.46 takes a number
	 * in the parentheses for the name of a table. Of the index of words
	 * verify_words() says more than FTS5 does since 3.44. */
	"SELECT 0, integrity_check FROM pragma_integrity_check"
	" WHERE integrity_check <> 'ok'"
	" AND integrity_check NOT LIKE '%inverted index for FTS5%' LIMIT 20",
};

static void find_id(struct sqlite_db *db, int64_t n, char out[ID_SIZE])
{
	static const char sql[] =
		"SELECT id FROM conversation WHERE n = ? LIMIT 1";
	struct query q = QUERY(db, sql, INT(n));

	out[0] = '\0';
	if (query_row(&q))
		query_id(&q, 0, out);
	query_close(&q);
}

static void run_check(struct sqlite_db *db, const char *sql,
		      store_each_problem *problem, void *context)
{
	struct query q = QUERY(db, sql);

	while (query_row(&q)) {
		char id[ID_SIZE];

		find_id(db, query_int(&q, 0), id);
		problem(id, query_text(&q, 1), context);
	}
}

/* The index of words is read once, but for how words begin. */
static bool words_are_whole(struct sqlite_db *db)
{
	static const char noted[] =
		"SELECT 1 FROM meta WHERE key = 'search_damaged'";
	static const char make[] =
		"CREATE VIRTUAL TABLE IF NOT EXISTS temp.words"
		" USING fts5vocab (main, search, row)";
	static const char sql[] = "SELECT sum(cnt) FROM temp.words";
	sqlite3_stmt *stmt;
	int rc = SQLITE_OK;

	if (QUERY_INT(db, noted) != 0)
		return false;
	stmt = sqlite_db_run(db, make) ? sqlite_db_statement(db, sql) : NULL;
	if (stmt != NULL) {
		sqlite3_step(stmt);
		rc = sqlite3_reset(stmt);
	}
	if (rc == SQLITE_CORRUPT_VTAB)
		db->index_damaged = true;
	else if (rc != SQLITE_OK)
		sqlite_db_fail(db, rc);
	return rc != SQLITE_CORRUPT_VTAB;
}

/* Nothing is lost with it, so that it is no breach, for which a copy would be
 * refused. */
static void verify_words(struct store *store, struct sqlite_db *db)
{
	if (db->state == STATE_GOOD && !words_are_whole(db))
		snprintf(store->notice, sizeof(store->notice),
			 "the index of words in %s is damaged: where nothing "
			 "else is, it is made anew by itself",
			 db->path);
}

enum store_status sqlite_verify(struct store *store, int64_t *checked,
				store_each_problem *problem, void *context)
{
	static const char count[] = "SELECT count(*) FROM conversation";
	struct sqlite_db *db = sqlite_begin(store, ACCESS_READ);

	*checked = QUERY_INT(db, count);
	for (size_t i = 0; i < COUNT_OF(checks); i++)
		run_check(db, checks[i], problem, context);
	verify_words(store, db);
	return sqlite_end(db, STORE_OK);
}
