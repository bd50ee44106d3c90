/*
 * What is several documents on MongoDB, and whose writer was killed between
 * two of them: nobody sees anything wrong, and the next one who comes by makes
 * the rest. And what is read and then written, with another who wrote between.
 */
#include "killed.h"

#include <string.h>

#include "mem.h"
#include "mongodb_fault.h"

#define THUMB "\U0001f44d"
#define GRIN "\U0001f600"

static int say_three(struct contract *c, int number, int report)
{
	(void)number;
	(void)report;
	for (int i = 0; i < 3; i++) {
		struct store_send send = {.to = c->bob, .content = "said"};

		if (contract_try(c, c->ann, &send) != STORE_OK)
			return 1;
	}
	return 0;
}

/* The newest message of ann to bob, as bob sees it. */
static void find_newest(struct contract *c, char id[ID_SIZE])
{
	struct contract_rows *rows = contract_rows_new();
	char direct[ID_SIZE];

	id_direct(c->ann, c->bob, direct);
	assert_ok(store_messages(c->store, AS(c->bob), direct, RANGE(1, 99),
				 contract_each_message, rows));
	assert_int_equal(rows->messages, 3);
	memcpy(id, rows->message[2].id, ID_SIZE);
	contract_rows_free(rows);
}

/* ---- reports ---- */

static char reported[ID_SIZE];

static int report_it(struct contract *c, int number, int report)
{
	const struct store_report what = {
		.message = reported,
		.reason = "why",
		.reporter_name = "Bob",
		.now_ms = c->now + 100,
	};
	struct store_reported done;
	enum store_status status;

	(void)number;
	(void)report;
	status = store_report(c->store, AS(c->bob), &what, &done);
	if (status == STORE_OK)
		store_reported_done(&done);
	return status != STORE_OK;
}

static void assert_reported_once(struct contract *c)
{
	const struct store_viewer server = {ID_SERVER, ROLE_OPERATOR};
	struct contract_rows *rows = contract_rows_new();
	struct contract_rows *list = contract_rows_new();
	char support[ID_SIZE];

	id_direct(c->bob, ID_SERVER, support);
	assert_ok(store_messages(c->store, &server, support, RANGE(1, 99),
				 contract_each_message, rows));
	assert_int_equal(rows->messages, 4);
	assert_int_equal(rows->message[0].kind, MESSAGE_SYSTEM);
	for (size_t i = 1; i < 4; i++)
		assert_string_equal(rows->message[i].reply_to,
				    rows->message[0].id);
	assert_ok(
		store_reports(c->store, LIST(9), contract_each_message, list));
	assert_int_equal(list->messages, 1);
	contract_rows_free(rows);
	contract_rows_free(list);
}

static void a_report_is_written_once_wherever_it_was_cut_off(void **state)
{
	struct contract *c = *state;
	const char *rules[] = {
		"between-writes:@1", "between-writes:@2", "between-parts:@1",
		"between-parts:@2",  "between-parts:@4",  NULL,
	};

	killed_says(c, say_three, NULL, SAYS_NOTHING);
	find_newest(c, reported);
	for (size_t i = 0; i < COUNT_OF(rules); i++)
		killed_says(c, report_it, rules[i], SAYS_NOTHING);
	assert_reported_once(c);
}

static int keep(struct contract *c, int number, int report)
{
	int64_t again;

	(void)number;
	(void)report;
	return store_keep(c->store, c->now, &again) != STORE_OK;
}

static void housekeeping_writes_what_nobody_asks_for_again(void **state)
{
	struct contract *c = *state;

	killed_says(c, say_three, NULL, SAYS_NOTHING);
	find_newest(c, reported);
	killed_says(c, report_it, "between-parts:@2", SAYS_NOTHING);
	killed_says(c, keep, NULL, SAYS_NOTHING);
	assert_reported_once(c);
}

/* Who erases writes what is left of it first, and takes their time. */
static int report_and_erase_in_vain(struct contract *c, int number, int report)
{
	struct store_erased erased;

	if (report_it(c, number, report) == 0 ||
	    store_erase_begin(c->store, c->cat, c->now) != STORE_OK)
		return 1;
	if (store_erase_step(c->store, c->now, contract_no_hash, NULL,
			     &erased) != STORE_UNAVAILABLE)
		return 2;
	return strstr(store_error(c->store),
		      " 200 times in a row, by index odd: ") == NULL;
}

static void one_that_an_index_refuses_again_and_again_waits(void **state)
{
	struct contract *c = *state;

	killed_says(c, say_three, NULL, SAYS_NOTHING);
	find_newest(c, reported);
	mongodb_run(c, "{'createIndexes': 'message', 'indexes': [{'key':"
		       " {'report': 1}, 'name': 'odd', 'unique': true,"
		       " 'partialFilterExpression':"
		       " {'report': {'$exists': true}}}]}");
	killed_says(c, report_and_erase_in_vain, NULL, SAYS_NOTHING);
	mongodb_run(c, "{'dropIndexes': 'message', 'index': 'odd'}");
	killed_says(c, keep, NULL, SAYS_NOTHING);
	assert_reported_once(c);
}

/* ---- blocks ---- */

static bool blocks;

static int set_block(struct contract *c, int number, int report)
{
	const struct store_block block = {
		.user = c->ann,
		.blocked = blocks,
		.now_ms = c->now + 200,
	};
	bool changed;

	(void)number;
	(void)report;
	return store_block(c->store, AS(c->bob), &block, &changed) != STORE_OK;
}

