/* A store that another version has made, or none. */
#include "sqlite_fault.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

/* What makes the store's file one of this version again. */
static char *version_of(sqlite3 *raw, int *version)
{
	sqlite3_stmt *stmt;

	assert_int_equal(
		sqlite3_prepare_v2(raw, "PRAGMA user_version", -1, &stmt, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	*version = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	return xasprintf("PRAGMA user_version = %d", *version);
}

static void a_newer_schema_is_refused_in_one_line(void **state)
{
	struct contract *c = *state;
	sqlite3 *raw = fault_open_raw(c);
	int version;
	char *error, *back = version_of(raw, &version);
	char *says = xasprintf("was written by a newer Palabre"
			       " (schema 700; this one knows %d)",
			       version);

	store_free(c->store);
	fault_run_raw(raw, "PRAGMA user_version = 700");
	c->store = contract_open(c);
	error = store_prepare(c->store);
	assert_non_null(error);
	assert_non_null(strstr(error, fault_path(c)));
	assert_non_null(strstr(error, says));
	assert_null(strchr(error, '\n'));
	free(error);
	fault_assert_unavailable(c, true);
	fault_run_raw(raw, back);
	fault_assert_back(c);
	sqlite3_close(raw);
	free(says);
	free(back);
}

static void a_file_from_before_the_first_version_is_none_of_ours(void **state)
{
	struct contract *c = *state;
	sqlite3 *raw = fault_open_raw(c);
	int version;
	char *back = version_of(raw, &version);
	static const char *const before[] = {
		"PRAGMA application_id = 1349280370",
		"PRAGMA application_id = 1348562018; PRAGMA user_version = 0",
	};

	for (size_t i = 0; i < COUNT_OF(before); i++) {
		char *error;

		store_free(c->store);
		fault_run_raw(raw, before[i]);
		c->store = contract_open(c);
		error = store_prepare(c->store);
		assert_non_null(strstr(error, "is not a Palabre database"));
		free(error);
		fault_assert_unavailable(c, true);
	}
	fault_run_raw(raw, "PRAGMA application_id = 1348562018");
	fault_run_raw(raw, back);
	fault_assert_back(c);
	free(back);
	sqlite3_close(raw);
}

/* Whatever a bug would write. */
static void a_number_that_means_nothing_is_refused(void **state)
{
	struct contract *c = *state;
	sqlite3 *raw = fault_open_raw(c);
	static const char *const wrong[] = {
		"UPDATE user SET role = 3",
		"UPDATE user SET disabled = 2",
		"UPDATE user SET role = 'user'",
		"UPDATE conversation SET kind = 4",
		"UPDATE conversation SET kind = 1",
		"UPDATE conversation SET low = high, high = low",
		"UPDATE conversation SET n = 0",
		"UPDATE message SET kind = 4",
		"UPDATE message SET kind = -1",
		"UPDATE message SET id = '0123456789ab'",
		"UPDATE message SET id = x'01'",
		("INSERT INTO change (place, seq, kind, by, created_at)"
		 " VALUES (1, 1, 4, zeroblob(12), 1)"),
		"INSERT INTO event (position, n) VALUES (zeroblob(12), 1)",
		"UPDATE inbox SET archived = 2",
		"UPDATE inbox SET kind = 9",
	};

	fault_assert_back(c);
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		int rc = sqlite3_exec(raw, wrong[i], NULL, NULL, NULL);

		if (rc != SQLITE_CONSTRAINT)
			fail_msg("%d: %s", rc, wrong[i]);
	}
	/* And what later versions mean by theirs is not. */
	fault_run_raw(raw, "BEGIN; UPDATE message SET kind = 3;"
			   "INSERT INTO change (place, seq, kind, by,"
			   " created_at) VALUES (1, 1, 3, zeroblob(12), 1);"
			   "ROLLBACK");
	sqlite3_close(raw);
}

/* The newest step, taken back. */
#define WITHOUT_15                                                             \
	"ALTER TABLE user_block DROP COLUMN other_received_seq;"               \
	"ALTER TABLE user_block DROP COLUMN other_read_seq;"

/* The teardown's verify looks at what it was given. */
static void
a_store_from_before_support_was_sorted_is_brought_up_to_date(void **s)
{
	struct contract *c = *s;
	struct contract_rows *rows = contract_rows_new();
	const struct store_viewer server = {ID_SERVER, ROLE_OPERATOR};
	const char *wrote[] = {c->ann, c->bob, c->ann};
	sqlite3 *raw;

	for (size_t i = 0; i < COUNT_OF(wrote); i++) {
		struct store_send send = {
			.sender_name = "x",
			.to = ID_SERVER,
			.content = "x",
			.now_ms = ++c->now,
		};

		assert_ok(contract_try(c, wrote[i], &send));
	}
	store_free(c->store);
	raw = fault_open_raw(c);
	fault_run_raw(raw, WITHOUT_15
		      "DROP TABLE erased;"
		      "DROP TABLE search;"
		      "ALTER TABLE change DROP COLUMN hidden;"
		      "ALTER TABLE change DROP COLUMN taken;"
		      "ALTER TABLE change DROP COLUMN emoji;"
		      "ALTER TABLE message DROP COLUMN reacted;"
		      "ALTER TABLE message DROP COLUMN hidden_content;"
		      "ALTER TABLE message DROP COLUMN hidden_mentions;"
		      "ALTER TABLE message DROP COLUMN shown_edited;"
		      "DROP TABLE reaction;"
		      "DROP INDEX user_hides_receipts;"
		      "ALTER TABLE user DROP COLUMN hides_receipts;"
		      "ALTER TABLE user DROP COLUMN hides_last_seen;"
		      "DROP TABLE report;"
		      "DROP INDEX inbox_newest;"
		      "DROP INDEX attached_place;"
		      "ALTER TABLE inbox DROP COLUMN newest;"
		      "ALTER TABLE inbox DROP COLUMN archived_seq;"
		      "ALTER TABLE inbox DROP COLUMN draft;"
		      "PRAGMA user_version = 4");
	sqlite3_close(raw);
	c->store = contract_open(c);
	assert_null(store_prepare(c->store));
	assert_ok(store_conversations(c->store, &server, LIST(9),
				      contract_each_conversation, rows));
	assert_int_equal(rows->conversations, 2);
	contract_rows_free(rows);
}

static void who_was_erased_before_it_was_remembered_is_found(void **state)
{
	struct contract *c = *state;
	char dan[ID_SIZE];
	sqlite3 *raw;

	contract_add_user(c, "dan", dan);
	contract_place(c, c->bob, c->ann, "his");
	contract_place(c, c->ann, dan, "who did not answer");
	contract_erase(c, c->bob);
	contract_erase(c, dan);
	assert_ok(store_erase_begin(c->store, c->cat, ++c->now));
	store_free(c->store);
	raw = fault_open_raw(c);
	fault_run_raw(raw,
		      WITHOUT_15 "DROP TABLE erased; PRAGMA user_version = 13");
	sqlite3_close(raw);
	c->store = contract_open(c);
	assert_null(store_prepare(c->store));
	assert_true(contract_was_erased(c->store, c->bob));
	assert_true(contract_was_erased(c->store, dan));
	assert_true(contract_was_erased(c->store, c->cat));
	assert_false(contract_was_erased(c->store, c->ann));
}

static void a_store_in_no_folder_cannot_be_made(void **state)
{
	(void)state;
	struct contract c = {.uri = xstrdup("sqlite:/nowhere/at/all.db")};
	char *error;

	c.store = contract_open(&c);
	error = store_prepare(c.store);
	assert_string_equal(error, "cannot open /nowhere/at/all.db: "
				   "No such file or directory");
	free(error);
	store_free(c.store);
	free(c.uri);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(a_newer_schema_is_refused_in_one_line),
		CONTRACT_TEST(
			a_file_from_before_the_first_version_is_none_of_ours),
		CONTRACT_TEST(a_number_that_means_nothing_is_refused),
		CONTRACT_TEST(
			a_store_from_before_support_was_sorted_is_brought_up_to_date),
		CONTRACT_TEST(who_was_erased_before_it_was_remembered_is_found),
		CONTRACT_TEST(a_store_in_no_folder_cannot_be_made),
	};

	return contract_run_on("sqlite", "SQLite's schema", tests,
			       COUNT_OF(tests));
}
