/* How SQLite goes about what the verbs ask: never through all that is there. */
#include "group.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "store_sqlite.h"

/* ---- every verb, so that all statements are prepared ---- */

static void each_session(const struct store_session *session, void *context)
{
	(void)session;
	(void)context;
}

static void each_network(const char *network, void *context)
{
	(void)network;
	(void)context;
}

static void use_accounts(struct contract *c)
{
	struct store_session session = {.expires_at = c->now + 1000}, found;
	struct store_profile profile = {.display_name = "Ann"};
	struct store_seen seen = {.at = c->now};
	struct store_guesses guesses = {.failures = 1};
	const struct store_guess_key key = {"nobody", ""};
	bool known;
	struct store_user user;
	const char *field;

	memcpy(session.user_id, c->ann, ID_SIZE);
	memcpy(seen.user_id, c->ann, ID_SIZE);
	assert_ok(store_session_open(c->store, &session, NULL));
	assert_ok(
		store_session_get(c->store, session.id, c->now, &found, &user));
	store_session_done(&found);
	store_user_done(&user);
	assert_ok(store_session_touch(c->store, session.id, c->now,
				      c->now + 2000));
	assert_ok(store_sessions(c->store, c->ann, c->now, 10, each_session,
				 NULL));
	assert_ok(store_session_end(c->store, c->ann, session.id));
	assert_ok(store_last_seen(c->store, &seen, 1));
	assert_ok(store_guesses_add(c->store, &key, &guesses, 0));
	assert_ok(store_guesses_get(c->store, &key, &guesses));
	assert_ok(store_guesses_forget(c->store, &key));
	assert_ok(store_network_seen(c->store, c->ann, "192.0.2.1", c->now));
	assert_ok(store_network_known(c->store, c->ann, "192.0.2.1", c->now,
				      &known));
	assert_ok(store_networks(c->store, c->ann, each_network, NULL));
	assert_ok(store_user_password(
		c->store, c->ann,
		&(struct store_password){.hash = "hash", .keep = NULL}));
	assert_ok(store_user_role(c->store, c->ann, ROLE_OPERATOR));
	assert_ok(store_user_disable(c->store, c->cat, true));
	assert_ok(
		store_user_profile(c->store, c->ann, &profile, &user, &field));
	store_user_done(&user);
}

static void use_guests(struct contract *c)
{
	struct store_user user = {
		.username = (char *)"guest",
		.display_name = (char *)"",
		.created_at = c->now,
	};
	struct store_session session = {
		.id = "0190000000000000000000c3",
		.created_at = c->now,
		.expires_at = c->now + 1000,
	};
	const char *field;
	size_t count;

	assert_ok(store_guest_come(c->store, &user, &session, &field));
	assert_ok(store_guest_sweep(c->store, c->now, 10, &count));
	assert_ok(store_lobby_trim(c->store, 10, &count));
}

static bool each_audit(const struct store_audit *row, void *context)
{
	(void)row;
	(void)context;
	return true;
}

static void each_block(const struct store_address_block *block, void *context)
{
	(void)block;
	(void)context;
}

static void each_of_group(const struct store_user *user,
			  const struct store_member *member, void *context)
{
	(void)user;
	(void)member;
	(void)context;
}

static void use_groups(struct contract *c)
{
	const struct store_members members = {.after = c->bob, .limit = 10};
	struct store_members_found found;
	char id[ID_SIZE];

	group_make(c, id);
	assert_ok(store_group_members(c->store, AS(c->ann), id, &members,
				      each_of_group, NULL, &found));
}

static void use_operators(struct contract *c)
{
	const struct store_viewer viewer = {c->ann, ROLE_OPERATOR};
	const struct store_deed deeds[] = {
		{.act = ACT_KICK, .user = c->bob},
		{.act = ACT_MUTE, .user = c->bob, .until = 1},
		{.act = ACT_BLOCK, .detail = "192.0.2.1", .until = 1},
		{.act = ACT_UNBLOCK, .detail = "192.0.2.1"},
	};

	for (size_t i = 0; i < COUNT_OF(deeds); i++)
		assert_ok(store_operator_act(c->store, &viewer, &deeds[i]));
	assert_ok(store_audit(c->store, LIST(10), each_audit, NULL));
	assert_ok(store_address_blocks(c->store, c->now, 10, each_block, NULL));
}

static void use_directory(struct contract *c, struct contract_rows *rows)
{
	static const char *const logins[] = {"ann", "ann@example.org"};
	const char *online[] = {c->ann};
	struct store_user_query query = {
		.online = online,
		.online_count = 1,
		.limit = 10,
	};
	struct store_user user;
	int64_t total;

	assert_ok(store_user_list(c->store, &query, contract_each_user, rows,
				  &total));
	query.guests = true;
	query.after = "ann";
	assert_ok(store_user_list(c->store, &query, contract_each_user, rows,
				  &total));
	assert_ok(store_user_get(c->store, c->ann, &user));
	store_user_done(&user);
	for (size_t i = 0; i < COUNT_OF(logins); i++) {
		store_user_by_login(c->store, logins[i], &user);
		store_user_done(&user);
	}
}