static void a_block_is_noted_by_whoever_asks_again(void **state)
{
	struct contract *c = *state;

	killed_says(c, say_three, NULL, SAYS_NOTHING);
	for (int i = 0; i < 2; i++) {
		blocks = i == 0;
		killed_says(c, set_block, "between-block:@1", SAYS_NOTHING);
		killed_says(c, set_block, NULL, SAYS_NOTHING);
		contract_assert_clean(c->store);
	}
}

/* ---- groups ---- */

static int make_group(struct contract *c, int number, int report)
{
	const char *users[] = {c->bob};
	const struct store_group_act act = {
		.event = GROUP_MADE,
		.title = "Tea",
		.avatar = "",
		.users = users,
		.user_count = 1,
		.actor_name = "Ann",
		.now_ms = c->now + 300,
	};
	struct store_group_done done;
	enum store_status status;

	(void)number;
	(void)report;
	status = store_group_make(c->store, AS(c->ann), &act, &done);
	if (status == STORE_OK)
		store_group_done_free(&done);
	return status != STORE_OK;
}

/* Cut off between its message and its step it is not there yet. */
static void a_group_is_there_with_all_its_members_or_not_at_all(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();

	killed_says(c, make_group, "between-writes:@1", SAYS_NOTHING);
	killed_says(c, make_group, "within-step:@1", SAYS_NOTHING);
	killed_says(c, make_group, NULL, SAYS_NOTHING);
	assert_ok(store_conversations(c->store, AS(c->bob), LIST(9),
				      contract_each_conversation, rows));
	assert_int_equal(rows->conversations, 1);
	assert_int_equal(rows->conversation[0].member_count, 2);
	contract_rows_free(rows);
}

/* ---- erasures ---- */

static int erase(struct contract *c, int number, int report)
{
	enum store_status status =
		store_erase_begin(c->store, c->ann, c->now + 400);

	(void)number;
	(void)report;
	while (status == STORE_OK || status == STORE_NOT_FOUND) {
		struct store_erased erased;

		status = store_erase_step(c->store, c->now + 500, NULL, NULL,
					  &erased);
		if (status == STORE_NOT_FOUND)
			return 0;
		store_erased_done(&erased);
	}
	return 1;
}

static void an_erasure_goes_on_and_says_so_once(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();
	char direct[ID_SIZE];

	killed_says(c, say_three, NULL, SAYS_NOTHING);
	killed_says(c, erase, "between-erase:@1", SAYS_NOTHING);
	killed_says(c, erase, "between-erase:@1", SAYS_NOTHING);
	killed_says(c, erase, NULL, SAYS_NOTHING);
	id_direct(c->ann, c->bob, direct);
	assert_ok(store_messages(c->store, AS(c->bob), direct, RANGE(1, 99),
				 contract_each_message, rows));
	assert_int_equal(rows->messages, 3);
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(rows->message[i].content, "");
	assert_ok(store_changes(c->store, AS(c->bob), direct, RANGE(1, 99),
				contract_each_change, rows));
	assert_int_equal(rows->changes, 1);
	contract_rows_free(rows);
}

static char reacted_to[ID_SIZE];

static int react(struct contract *c, const char *user, const char *emoji)
{
	const struct store_reaction reaction = {emoji, true, ++c->now};
	struct store_change change;
	enum store_status status = store_message_react(
		c->store, AS(user), reacted_to, &reaction, &change);

	if (status == STORE_OK)
		store_change_done(&change);
	return status != STORE_OK;
}

static int ann_reacts(struct contract *c, int number, int report)
{
	(void)number;
	(void)report;
	return react(c, c->ann, THUMB);
}

static int cat_reacts(struct contract *c, int number, int report)
{
	(void)number;
	(void)report;
	return react(c, c->cat, GRIN);
}

static int say_in_lobby(struct contract *c, int number, int report)
{
	struct store_send send = {.conversation = ID_LOBBY, .content = "said"};

	(void)number;
	(void)report;
	return contract_try(c, c->bob, &send) != STORE_OK;
}

static void who_reacts_during_an_erasure_is_not_erased_with_it(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();
	struct store_message message;

	killed_says(c, say_in_lobby, NULL, SAYS_NOTHING);
	assert_ok(store_messages(c->store, AS(c->bob), ID_LOBBY, RANGE(1, 1),
				 contract_each_message, rows));
	memcpy(reacted_to, rows->message[0].id, ID_SIZE);
	contract_rows_free(rows);
	killed_says(c, ann_reacts, NULL, SAYS_NOTHING);
	killed_stops(c, erase, "reactions-read:@1", cat_reacts);
	assert_ok(
		store_message_get(c->store, AS(c->bob), reacted_to, &message));
	assert_non_null(message.reactions);
	assert_non_null(strstr(message.reactions, c->cat));
	assert_null(strstr(message.reactions, c->ann));
	store_message_done(&message);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		CONTRACT_TEST(a_report_is_written_once_wherever_it_was_cut_off),
		CONTRACT_TEST(housekeeping_writes_what_nobody_asks_for_again),
		CONTRACT_TEST(one_that_an_index_refuses_again_and_again_waits),
		CONTRACT_TEST(a_block_is_noted_by_whoever_asks_again),
		CONTRACT_TEST(
			a_group_is_there_with_all_its_members_or_not_at_all),
		CONTRACT_TEST(an_erasure_goes_on_and_says_so_once),
		CONTRACT_TEST(
			who_reacts_during_an_erasure_is_not_erased_with_it),
	};

	return contract_run_on("mongodb", "killed between two", tests,
			       COUNT_OF(tests));
}
