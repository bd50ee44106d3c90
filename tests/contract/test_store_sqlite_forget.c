/* Housekeeping: what is forgotten, and what is put into the index of words. */
#include "sqlite_fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)

/* ---- events ---- */

static bool ignore_message(const struct store_message *message, void *context)
{
	(void)message;
	(*(int *)context)++;
	return true;
}

static bool ignore_change(const struct store_change *change,
			  const struct store_conversation *in, void *context)
{
	(void)change;
	(void)in;
	(*(int *)context)++;
	return true;
}

static bool ignore_marks(const struct store_read_marks *marks, void *context)
{
	(void)marks;
	(*(int *)context)++;
	return true;
}

static struct store_recent ask_recent(struct contract *c, const char *after,
				      int *count)
{
	struct store_recent recent = {
		.limit = 5000,
		.message = ignore_message,
		.change = ignore_change,
		.marks = ignore_marks,
		.context = count,
	};
	bool more;

	*count = 0;
	memcpy(recent.after, after, ID_SIZE);
	assert_ok(store_recent(c->store, &recent, &more));
	return recent;
}

static void what_happened_is_forgotten_after_a_day_and_said_so(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "x");
	struct store_read_marks marks;
	char before[ID_SIZE], after[ID_SIZE];
	int64_t then = c->now;
	int count;

	assert_ok(store_newest(c->store, before));
	assert_ok(store_mark_read(c->store, AS(c->bob), place.conversation,
				  &(struct store_reach){1, 1}, ++c->now,
				  &marks));
	c->now += DAY_MS;
	contract_place(c, c->ann, c->bob, "y");
	assert_ok(store_newest(c->store, after));
	assert_ok(store_mark_read(c->store, AS(c->bob), place.conversation,
				  &(struct store_reach){2, 2}, ++c->now,
				  &marks));
	fault_keep(c->store, then + DAY_MS - 1000);
	assert_false(ask_recent(c, before, &count).lost);
	assert_int_equal(count, 3);
	contract_reopen(c);
	fault_keep(c->store, then + DAY_MS + 1000);
	assert_true(ask_recent(c, before, &count).lost);
	assert_int_equal(count, 2);
	assert_false(ask_recent(c, after, &count).lost);
	assert_int_equal(count, 1);
}

static void the_newest_event_stays_for_no_position_may_be_below_it(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "x");
	struct store_read_marks marks;
	char newest[ID_SIZE], still[ID_SIZE];

	assert_ok(store_mark_read(c->store, AS(c->bob), place.conversation,
				  &(struct store_reach){1, 1}, ++c->now,
				  &marks));
	assert_ok(store_newest(c->store, newest));
	fault_keep(c->store, c->now + 3 * DAY_MS);
	contract_reopen(c);
	assert_ok(store_newest(c->store, still));
	assert_string_equal(still, newest);
}

/* ---- what is searched ---- */

/* Is it anywhere in the file, all of which is in it? */
static bool file_has(struct contract *c, const char *word)
{
	sqlite3 *raw = fault_open_raw(c);
	bool has = false;
	char *bytes;
	size_t size;
	FILE *file;

	fault_run_raw(raw, "PRAGMA wal_checkpoint(TRUNCATE)");
	sqlite3_close(raw);
	size = (size_t)fault_size(c, "");
	bytes = xmalloc(size);
	file = fopen(fault_path(c), "rb");
	assert_int_equal(fread(bytes, 1, size, file), size);
	fclose(file);
	has = memmem(bytes, size, word, strlen(word)) != NULL;
	free(bytes);
	return has;
}

static void words_that_are_gone_leave_the_file_after_a_day(void **state)
{
	struct contract *c = *state;
	struct contract_place said =
		contract_place(c, c->ann, c->bob, "zanzibar");

	contract_place(c, c->ann, c->bob, "something that stays");
	contract_reopen(c);
	fault_keep(c->store, c->now);
	contract_edit(c, c->ann, said.id, NULL);
	assert_true(file_has(c, "zanzibar"));
	contract_reopen(c);
	fault_keep(c->store, c->now);
	contract_reopen(c);
	fault_keep(c->store, c->now + DAY_MS / 2);
	assert_true(file_has(c, "zanzibar"));
	contract_reopen(c);
	for (int i = 0; i < 5; i++)
		fault_keep(c->store, c->now + 2 * DAY_MS);
	assert_false(file_has(c, "zanzibar"));
	assert_true(file_has(c, "something"));
}

#define SAID_BEFORE 500

static int64_t count_indexed(struct contract *c)
{
	return fault_ask(c, "SELECT count(*) FROM message"
			    " WHERE lower(hex(id)) <= (SELECT value FROM meta"
			    "  WHERE key = 'search_until')");
}

/* Each of them waits for the transaction that indexes. */
static void few_messages_are_indexed_at_once_while_others_write(void **state)
{
	struct contract *c = *state;
	struct store *other = contract_open(c);
	int64_t first, second, third;

	assert_ok(store_batch_begin(c->store));
	for (int i = 0; i < SAID_BEFORE; i++)
		contract_place(c, c->ann, c->bob, "some words");
	assert_ok(store_batch_commit(c->store));
	fault_keep(other, c->now);
	first = count_indexed(c);
	contract_place(c, c->ann, c->bob, "and more");
	fault_keep(other, c->now);
	second = count_indexed(c) - first;
	fault_keep(other, c->now);
	third = count_indexed(c) - first - second;
	assert_true(first < SAID_BEFORE / 4);
	assert_int_equal(second, first);
	assert_true(third > second);
	store_free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(
			what_happened_is_forgotten_after_a_day_and_said_so),
		CONTRACT_TEST(
			the_newest_event_stays_for_no_position_may_be_below_it),
		CONTRACT_TEST(words_that_are_gone_leave_the_file_after_a_day),
		CONTRACT_TEST(
			few_messages_are_indexed_at_once_while_others_write),
	};

	return contract_run_on("sqlite", "what SQLite's housekeeping forgets",
			       tests, COUNT_OF(tests));
}