static void use_messages(struct contract *c, struct contract_rows *rows)
{
	struct contract_place place = contract_place(c, c->ann, c->bob, "one");
	struct store_send reply = {
		.sender_name = "Bob",
		.conversation = place.conversation,
		.content = "two",
		.client_id = "two",
		.reply_to = place.id,
		.now_ms = c->now,
	};
	struct store_message message;
	struct store_read_marks marks;

	assert_ok(contract_try(c, c->bob, &reply));
	assert_ok(store_message_get(c->store, AS(c->bob), place.id, &message));
	store_message_done(&message);
	for (int again = 0; again < 2; again++) {
		contract_edit(c, c->ann, place.id, "1");
	}
	contract_edit(c, c->ann, place.id, NULL);
	assert_ok(store_messages(c->store, AS(c->ann), place.conversation,
				 RANGE(1, 2), contract_each_message, rows));
	assert_ok(store_changes(c->store, AS(c->ann), place.conversation,
				RANGE(1, 2), contract_each_change, rows));
	assert_ok(store_mark_read(c->store, AS(c->ann), place.conversation,
				  &(struct store_reach){0, 2}, c->now, &marks));
}

static void use_conversations(struct contract *c, struct contract_rows *rows)
{
	struct contract_place place = contract_place(c, c->bob, c->ann, "x");
	struct store_conversation conversation;
	char epoch[ID_SIZE];
	bool more;

	assert_ok(store_conversation_get(c->store, AS(c->ann),
					 place.conversation, &conversation));
	store_conversation_done(&conversation);
	assert_ok(store_conversations(c->store, AS(c->ann), LIST(10),
				      contract_each_conversation, rows));
	assert_ok(store_positions(c->store, AS(c->ann), 10,
				  contract_each_conversation, rows));
	assert_ok(store_rooms(c->store, AS(c->ann), contract_each_id, rows));
	assert_ok(store_contacts(c->store, AS(c->ann), 10, contract_each_id,
				 rows));
	assert_ok(contract_rows_recent(c->store, NULL, rows, &more));
	assert_ok(store_newest(c->store, epoch));
	assert_ok(store_epoch(c->store, epoch));
}

/* So often that whoever does not see it is looked for among theirs. */
static void use_files(struct contract *c)
{
	struct store_file file = {
		.name = (char *)"a.txt",
		.mime = (char *)"text/plain",
		.size = 1,
		.created_at = ++c->now,
	};
	struct store_send send = {
		.to = c->ann,
		.kind = MESSAGE_FILE,
		.content = "",
		.attachment = file.id,
	};
	struct store_file found;

	memcpy(file.owner, c->ann, ID_SIZE);
	memset(file.hash, 'a', sizeof(file.hash) - 1);
	assert_ok(store_file_add(c->store, &file, 100));
	assert_ok(store_batch_begin(c->store));
	for (int i = 0; i < 100; i++)
		assert_ok(contract_try(c, c->ann, &send));
	assert_ok(store_batch_commit(c->store));
	assert_int_equal(store_file_get(c->store, AS(c->bob), file.id, &found),
			 STORE_NOT_FOUND);
	store_file_done(&found);
}

/* ---- their plans ---- */

/* What may be read from one end to the other: a list that the statement brings
 * with it or made itself, a table of one row, and the directory, in order. */
static const char *const scans[] = {
	"SCAN CONSTANT ROW",
	"SCAN newest",
	"SCAN json_each",
	"SCAN meta",
	"SCAN user USING INDEX user_guest",	     /* to sweep */
	"SCAN user USING COVERING INDEX user_guest", /* of SQLite 3.46 */
	"SCAN user USING INDEX user_hides_receipts", /* its first row */
	"SCAN user USING COVERING INDEX user_hides_receipts",
	"SCAN u USING COVERING INDEX user_listed",
	"SCAN u USING INDEX user_listed",
};

static bool may_scan(const char *sql, const char *step)
{
	/* Only who wants the rows themselves goes to the table for each. */
	if (strncmp(sql, "SELECT count(*) FROM user", 25) == 0 &&
	    strstr(step, "SCAN u USING INDEX") != NULL)
		return false;
	for (size_t i = 0; i < COUNT_OF(scans); i++)
		if (strncmp(step, scans[i], strlen(scans[i])) == 0)
			return true;
	return false;
}

static void check_plan(sqlite3 *handle, const char *sql)
{
	char *explain = xasprintf("EXPLAIN QUERY PLAN %s", sql);
	sqlite3_stmt *plan;

	assert_int_equal(sqlite3_prepare_v2(handle, explain, -1, &plan, NULL),
			 SQLITE_OK);
	while (sqlite3_step(plan) == SQLITE_ROW) {
		const char *step = (const char *)sqlite3_column_text(plan, 3);

		if (strstr(step, "AUTOMATIC") != NULL ||
		    (strncmp(step, "SCAN", 4) == 0 && !may_scan(sql, step)))
			fail_msg("%s: %s", step, sql);
	}
	sqlite3_finalize(plan);
	free(explain);
}

