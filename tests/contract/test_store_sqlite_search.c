/*
 * The index of words, damaged behind the store's back: it is made anew of the
 * messages by itself. In a file that is damaged itself nothing is touched.
 */
#include "sqlite_fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "store_search.h"

#define SAID 1200
#define PAGE 4096

/* More than is thrown away at once. */
#define MUCH_JUNK                                                              \
	"DELETE FROM search_data;"                                             \
	"WITH RECURSIVE i (n) AS (VALUES (1) UNION ALL"                        \
	" SELECT n + 1 FROM i LIMIT 1700)"                                     \
	" INSERT INTO search_data SELECT 1000 + n, randomblob(3000) FROM i"

/* Some hundred words in one conversation, one of each hundred "apple", and one
 * message in another one; all of it indexed. */
static void fill(struct contract *c)
{
	char text[80];

	assert_ok(store_batch_begin(c->store));
	for (int i = 0; i < SAID; i++) {
		snprintf(text, sizeof(text), "word%d of%d %s", i, i % 7,
			 i % 100 == 0 ? "apple" : "pear");
		contract_place(c, c->ann, c->bob, text);
	}
	contract_place(c, c->ann, c->cat, "apple for cat");
	assert_ok(store_batch_commit(c->store));
}

/* As often as it wants to go on at once; what it says, once. */
static char *keep(struct contract *c, int64_t now_ms)
{
	char *said = xstrdup("");
	int64_t again_ms;

	contract_reopen(c);
	for (int i = 0; i < 20; i++) {
		if (store_keep(c->store, now_ms, &again_ms) != STORE_OK)
			fail_msg("%s", store_error(c->store));
		if (*store_notice(c->store) == '\0')
			continue;
		assert_string_equal(said, ""); /* one line */
		free(said);
		said = xstrdup(store_notice(c->store));
	}
	return said;
}

static void keep_silently(struct contract *c)
{
	char *said = keep(c, ++c->now);

	assert_string_equal(said, "");
	free(said);
}

static void damage(struct contract *c, const char *sql)
{
	sqlite3 *raw = fault_open_raw(c);

	fault_run_raw(raw, sql);
	sqlite3_close(raw);
}

/* Of all pages. */
static size_t find(struct contract *c, const char *query)
{
	struct contract_rows *rows = contract_rows_new();
	struct store_search search = {.limit = 5};
	struct store_terms terms;
	char before[ID_SIZE];
	size_t count;

	assert_true(store_terms_read(query, &terms));
	search.terms = &terms;
	do {
		assert_ok(store_search(c->store, AS(c->ann), &search,
				       contract_each_message, rows));
		memcpy(before, search.next, ID_SIZE);
		search.before = before;
	} while (search.next[0] != '\0');
	count = rows->messages;
	contract_rows_free(rows);
	return count;
}

static void assert_all_found(struct contract *c)
{
	assert_int_equal(find(c, "apple"), SAID / 100 + 1);
	assert_int_equal(find(c, "word1"), 311);
	assert_int_equal(find(c, "word77 "), 1);
	assert_int_equal(find(c, "cat"), 1);
}

/* Clean; and the index holds all again. */
static void assert_whole(struct contract *c)
{
	assert_int_equal(fault_ask(c, "SELECT count(*) FROM search"
				      " WHERE search MATCH '\"pear\"'"),
			 SAID - SAID / 100);
	assert_int_equal(fault_ask(c, "SELECT count(*) FROM meta"
				      " WHERE key = 'search_damaged'"),
			 0);
	contract_assert_clean(c->store);
	assert_string_equal(store_notice(c->store), "");
}

static void assert_made_anew(struct contract *c)
{
	char *said = keep(c, ++c->now);

	assert_non_null(strstr(said, "making it anew"));
	assert_non_null(strstr(said, fault_path(c)));
	assert_null(strchr(said, '\n'));
	free(said);
	assert_all_found(c);
	assert_whole(c);
	keep_silently(c);
}

/* ---- by whom it is met ---- */

static void a_search_that_meets_it_finds_all_and_it_is_made_anew(void **state)
{
	static const char *const damages[] = {
		"UPDATE search_data SET block = x'00' WHERE id > 10",
		"UPDATE search_data SET block = x'ff' WHERE id > 10",
		"DELETE FROM search_data"
		" WHERE id = (SELECT max(id) FROM search_data)",
		"DELETE FROM search_data WHERE id > 10",
		"DELETE FROM search_data WHERE id = 10",
		"DELETE FROM search_data",
		MUCH_JUNK,
	};
	struct contract *c = *state;

	fill(c);
	keep_silently(c);
	for (size_t i = 0; i < COUNT_OF(damages); i++) {
		damage(c, damages[i]);
		contract_reopen(c);
		assert_all_found(c);
		assert_made_anew(c);
	}
}

/* With a structure that is none, FTS5 finds nothing and says nothing. */
static void housekeeping_meets_it_with_the_next_message(void **state)
{
	struct contract *c = *state;
	int64_t again_ms;

	fill(c);
	keep_silently(c);
	damage(c, "UPDATE search_data SET block = x'0102' WHERE id = 10");
	contract_reopen(c);
	contract_place(c, c->bob, c->cat, "nothing for ann");
	assert_int_equal(store_keep(c->store, ++c->now, &again_ms),
			 STORE_UNAVAILABLE);
	assert_all_found(c);
	assert_made_anew(c);
}

