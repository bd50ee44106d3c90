/*
 * A sender or editor killed between two writes on MongoDB: nothing wrong is
 * seen, and the next who comes by, reading or writing, mends what it left.
 * Whatever writes, or mends a change, is a child.
 */
#include "killed.h"

#include <stdio.h>
#include <string.h>

#include "mem.h"
#include "store_records.h"

/* ---- children that write ---- */

static char found_id[ID_SIZE]; /* of the message to change */

static int say(struct contract *c, const char *from, const char *to,
	       const char *text)
{
	struct store_send send = {
		.sender_name = "n",
		.to = to,
		.content = text,
		.client_id = text,
		.now_ms = c->now,
	};
	struct store_sent sent;
	int64_t seq = 0;

	if (store_send(c->store, AS(from), &send, &sent) == STORE_OK) {
		seq = sent.duplicate ? -sent.message.seq : sent.message.seq;
		store_sent_done(&sent);
	}
	return (int)seq;
}

static int send_one(struct contract *c, int number, int report)
{
	(void)number;
	dprintf(report, "%d\n", say(c, c->ann, c->bob, "one"));
	return 0;
}

static int send_two(struct contract *c, int number, int report)
{
	send_one(c, number, report);
	dprintf(report, "%d\n", say(c, c->ann, c->bob, "two"));
	return 0;
}

static int send_back(struct contract *c, int number, int report)
{
	(void)number;
	dprintf(report, "%d\n", say(c, c->bob, c->ann, "back"));
	return 0;
}

static int change_to(struct contract *c, const char *text)
{
	const struct store_edit edit = {
		.kind = text != NULL ? CHANGE_EDIT : CHANGE_DELETE,
		.content = text,
		.now_ms = c->now,
	};
	struct store_change change;
	int64_t number = 0;

	if (store_message_change(c->store, AS(c->ann), found_id, &edit,
				 &change) == STORE_OK) {
		number = change.change;
		store_change_done(&change);
	}
	return (int)number;
}

static int edit_it(struct contract *c, int number, int report)
{
	(void)number;
	dprintf(report, "%d\n", change_to(c, "edited"));
	return 0;
}

static int delete_it(struct contract *c, int number, int report)
{
	(void)number;
	dprintf(report, "%d\n", change_to(c, NULL));
	return 0;
}

/* Says its change, and how long its text is. */
static int read_it(struct contract *c, int number, int report)
{
	struct store_message got;

	(void)number;
	if (store_message_get(c->store, AS(c->bob), found_id, &got) != STORE_OK)
		return 1;
	dprintf(report, "%d %zu\n", (int)got.change, strlen(got.content));
	store_message_done(&got);
	return 0;
}

/* ---- what others see ---- */

static void direct_of(struct contract *c, char id[ID_SIZE])
{
	id_direct(c->ann, c->bob, id);
}

static void assert_list_says(struct contract *c, const char *user, int64_t seq,
			     int64_t change)
{
	struct contract_rows *rows = contract_rows_new();

	assert_ok(store_conversations(c->store, AS(user), LIST(10),
				      contract_each_conversation, rows));
	assert_int_equal(rows->conversations, seq > 0);
	if (seq > 0) {
		assert_int_equal(rows->conversation[0].last_seq, seq);
		assert_int_equal(rows->conversation[0].last_change, change);
	}
	contract_rows_free(rows);
}