static void no_verb_reads_a_whole_table(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();
	sqlite3_stmt *stmt = NULL;
	size_t asked = 0;

	use_accounts(c);
	use_guests(c);
	use_groups(c);
	use_operators(c);
	use_directory(c, rows);
	use_messages(c, rows);
	use_conversations(c, rows);
	use_files(c);
	contract_rows_free(rows);

	sqlite3 *handle = store_sqlite_db(c->store)->handle;

	while ((stmt = sqlite3_next_stmt(handle, stmt)) != NULL) {
		const char *sql = sqlite3_sql(stmt);

		if (strchr("SIUD", sql[0]) == NULL)
			continue; /* no row of ours */
		check_plan(handle, sql);
		asked++;
	}
	assert_true(asked >= 50);
}

/* ---- what grows with all that there ever was ---- */

static void write_to_support(struct contract *c, int from, int to)
{
	const struct store_send send = {
		.sender_name = "x",
		.to = ID_SERVER,
		.content = "x",
		.now_ms = ++c->now,
	};

	assert_ok(store_batch_begin(c->store));
	for (int i = from; i < to; i++) {
		char *name = xasprintf("client%d", i), id[ID_SIZE];
		struct store_sent sent;

		contract_add_user(c, name, id);
		free(name);
		assert_ok(store_send(c->store, AS(id), &send, &sent));
		store_sent_done(&sent);
	}
	assert_ok(store_batch_commit(c->store));
}

/* Of SQLite's machine, for a page of who wrote to support. */
static int64_t steps_of_page(struct contract *c, struct contract_rows *rows)
{
	const struct store_viewer server = {ID_SERVER, ROLE_OPERATOR};
	sqlite3 *handle = store_sqlite_db(c->store)->handle;
	sqlite3_stmt *stmt = NULL;
	int64_t steps = 0;

	while ((stmt = sqlite3_next_stmt(handle, stmt)) != NULL)
		sqlite3_stmt_status(stmt, SQLITE_STMTSTATUS_VM_STEP, 1);
	assert_ok(store_conversations(c->store, &server, LIST(5),
				      contract_each_conversation, rows));
	while ((stmt = sqlite3_next_stmt(handle, stmt)) != NULL)
		steps +=
			sqlite3_stmt_status(stmt, SQLITE_STMTSTATUS_VM_STEP, 0);
	return steps;
}

static void a_page_of_support_costs_the_same_however_many_wrote(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();
	int64_t few, many;

	write_to_support(c, 0, 20);
	few = steps_of_page(c, rows);
	write_to_support(c, 20, 400);
	many = steps_of_page(c, rows);
	assert_int_equal(rows->conversations, 10);
	assert_true(few > 0);
	assert_in_range(many, 1, few * 3 / 2);
	contract_rows_free(rows);
}

/* Conversations with something of all that has a number there. */
static void write_to_bob(struct contract *c, int from, int to)
{
	for (int i = from; i < to; i++) {
		struct contract_place place;
		char *name = xasprintf("friend%d", i), id[ID_SIZE];

		contract_add_user(c, name, id);
		free(name);
		place = contract_place(c, id, c->bob, "x");
		contract_edit(c, id, place.id, "y");
		contract_block(c, c->bob, id, true);
		contract_place(c, id, c->bob, "hidden");
	}
}

static int add_steps(unsigned event, void *context, void *stmt, void *time)
{
	int64_t *steps = context;

	(void)event;
	(void)time;
	*steps += sqlite3_stmt_status(stmt, SQLITE_STMTSTATUS_VM_STEP, 1);
	return 0;
}

static int64_t steps_of_verify(struct contract *c)
{
	sqlite3 *handle = store_sqlite_db(c->store)->handle;
	int64_t steps = 0;

	sqlite3_trace_v2(handle, SQLITE_TRACE_PROFILE, add_steps, &steps);
	contract_assert_clean(c->store);
	sqlite3_trace_v2(handle, 0, NULL, NULL);
	return steps;
}

static void verify_reads_all_of_it_once(void **state)
{
	struct contract *c = *state;
	int64_t few, many;

	write_to_bob(c, 0, 40);
	few = steps_of_verify(c);
	write_to_bob(c, 40, 160);
	many = steps_of_verify(c);
	assert_true(few > 0);
	assert_in_range(many, 1, few * 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(no_verb_reads_a_whole_table),
		CONTRACT_TEST(
			a_page_of_support_costs_the_same_however_many_wrote),
		CONTRACT_TEST(verify_reads_all_of_it_once),
	};

	return contract_run_on("sqlite", "SQLite's plans", tests,
			       COUNT_OF(tests));
}
