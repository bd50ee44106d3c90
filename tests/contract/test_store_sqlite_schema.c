/* A store that another version has made, or none. */
#include "sqlite_fault.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

static void a_newer_schema_is_refused_in_one_line(void **state)
{
	struct contract *c = *state;
	sqlite3 *raw = fault_open_raw(c);
	char *error;

	store_free(c->store);
	fault_run_raw(raw, "PRAGMA user_version = 700");
	c->store = contract_open(c);
	error = store_prepare(c->store);
	assert_non_null(error);
	assert_non_null(strstr(error, fault_path(c)));
	assert_non_null(strstr(error, "was written by a newer Palabre"
				      " (schema 700; this one knows 4)"));
	assert_null(strchr(error, '\n'));
	free(error);
	fault_assert_unavailable(c, true);
	fault_run_raw(raw, "PRAGMA user_version = 4");
	fault_assert_back(c);
	sqlite3_close(raw);
}

static void a_store_of_the_first_schema_is_brought_up_to_date(void **state)
{
	struct contract *c = *state;
	sqlite3 *raw = fault_open_raw(c);
	struct store_guesses guesses;
	struct store_user user;

	store_free(c->store);
	fault_run_raw(raw, "DROP TABLE guess; PRAGMA user_version = 1");
	sqlite3_close(raw);
	c->store = contract_open(c);
	assert_null(store_prepare(c->store));
	assert_ok(store_guesses_get(c->store, "nobody", &guesses));
	assert_ok(store_user_get(c->store, c->ann, &user));
	store_user_done(&user);
}

static void assert_found(struct contract *c, const char *name, const char *id)
{
	struct store_user user;

	assert_ok(store_user_by_login(c->store, name, &user));
	assert_string_equal(user.id, id);
	store_user_done(&user);
}

/* Nobody is found by his name; Dan's belongs to Cat, so he keeps what he had.
 */
static void names_that_were_folded_in_another_way_are_folded_anew(void **state)
{
	struct contract *c = *state;
	sqlite3 *raw = fault_open_raw(c);
	char dan[ID_SIZE];

	contract_add_user(c, "Dan", dan);
	store_free(c->store);
	fault_run_raw(
		raw,
		"UPDATE user SET username_folded = 'x-' || lower(username),"
		" display_folded = 'x';"
		"UPDATE user SET username_folded = 'dan',"
		" username = 'DAN' WHERE username = 'Cat';"
		"PRAGMA user_version = 3");
	sqlite3_close(raw);
	c->store = contract_open(c);
	assert_null(store_prepare(c->store));
	assert_found(c, "ANN", c->ann);
	assert_found(c, "BOB", c->bob);
	assert_found(c, "Dan", c->cat);
	assert_found(c, "x-dan", dan);
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
			a_store_of_the_first_schema_is_brought_up_to_date),
		CONTRACT_TEST(
			names_that_were_folded_in_another_way_are_folded_anew),
		CONTRACT_TEST(a_store_in_no_folder_cannot_be_made),
	};

	setenv("PALABRE_TEST_STORE", "sqlite", 1);
	return contract_run("SQLite's schema", tests, COUNT_OF(tests));
}