/* All messages up to the newest. */
static void assert_reads(struct contract *c, const char *user, size_t count)
{
	struct contract_rows *rows = contract_rows_new();
	char id[ID_SIZE];

	direct_of(c, id);
	store_messages(c->store, AS(user), id, RANGE(1, INT64_MAX),
		       contract_each_message, rows);
	assert_int_equal(rows->messages, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(rows->message[i].seq, i + 1);
	if (count > 0)
		memcpy(found_id, rows->message[count - 1].id, ID_SIZE);
	contract_rows_free(rows);
}

static void assert_changes(struct contract *c, size_t count)
{
	struct contract_rows *rows = contract_rows_new();
	char id[ID_SIZE];

	direct_of(c, id);
	assert_ok(store_changes(c->store, AS(c->bob), id, RANGE(1, INT64_MAX),
				contract_each_change, rows));
	assert_int_equal(rows->changes, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(rows->change[i].change, i + 1);
	contract_rows_free(rows);
}

/* ---- a message without its step ---- */

#define AT_SECOND "between-writes:@2"

static void who_reads_the_newest_makes_its_step(void **state)
{
	struct contract *c = *state;

	killed_says(c, send_two, AT_SECOND, SAYS(1));
	assert_list_says(c, c->bob, 1, 0); /* nobody was told of the second */
	assert_reads(c, c->bob, 2);
	assert_list_says(c, c->bob, 2, 0);
	killed_says(c, send_back, NULL, SAYS(3));
}

static void who_writes_next_makes_its_step(void **state)
{
	struct contract *c = *state;

	killed_says(c, send_two, AT_SECOND, SAYS(1));
	killed_says(c, send_back, NULL, SAYS(3));
	assert_list_says(c, c->bob, 3, 0);
	assert_reads(c, c->ann, 3);
}

static void who_sends_it_again_is_answered_the_same_message(void **state)
{
	struct contract *c = *state;

	killed_says(c, send_two, AT_SECOND, SAYS(1));
	killed_says(c, send_two, NULL, SAYS(-1, -2));
	assert_list_says(c, c->bob, 2, 0);
}

static void a_first_message_without_its_step_opens_nothing_yet(void **state)
{
	struct contract *c = *state;
	struct store_conversation none;
	char id[ID_SIZE];

	direct_of(c, id);
	killed_says(c, send_one, "between-writes:@1", SAYS_NOTHING);
	assert_list_says(c, c->ann, 0, 0);
	assert_int_equal(
		store_conversation_get(c->store, AS(c->ann), id, &none),
		STORE_NOT_FOUND);
	killed_says(c, send_back, NULL, SAYS(2));
	assert_reads(c, c->ann, 2);
	assert_list_says(c, c->ann, 2, 0);
	killed_says(c, send_one, NULL, SAYS(-1));
}

static void a_conversation_without_a_message_is_none(void **state)
{
	struct contract *c = *state;

	killed_says(c, send_one, "before-commit:@1", SAYS_NOTHING);
	assert_list_says(c, c->ann, 0, 0);
	killed_says(c, send_back, NULL, SAYS(1));
	assert_list_says(c, c->ann, 1, 0);
}

static void what_was_written_lately_is_announced_and_stepped(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();

	killed_says(c, send_two, AT_SECOND, SAYS(1));
	contract_recent(c, rows);
	assert_int_equal(rows->messages, 2);
	assert_list_says(c, c->bob, 2, 0);
	contract_rows_free(rows);
}

/* ---- a change without its number ---- */

static void an_edit_that_is_folded_in_is_numbered_by_who_reads_it(void **state)
{
	struct contract *c = *state;

	killed_says(c, send_one, NULL, SAYS(1));
	assert_reads(c, c->bob, 1);
	killed_says(c, edit_it, "folded:@1", SAYS_NOTHING);
	assert_list_says(c, c->bob, 1, 0);
	killed_says(c, read_it, NULL, SAYS(1, 6));
	assert_list_says(c, c->bob, 1, 1);
	assert_changes(c, 1);
	killed_says(c, edit_it, NULL, SAYS(1));
	killed_says(c, delete_it, NULL, SAYS(2));
}

/* Says how many changes it hears of. */
static int hear_it(struct contract *c, int number, int report)
{
	struct contract_rows *rows = contract_rows_new();
	bool more;

	(void)number;
	if (contract_rows_recent(c->store, NULL, rows, &more) != STORE_OK)
		return 1;
	dprintf(report, "%d\n", (int)rows->changes);
	contract_rows_free(rows);
	return 0;
}

static void an_edit_that_is_folded_in_is_announced_to_who_asks(void **state)
{
	struct contract *c = *state;

	killed_says(c, send_one, NULL, SAYS(1));
	assert_reads(c, c->bob, 1);
	killed_says(c, edit_it, "folded:@1", SAYS_NOTHING);
	killed_says(c, hear_it, NULL, SAYS(1));
	assert_changes(c, 1);
}

static void an_edit_that_has_its_row_is_not_numbered_twice(void **state)
{
	struct contract *c = *state;

	killed_says(c, send_one, NULL, SAYS(1));
	assert_reads(c, c->bob, 1);
	killed_says(c, edit_it, "between-changes:@1", SAYS_NOTHING);
	killed_says(c, edit_it, NULL, SAYS(1));
	killed_says(c, delete_it, NULL, SAYS(2));
	killed_says(c, read_it, NULL, SAYS(2, 0));
	assert_changes(c, 2);
	assert_list_says(c, c->bob, 1, 2);
}

static void a_deletion_goes_on_where_the_edit_before_it_was_left(void **state)
{
	struct contract *c = *state;

	killed_says(c, send_one, NULL, SAYS(1));
	assert_reads(c, c->bob, 1);
	killed_says(c, edit_it, "folded:@1", SAYS_NOTHING);
	killed_says(c, delete_it, "folded:@1", SAYS_NOTHING);
	killed_says(c, read_it, NULL, SAYS(2, 0));
	assert_changes(c, 2);
	killed_says(c, delete_it, NULL, SAYS(2));
}

/* ---- a hidden edit without its number ---- */

static int block_ann(struct contract *c, int number, int report)
{
	const struct store_block block = {c->ann, true, c->now};
	bool changed;

	(void)number;
	(void)report;
	return store_block(c->store, AS(c->bob), &block, &changed) != STORE_OK;
}

/* Of each change its number, whether it is hidden, and how long the text is:
 * ann's, and what bob reads. */
static int hear_both(struct contract *c, int number, int report)
{
	struct contract_rows *rows = contract_rows_new();
	struct store_message read;
	bool more;

	(void)number;
	if (contract_rows_recent(c->store, NULL, rows, &more) != STORE_OK ||
	    store_message_get(c->store, AS(c->bob), found_id, &read) !=
		    STORE_OK)
		return 1;
	for (size_t i = 0; i < rows->changes; i++)
		dprintf(report, "%d %d %zu %zu\n", (int)rows->change[i].change,
			rows->change[i].hidden,
			strlen(rows->change[i].message.content),
			strlen(read.content));
	store_message_done(&read);
	contract_rows_free(rows);
	return 0;
}

static void a_hidden_edit_that_is_folded_in_is_hidden_still(void **state)
{
	struct contract *c = *state;

	killed_says(c, send_one, NULL, SAYS(1));
	assert_reads(c, c->bob, 1);
	killed_says(c, block_ann, NULL, SAYS_NOTHING);
	killed_says(c, edit_it, "folded:@1", SAYS_NOTHING);
	killed_says(c, hear_both, NULL, SAYS(1, 1, 6, 3));
	killed_says(c, edit_it, NULL, SAYS(1));
	assert_changes(c, 1);
}

/* ---- a copy ---- */

static int begin_copy(struct contract *c, int number, int report)
{
	int64_t records = 0;

	(void)number;
	if (c->store->copy->begin(c->store, false, &records) != STORE_OK)
		return 1;
	dprintf(report, "1\n");
	return 0;
}

static void who_copies_makes_the_first_step_of_a_conversation(void **state)
{
	struct contract *c = *state;

	killed_says(c, send_one, "between-writes:@1", SAYS_NOTHING);
	assert_list_says(c, c->ann, 0, 0);
	killed_says(c, begin_copy, NULL, SAYS(1));
	assert_list_says(c, c->ann, 1, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(who_reads_the_newest_makes_its_step),
		CONTRACT_TEST(who_writes_next_makes_its_step),
		CONTRACT_TEST(who_sends_it_again_is_answered_the_same_message),
		CONTRACT_TEST(
			a_first_message_without_its_step_opens_nothing_yet),
		CONTRACT_TEST(a_conversation_without_a_message_is_none),
		CONTRACT_TEST(what_was_written_lately_is_announced_and_stepped),
		CONTRACT_TEST(
			an_edit_that_is_folded_in_is_numbered_by_who_reads_it),
		CONTRACT_TEST(
			an_edit_that_is_folded_in_is_announced_to_who_asks),
		CONTRACT_TEST(an_edit_that_has_its_row_is_not_numbered_twice),
		CONTRACT_TEST(
			a_deletion_goes_on_where_the_edit_before_it_was_left),
		CONTRACT_TEST(a_hidden_edit_that_is_folded_in_is_hidden_still),
		CONTRACT_TEST(
			who_copies_makes_the_first_step_of_a_conversation),
	};

	return contract_run_on("mongodb", "killed between writes", tests,
			       COUNT_OF(tests));
}
