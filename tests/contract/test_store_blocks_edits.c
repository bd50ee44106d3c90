/* How who is blocked edits what they wrote before. Here ann blocks bob. */
#include "contract.h"

#include <string.h>

#include "mem.h"

static struct store_change edit(struct contract *c, const char *id,
				const char *content)
{
	const struct store_edit edit = {
		.kind = CHANGE_EDIT,
		.content = content,
		.now_ms = ++c->now,
	};
	struct store_change change;

	assert_ok(
		store_message_change(c->store, AS(c->bob), id, &edit, &change));
	assert_string_equal(change.by, c->bob);
	return change;
}

/* The number of the change, which they alone hear of or not. */
static int64_t edited(struct contract *c, const char *id, const char *content,
		      bool hidden)
{
	struct store_change change = edit(c, id, content);
	int64_t number = change.change;

	assert_int_equal(change.hidden, hidden);
	assert_true(change.message.edited);
	if (content != NULL)
		assert_string_equal(change.message.content, content);
	store_change_done(&change);
	return number;
}

/* Alone, in a list, in a history and in what was missed. */
static void assert_reads(struct contract *c, const char *user,
			 const struct contract_place *place,
			 const char *content, bool edited)
{
	struct contract_rows *rows = contract_rows_new();
	struct store_conversation seen;
	struct store_message got;

	assert_ok(store_conversation_get(c->store, AS(user),
					 place->conversation, &seen));
	assert_string_equal(seen.last_message->content, content);
	assert_int_equal(seen.last_message->edited, edited);
	store_conversation_done(&seen);
	assert_ok(store_message_get(c->store, AS(user), place->id, &got));
	assert_string_equal(got.content, content);
	assert_int_equal(got.edited, edited);
	store_message_done(&got);
	assert_ok(store_messages(c->store, AS(user), place->conversation,
				 RANGE(place->seq, place->seq),
				 contract_each_message, rows));
	assert_string_equal(rows->message[0].content, content);
	assert_ok(store_changes(c->store, AS(user), place->conversation,
				RANGE(1, 1), contract_each_change, rows));
	assert_string_equal(rows->change[0].message.content, content);
	contract_rows_free(rows);
}

static void who_is_blocked_edits_for_themselves_alone(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->bob, c->ann, "one");

	contract_block(c, c->ann, c->bob, true);
	assert_int_equal(edited(c, place.id, "two", true), 1);
	assert_int_equal(edited(c, place.id, "two", true), 1);
	assert_reads(c, c->bob, &place, "two", true);
	assert_reads(c, c->ann, &place, "one", false);
	assert_int_equal(edited(c, place.id, "three", true), 2);
	assert_reads(c, c->ann, &place, "one", false);
	contract_block(c, c->ann, c->bob, false);
	assert_reads(c, c->bob, &place, "three", true);
	assert_reads(c, c->ann, &place, "one", false);
	assert_int_equal(edited(c, place.id, "three", false), 3);
	assert_reads(c, c->bob, &place, "three", true);
	assert_reads(c, c->ann, &place, "three", true);
	assert_int_equal(edited(c, place.id, "three", false), 3);
}

static void what_was_edited_before_they_were_blocked_is_so_still(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->bob, c->ann, "one");

	assert_int_equal(edited(c, place.id, "two", false), 1);
	contract_block(c, c->ann, c->bob, true);
	assert_int_equal(edited(c, place.id, "two", false), 1);
	assert_int_equal(edited(c, place.id, "three", true), 2);
	assert_int_equal(edited(c, place.id, "four", true), 3);
	assert_reads(c, c->ann, &place, "two", true);
	contract_edit(c, c->bob, place.id, NULL);
	assert_reads(c, c->ann, &place, "", true);
	assert_reads(c, c->bob, &place, "", true);
}

static void an_edit_that_keeps_the_text_is_hidden_too(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->bob, c->ann, "one");

	contract_block(c, c->ann, c->bob, true);
	assert_int_equal(edited(c, place.id, NULL, true), 1);
	assert_reads(c, c->ann, &place, "one", false);
	assert_reads(c, c->bob, &place, "one", true);
	assert_int_equal(edited(c, place.id, "two", true), 2);
	contract_block(c, c->ann, c->bob, false);
	assert_int_equal(edited(c, place.id, NULL, false), 3);
	assert_reads(c, c->ann, &place, "two", true);
}

