/*
 * An import killed between two of its writes on MongoDB goes on where it was
 * left, and nobody sees anything wrong meanwhile; one that cannot go on ends.
 */
#include "killed.h"

#include <stdio.h>
#include <string.h>

#include "mem.h"
#include "mongodb_fault.h"
#include "store_import.h"

/* Says how many were added. */
static int import_all(struct contract *c, int number, int report)
{
	struct store_import_message rows[] = {
		contract_imported(c->ann, "first", 1000),
		contract_imported(c->ann, "changed", 2000),
		contract_imported(c->ann, "gone", 3000),
	};
	const struct store_import import = {
		.user = c->ann,
		.other = c->bob,
		.messages = rows,
		.count = COUNT_OF(rows),
		.now_ms = c->now,
	};
	size_t added = 0;

	(void)number;
	rows[1].read = rows[1].message.edited = true;
	rows[2].message.edited = rows[2].message.deleted = true;
	if (store_import_messages(c->store, &import, &added) != STORE_OK)
		return 1;
	dprintf(report, "%zu\n", added);
	return 0;
}

/* Changes, and whether all is as it was there. */
static int look_at_all(struct contract *c, int number, int report)
{
	struct contract_rows *rows = contract_rows_new();
	struct store_conversation seen;
	char id[ID_SIZE];

	(void)number;
	id_direct(c->ann, c->bob, id);
	store_messages(c->store, AS(c->bob), id, RANGE(1, 10),
		       contract_each_message, rows);
	store_changes(c->store, AS(c->bob), id, RANGE(1, 10),
		      contract_each_change, rows);
	dprintf(report, "%zu %zu %d %d %d\n", rows->messages, rows->changes,
		rows->message[1].edited, rows->message[2].edited,
		rows->message[2].deleted);
	contract_rows_free(rows);
	assert_ok(store_conversation_get(c->store, AS(c->bob), id, &seen));
	dprintf(report, "%d %d\n", (int)seen.me.read_seq, (int)seen.unread);
	store_conversation_done(&seen);
	return 0;
}

static void assert_is_not_there_yet(struct contract *c)
{
	struct contract_rows *rows = contract_rows_new();

	assert_ok(store_conversations(c->store, AS(c->bob), LIST(10),
				      contract_each_conversation, rows));
	assert_int_equal(rows->conversations, 0);
	contract_rows_free(rows);
}

static void an_import_goes_on_where_it_was_left(void **state)
{
	struct contract *c = *state;

	killed_says(c, import_all, "between-writes:@1", SAYS_NOTHING);
	assert_is_not_there_yet(c);
	killed_says(c, import_all, NULL, SAYS(0));
	killed_says(c, look_at_all, NULL, SAYS(3, 3, 1, 1, 1, 2, 1));
	killed_says(c, import_all, NULL, SAYS(0));
	killed_says(c, look_at_all, NULL, SAYS(3, 3, 1, 1, 1, 2, 1));
}

static void who_reads_half_an_import_sees_it_as_it_was(void **state)
{
	struct contract *c = *state;

	killed_says(c, import_all, "between-changes:@1", SAYS_NOTHING);
	killed_says(c, look_at_all, NULL, SAYS(3, 2, 1, 0, 1, 2, 1));
	killed_says(c, import_all, NULL, SAYS(0));
	killed_says(c, look_at_all, NULL, SAYS(3, 3, 1, 1, 1, 2, 1));
}

/* As servers do whose index is not what it should be. */
static void one_that_an_index_refuses_again_and_again_fails(void **state)
{
	struct contract *c = *state;
	const struct store_import_message rows[] = {
		contract_imported(c->ann, "the same", 1000),
	};
	const struct store_import import = {
		.user = c->ann,
		.other = c->bob,
		.messages = rows,
		.count = 1,
		.now_ms = ++c->now,
	};
	size_t added;

	contract_place(c, c->bob, c->cat, "the same");
	mongodb_run(c, "{'createIndexes': 'message', 'indexes': [{'key':"
		       " {'content': 1}, 'name': 'odd', 'unique': true}]}");
	assert_int_equal(store_import_messages(c->store, &import, &added),
			 STORE_UNAVAILABLE);
	assert_non_null(strstr(store_error(c->store),
			       " 200 times in a row, by index odd: "));
	mongodb_run(c, "{'dropIndexes': 'message', 'index': 'odd'}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(an_import_goes_on_where_it_was_left),
		CONTRACT_TEST(who_reads_half_an_import_sees_it_as_it_was),
		CONTRACT_TEST(one_that_an_index_refuses_again_and_again_fails),
	};

	return contract_run_on("mongodb", "an import that is killed", tests,
			       COUNT_OF(tests));
}
