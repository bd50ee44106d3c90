/*
 * That verify finds each breach: a clean store is damaged with raw SQL, once
 * per row of the table, and verify has to name the conversation and the
 * damage. Then the same by admin_verify, as an operator sees it.
 */
#include "contract.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "admin.h"
#include "mem.h"

/* Without the constraints that would refuse the damage. */
#define UNBOUND(table)                                                         \
	"PRAGMA foreign_keys = OFF;"                                           \
	"ALTER TABLE " table " RENAME TO bound;"                               \
	"CREATE TABLE " table " AS SELECT * FROM bound; DROP TABLE bound;"

struct damage {
	const char *sql, *what; /* what verify has to say, in part */
};

/* Ann and Bob: 1 to 5, 2 edited (change 1), 3 deleted (change 2), clientId
 * "k" on 4, 5 answers 1. */
static const struct damage damages[] = {
	{UNBOUND("message") "DELETE FROM message WHERE seq = 4",
	 "seq 5 follows 3"},
	{UNBOUND("message") "DELETE FROM message WHERE seq = 1",
	 "seq 2 follows 0"},
	{UNBOUND("message") "INSERT INTO message SELECT * FROM message"
			    " WHERE seq = 5",
	 "seq 5 is there twice"},
	{UNBOUND("message") "INSERT INTO message SELECT * FROM message"
			    " WHERE seq = 5",
	 "is there 2 times"},
	{UNBOUND("message") "DELETE FROM message WHERE seq = 5",
	 "lastSeq is 5, its newest message 4"},
	{"UPDATE conversation SET last_seq = 6",
	 "lastSeq is 6, its newest message 5"},
	{UNBOUND("message") "UPDATE message SET conversation ="
			    " '0123456789abcdef01234567' WHERE seq = 5",
	 "messages of no conversation"},
	{UNBOUND("message") "UPDATE message SET client_id = 'k' WHERE seq = 1",
	 "clientId 'k' of"},
	{"UPDATE message SET request_hash = NULL",
	 "seq 4 has a clientId and no request hash"},
	{UNBOUND("change") "DELETE FROM change WHERE change = 1",
	 "change 2 follows 0"},
	{UNBOUND("change") "DELETE FROM change WHERE change = 1",
	 "seq 2 was edited by change 1, which is not there"},
	{UNBOUND("change") "INSERT INTO change SELECT * FROM change"
			   " WHERE change = 2",
	 "change 2 is there twice"},
	{UNBOUND("change") "DELETE FROM change WHERE change = 2",
	 "seq 3 was deleted by change 2, which is not there"},
	{"UPDATE conversation SET last_change = 1",
	 "lastChange is 1, its newest change 2"},
	{"UPDATE message SET deleted = 0", "change 2 is not folded into seq 3"},
	{"UPDATE message SET edited = 0", "change 1 is not folded into seq 2"},
	{"UPDATE message SET content = 'x' WHERE seq = 3",
	 "seq 3 is deleted and has a text"},
	{"UPDATE message SET reply_to = '0123456789abcdef01234567'"
	 " WHERE seq = 5",
	 "seq 5 answers 0123456789abcdef01234567"},
	{"UPDATE member SET read_seq = 6, received_seq = 6", "received 6"},
	{"UPDATE member SET received_seq = read_seq - 1 WHERE read_seq > 0",
	 "marks of"},
	{"UPDATE member SET read_seq = -1", "read -1"},
	{"UPDATE member SET joined_seq = 0", "joined 0"},
	{"UPDATE member SET joined_seq = 7", "joined 7"},
	{"DELETE FROM member WHERE read_seq = 5",
	 "a direct conversation without its two members"},
	{"UPDATE conversation SET low = high, high = low",
	 "a direct conversation without its two members"},
	{"PRAGMA foreign_keys = OFF; INSERT INTO member (conversation, user_id)"
	 " VALUES ('0123456789abcdef01234567', 'x')",
	 "members of no conversation"},
	{"PRAGMA writable_schema = ON; DELETE FROM sqlite_schema"
	 " WHERE name = 'message_id'",
	 "never used"},
};

static void fill(struct contract *c)
{
	struct contract_place first = contract_place(c, c->ann, c->bob, "1");
	struct contract_place edited = contract_place(c, c->bob, c->ann, "2");
	struct contract_place deleted = contract_place(c, c->ann, c->bob, "3");
	struct store_sent keyed = contract_say(c, c->ann, c->bob, "4", "k");
	struct store_send reply = {
		.to = c->bob, .content = "5", .reply_to = first.id};
	struct store_change change;

	store_sent_done(&keyed);
	assert_ok(contract_try(c, c->ann, &reply));
	assert_ok(store_message_change(
		c->store, AS(c->bob), edited.id,
		&(struct store_edit){CHANGE_EDIT, "2b", ++c->now}, &change));
	store_change_done(&change);
	assert_ok(store_message_change(
		c->store, AS(c->ann), deleted.id,
		&(struct store_edit){CHANGE_DELETE, NULL, ++c->now}, &change));
	store_change_done(&change);
}

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

struct search {
	const char *what, *direct;
	int found, other;
};

static void search(const char *conversation, const char *what, void *context)
{
	struct search *s = context;

	if (strstr(what, s->what) == NULL)
		return;
	s->found++;
	/* Named by its conversation, but for what belongs to none. */
	if (strcmp(conversation, s->direct) != 0)
		s->other++;
}

/* A store of its own for each: these fixtures end with no clean verify. */
static void assert_found(const struct damage *planted)
{
	struct contract *c;
	struct search s = {.what = planted->what};
	char direct[ID_SIZE];
	int64_t checked;

	assert_int_equal(contract_setup((void **)&c), 0);
	fill(c);
	contract_assert_clean(c->store);
	id_direct(c->ann, c->bob, direct);
	s.direct = direct;
	damage(c, planted->sql);
	assert_ok(store_verify(c->store, &checked, search, &s));
	if (s.found == 0)
		fail_msg("not found: %s", planted->what);
	if (strstr(planted->what, "of no conversation") == NULL &&
	    strstr(planted->what, "never used") == NULL)
		assert_int_equal(s.other, 0);
	assert_int_equal(checked, 1);
	contract_discard(c);
}

static void verify_finds_each_planted_breach(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(damages); i++)
		assert_found(&damages[i]);
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
	fill(c);
	contract_place(c, c->cat, c->ann, "x");
	assert_int_equal(admin(c, said, sizeof(said)), 0);
	assert_string_equal(said, "2 conversations checked, 0 problems\n");
	id_direct(c->ann, c->bob, direct);
	damage(c, "UPDATE conversation SET last_seq = 9 WHERE last_seq = 5");
	expected = xasprintf("%s: lastSeq is 9, its newest message 5\n"
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

	setenv("PALABRE_TEST_STORE", "sqlite", 1);
	return contract_run("SQLite's verify", tests, COUNT_OF(tests));
}