/* And it is no breach, for which a copy would be refused. */
static void verify_names_it_and_it_is_made_anew(void **state)
{
	struct contract *c = *state;

	fill(c);
	keep_silently(c);
	damage(c, "UPDATE search_data SET block = x'00' WHERE id > 10");
	contract_reopen(c);
	for (int i = 0; i < 2; i++) {
		contract_assert_clean(c->store);
		assert_non_null(strstr(store_notice(c->store), "made anew"));
	}
	assert_made_anew(c);
	assert_string_equal(store_notice(c->store), "");
}

/* The word of it goes with what failed; the second one passes. */
static void an_edit_meets_it_and_passes_when_it_is_repeated(void **state)
{
	struct contract *c = *state;
	const struct store_edit edit = {.content = "plum", .now_ms = ++c->now};
	struct contract_place place =
		contract_place(c, c->ann, c->bob, "apple of old");
	struct store_change change;
	enum store_status status;

	fill(c);
	keep_silently(c);
	damage(c, "DELETE FROM search_data");
	contract_reopen(c);
	status = store_message_change(c->store, AS(c->ann), place.id, &edit,
				      &change);
	assert_int_equal(status, STORE_UNAVAILABLE);
	contract_edit(c, c->ann, place.id, "plum");
	assert_all_found(c);
	assert_int_equal(find(c, "plum"), 1);
	assert_made_anew(c);
	assert_int_equal(find(c, "plum"), 1);
	assert_int_equal(find(c, "old"), 0);
}

/* ---- what is not the index's ---- */

/* Its root page is no page. */
static void damage_page(struct contract *c, const char *of)
{
	char *sql = xasprintf("SELECT rootpage FROM sqlite_schema"
			      " WHERE name = '%s'",
			      of);
	int64_t page = fault_ask(c, sql);
	char junk[PAGE];
	FILE *file;

	memset(junk, 0x55, sizeof(junk));
	damage(c, "PRAGMA wal_checkpoint(TRUNCATE)");
	assert_int_equal(fault_ask(c, "PRAGMA page_size"), PAGE);
	file = fopen(fault_path(c), "r+b");
	assert_int_equal(fseek(file, (page - 1) * PAGE, SEEK_SET), 0);
	assert_int_equal(fwrite(junk, 1, PAGE, file), PAGE);
	assert_int_equal(fclose(file), 0);
	free(sql);
}

/* Said, once an hour, and all that was there still is. */
static void in_a_file_that_is_damaged_itself_nothing_is_touched(void **state)
{
	static const char count[] = "SELECT count(*) FROM search_data";
	struct contract *c;
	int64_t before;
	char *said;

	(void)state;
	assert_int_equal(contract_setup((void **)&c), 0);
	fill(c);
	keep_silently(c);
	damage(c, "UPDATE search_data SET block = x'00' WHERE id > 10");
	before = fault_ask(c, count);
	store_free(c->store);
	damage_page(c, "attached_place");
	c->store = contract_open(c);
	assert_all_found(c);
	for (int i = 0; i < 2; i++) {
		said = keep(c, c->now += i * INT64_C(7200000));
		assert_non_null(strstr(said, "so is the file itself"));
		free(said);
		keep_silently(c);
		assert_all_found(c);
		assert_int_equal(fault_ask(c, count), before);
	}
	contract_discard(c);
}

/* SQLite's own pages of it are the file's. */
static void a_damaged_page_of_the_index_is_one_of_the_file(void **state)
{
	struct store_search search = {.limit = 5};
	struct store_terms terms;
	struct contract *c;

	(void)state;
	assert_int_equal(contract_setup((void **)&c), 0);
	fill(c);
	keep_silently(c);
	store_free(c->store);
	damage_page(c, "search_data");
	c->store = contract_open(c);
	assert_true(store_terms_read("apple", &terms));
	search.terms = &terms;
	assert_int_equal(store_search(c->store, AS(c->ann), &search,
				      contract_each_message, NULL),
			 STORE_UNAVAILABLE);
	assert_non_null(strstr(store_error(c->store), "SQLite 11"));
	keep_silently(c);
	assert_int_equal(fault_ask(c, "SELECT count(*) FROM meta"
				      " WHERE key = 'search_until'"),
			 1);
	contract_discard(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(
			a_search_that_meets_it_finds_all_and_it_is_made_anew),
		CONTRACT_TEST(housekeeping_meets_it_with_the_next_message),
		CONTRACT_TEST(verify_names_it_and_it_is_made_anew),
		CONTRACT_TEST(an_edit_meets_it_and_passes_when_it_is_repeated),
		cmocka_unit_test(
			in_a_file_that_is_damaged_itself_nothing_is_touched),
		cmocka_unit_test(
			a_damaged_page_of_the_index_is_one_of_the_file),
	};

	return contract_run_on("sqlite", "SQLite's index of words", tests,
			       COUNT_OF(tests));
}