static void whom_a_hidden_edit_names_is_its_senders_to_see(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->bob, c->ann, "one");
	struct store_mention ann = {.start = 3, .length = 4};
	const struct store_edit edit = {
		.kind = CHANGE_EDIT,
		.content = "hi @Ann",
		.mentions = &ann,
		.mention_count = 1,
		.now_ms = ++c->now,
	};
	struct store_message got;
	struct store_change change;

	memcpy(ann.user, c->ann, ID_SIZE);
	contract_block(c, c->ann, c->bob, true);
	assert_ok(store_message_change(c->store, AS(c->bob), place.id, &edit,
				       &change));
	store_change_done(&change);
	assert_ok(store_message_get(c->store, AS(c->bob), place.id, &got));
	assert_non_null(strstr(got.mentions, c->ann));
	store_message_done(&got);
	assert_ok(store_message_get(c->store, AS(c->ann), place.id, &got));
	assert_null(got.mentions);
	store_message_done(&got);
	contract_erase(c, c->ann);
	assert_ok(store_message_get(c->store, AS(c->bob), place.id, &got));
	assert_null(strstr(got.content, "Ann"));
	store_message_done(&got);
}

static void what_was_hidden_is_edited_as_it_was_sent(void **state)
{
	struct contract *c = *state;
	struct store_conversation seen;
	struct contract_place place;

	contract_place(c, c->bob, c->ann, "one");
	contract_block(c, c->ann, c->bob, true);
	place = contract_place(c, c->bob, c->ann, "two");
	edited(c, place.id, "three", false);
	assert_reads(c, c->bob, &place, "three", true);
	assert_ok(store_conversation_get(c->store, AS(c->ann),
					 place.conversation, &seen));
	assert_string_equal(seen.last_message->content, "one");
	store_conversation_done(&seen);
}

static void a_report_has_what_its_reporter_saw(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->bob, c->ann, "one");
	const struct store_report report = {
		.message = place.id,
		.reason = "why",
		.reporter_name = "Ann",
		.now_ms = ++c->now,
	};
	struct store_reported reported;

	contract_block(c, c->ann, c->bob, true);
	edited(c, place.id, "two", true);
	assert_ok(store_report(c->store, AS(c->ann), &report, &reported));
	assert_int_equal(reported.count, 1);
	assert_string_equal(reported.copies[0].content, "one");
	store_reported_done(&reported);
}

static void a_hidden_edit_is_announced_again_to_its_sender(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();
	struct contract_place place = contract_place(c, c->bob, c->ann, "one");

	contract_block(c, c->ann, c->bob, true);
	edited(c, place.id, "two", true);
	contract_recent(c, rows);
	assert_int_equal(rows->changes, 1);
	assert_true(rows->change[0].hidden);
	assert_string_equal(rows->change[0].by, c->bob);
	assert_string_equal(rows->change[0].message.content, "two");
	assert_string_equal(rows->message[0].content, "one");
	assert_false(rows->message[0].edited);
	contract_rows_free(rows);
}

static void who_is_gone_hides_nothing_any_more(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->bob, c->ann, "one");

	contract_block(c, c->ann, c->bob, true);
	edited(c, place.id, "two", true);
	contract_erase(c, c->ann);
	assert_reads(c, c->bob, &place, "two", true);
}

static void of_who_is_gone_no_edit_is_left(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->bob, c->ann, "one");

	contract_block(c, c->ann, c->bob, true);
	edited(c, place.id, "two", true);
	contract_erase(c, c->bob);
	assert_reads(c, c->ann, &place, "", true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(who_is_blocked_edits_for_themselves_alone),
		CONTRACT_TEST(
			what_was_edited_before_they_were_blocked_is_so_still),
		CONTRACT_TEST(an_edit_that_keeps_the_text_is_hidden_too),
		CONTRACT_TEST(whom_a_hidden_edit_names_is_its_senders_to_see),
		CONTRACT_TEST(what_was_hidden_is_edited_as_it_was_sent),
		CONTRACT_TEST(a_report_has_what_its_reporter_saw),
		CONTRACT_TEST(a_hidden_edit_is_announced_again_to_its_sender),
		CONTRACT_TEST(who_is_gone_hides_nothing_any_more),
		CONTRACT_TEST(of_who_is_gone_no_edit_is_left),
	};

	return contract_run("edits of who is blocked", tests, COUNT_OF(tests));
}
