/*
 * That verify finds each breach: a clean store is damaged with raw SQL, once
 * per row of the table, and verify has to name the conversation and the
 * damage. Then the same by admin_verify, as an operator sees it.
 */
#include "breach.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "admin.h"
#include "mem.h"

/* Without the constraints that would refuse the damage. */
#define UNBOUND(table)                                                         \
	"ALTER TABLE " table " RENAME TO bound;"                               \
	"CREATE TABLE " table " AS SELECT * FROM bound; DROP TABLE bound;"

/* A group of no messages and one member. */
#define GROUP                                                                  \
	"INSERT INTO conversation (id, n, kind, made) VALUES"                  \
	" (x'" BREACH_GROUP "', 9, 1, zeroblob(12));"                          \
	"INSERT INTO member (n, user_id) VALUES (9, zeroblob(12));"            \
	"INSERT INTO inbox (user_id, conversation, n, kind) VALUES"            \
	" (zeroblob(12), x'" BREACH_GROUP "', 9, 1);"

static const struct breach breaches[] = {
	{"DELETE FROM message WHERE seq = 4", "seq 5 follows 3", NULL},
	{"DELETE FROM message WHERE seq = 1", "seq 2 follows 0", NULL},
	{UNBOUND("message") "INSERT INTO message SELECT * FROM message"
			    " WHERE seq = 5",
	 "seq 5 is there twice", NULL},
	{UNBOUND("message") "INSERT INTO message SELECT * FROM message"
			    " WHERE seq = 5",
	 "is there 2 times", NULL},
	{"UPDATE message SET id = zeroblob(12) WHERE seq = 5",
	 "seq 5 was written before 4", NULL},
	{"UPDATE message SET place = place + (7 << 32) WHERE seq = 5",
	 "1 messages of no conversation", ""},
	{UNBOUND("message") "UPDATE message SET client_id = 'k' WHERE seq = 1",
	 "clientId 'k' of", NULL},
	{"UPDATE message SET request_hash = NULL",
	 "seq 4 has a clientId and no request hash", NULL},
	{"UPDATE message SET sender = zeroblob(12) WHERE seq = 5",
	 "seq 5 was sent by 000000000000000000000000, who is not in it", NULL},
	{"UPDATE message SET other_own = 4 WHERE seq = 5",
	 "seq 5 says that the other one wrote 4, not 2", NULL},
	{"DELETE FROM change WHERE change = 1", "change 2 follows 0", NULL},
	{"DELETE FROM change WHERE change = 1",
	 "seq 2 was edited by change 1, which is not there", NULL},
	{"DELETE FROM change WHERE change = 1",
	 "an event is of change 1, which is not there", NULL},
	{UNBOUND("change") "INSERT INTO change SELECT * FROM change"
			   " WHERE change = 2",
	 "change 2 is there twice", NULL},
	{"DELETE FROM change WHERE change = 2",
	 "seq 3 was deleted by change 2, which is not there", NULL},
	{"UPDATE change SET place = place + (7 << 32) WHERE change = 2",
	 "1 changes of no conversation", ""},
	{"UPDATE conversation SET last_change = 1",
	 "lastChange is 1, its newest change 2", NULL},
	{"UPDATE message SET deleted = 0", "change 2 is not folded into seq 3",
	 NULL},
	{"UPDATE message SET edited = 0", "change 1 is not folded into seq 2",
	 NULL},
	{"UPDATE message SET content = 'x' WHERE seq = 3",
	 "seq 3 is deleted and has a text", NULL},
	{"UPDATE message SET reply_to = x'" BREACH_GROUP "' WHERE seq = 5",
	 "seq 5 answers " BREACH_GROUP, NULL},
	{"UPDATE conversation SET low_read = 6, low_received = 6", "received 6",
	 NULL},
	{"UPDATE conversation SET high_received = 1, high_read = 2",
	 "received 1, read 2 of 5", NULL},
	{"UPDATE conversation SET high_read = -1", "read -1", NULL},
	{GROUP "UPDATE member SET read_seq = 1, received_seq = 1",
	 "received 1, read 1 of 0", BREACH_GROUP},
	{GROUP "UPDATE member SET joined_seq = 0", "joined 0", BREACH_GROUP},
	{GROUP "UPDATE member SET joined_seq = 2", "joined 2", BREACH_GROUP},
	{GROUP "DELETE FROM member", "is not its member", BREACH_GROUP},
	{GROUP "DELETE FROM inbox WHERE kind = 1",
	 "is its member and has it not", BREACH_GROUP},
	{"DELETE FROM inbox WHERE user_id = (SELECT low FROM conversation)",
	 "a direct conversation without its two members", NULL},
	{"UPDATE inbox SET user_id = zeroblob(12)"
	 " WHERE user_id = (SELECT low FROM conversation)",
	 "is not its member and has it in their list", NULL},
	{"UPDATE inbox SET kind = 1", "has it as another one", NULL},
	{"INSERT INTO member (n, user_id) VALUES (7, zeroblob(12))",
	 "1 members of no conversation", ""},
	{"PRAGMA writable_schema = ON; DELETE FROM sqlite_schema"
	 " WHERE name = 'message_id'",
	 "never used", ""},
};

static void damage(struct contract *c, const char *sql)
{
	const char *path = c->uri + strlen("sqlite:");
	sqlite3 *raw = NULL;
	char *error = NULL;

	store_free(c->store);
	assert_int_equal(sqlite3_open(path, &raw), SQLITE_OK);
	sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
	if (sqlite3_exec(raw, sql, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("%s: %s", sql, error);
	assert_int_equal(sqlite3_close(raw), SQLITE_OK);
	c->store = contract_open(c);
}

static void verify_finds_each_planted_breach(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(breaches); i++)
		breach_assert_found(&breaches[i], damage);
}

/* ---- what an operator sees ---- */

static int admin(struct contract *c, char *said, size_t size)
{
	FILE *out = fmemopen(said, size, "w");
	int status = admin_verify(c->store, out);

	fclose(out);
	return status;
}

static void an_operator_sees_what_was_found_and_counted(void **state)
{
	(void)state;
	struct contract *c;
	char said[1000], direct[ID_SIZE], *expected;

	assert_int_equal(contract_setup((void **)&c), 0);
	breach_fill(c);
	contract_place(c, c->cat, c->ann, "x");
	assert_int_equal(admin(c, said, sizeof(said)), 0);
	assert_string_equal(said, "2 conversations checked, 0 problems\n");
	id_direct(c->ann, c->bob, direct);
	damage(c, "UPDATE conversation SET last_change = 9"
		  " WHERE last_change = 2");
	expected = xasprintf("%s: lastChange is 9, its newest change 2\n"
			     "2 conversations checked, 1 problems\n",
			     direct);
	assert_int_equal(admin(c, said, sizeof(said)), 1);
	assert_string_equal(said, expected);
	free(expected);
	damage(c, "PRAGMA user_version = 99");
	assert_int_equal(admin(c, said, sizeof(said)), 2);
	assert_memory_equal(said, "cannot verify: ", 15);
	contract_discard(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verify_finds_each_planted_breach),
		cmocka_unit_test(an_operator_sees_what_was_found_and_counted),
	};

	return contract_run_on("sqlite", "SQLite's verify", tests,
			       COUNT_OF(tests));
}
