/* Who does not want to hear from whom. Here ann blocks bob, who is no bad man.
 */
#include "contract.h"

#include <string.h>

#include "mem.h"

static struct store_conversation see(struct contract *c, const char *user,
				     const char *id)
{
	struct store_conversation seen;

	assert_ok(store_conversation_get(c->store, AS(user), id, &seen));
	return seen;
}

static void assert_sees(struct contract *c, const char *user, const char *id,
			const char *last, int64_t unread)
{
	struct store_conversation seen = see(c, user, id);

	assert_string_equal(seen.last_message->content, last);
	assert_int_equal(seen.last_message->kind, MESSAGE_TEXT);
	assert_int_equal(seen.unread, unread);
	assert_int_equal(seen.updated_at, seen.last_message->created_at);
	store_conversation_done(&seen);
}

static void read_up_to(struct contract *c, const char *user, const char *id,
		       int64_t seq, bool own_only)
{
	const struct store_reach reach = {.read_seq = seq};
	struct store_read_marks marks;

	assert_ok(store_mark_read(c->store, AS(user), id, &reach, ++c->now,
				  &marks));
	assert_true(marks.read_moved);
	assert_int_equal(marks.own_only, own_only);
}

static void what_a_blocked_user_writes_is_a_hidden_row_for_ever(void **state)
{
	struct contract *c = *state;
	struct contract_place before = contract_place(c, c->bob, c->ann, "one");
	struct contract_rows *rows = contract_rows_new();
	struct store_sent sent;

	assert_true(contract_block(c, c->ann, c->bob, true));
	sent = contract_say(c, c->bob, c->ann, "go on", "k");
	assert_true(sent.message.hidden);
	assert_false(sent.message.unseen);
	assert_int_equal(sent.message.seq, 2);
	assert_string_equal(sent.message.content, "go on");
	assert_sees(c, c->ann, before.conversation, "one", 1);
	assert_sees(c, c->bob, before.conversation, "go on", 0);
	read_up_to(c, c->ann, before.conversation, 1, true);
	assert_sees(c, c->ann, before.conversation, "one", 0);

	assert_true(contract_block(c, c->ann, c->bob, false));
	contract_place(c, c->bob, c->ann, "sorry");
	assert_sees(c, c->ann, before.conversation, "sorry", 1);
	assert_ok(store_messages(c->store, AS(c->ann), before.conversation,
				 RANGE(1, 9), contract_each_message, rows));
	assert_int_equal(rows->messages, 3);
	assert_int_equal(rows->message[1].kind, MESSAGE_HIDDEN);
	assert_string_equal(rows->message[1].content, "");
	assert_string_equal(rows->message[1].sender_name, "");
	assert_null(rows->message[1].client_id);
	assert_string_equal(rows->message[1].sender, c->bob);
	assert_int_equal(rows->message[2].kind, MESSAGE_TEXT);
	store_sent_done(&sent);
	contract_rows_free(rows);
}

static void its_sender_sees_it_and_learns_of_it_once_it_is_over(void **state)
{
	struct contract *c = *state;
	struct store_message got;
	struct contract_place place;

	contract_block(c, c->ann, c->bob, true);
	place = contract_place(c, c->bob, c->ann, "hello");
	assert_ok(store_message_get(c->store, AS(c->bob), place.id, &got));
	assert_int_equal(got.kind, MESSAGE_TEXT);
	assert_true(got.hidden);
	assert_false(got.unseen);
	store_message_done(&got);
	contract_block(c, c->ann, c->bob, false);
	assert_ok(store_message_get(c->store, AS(c->bob), place.id, &got));
	assert_true(got.unseen);
	store_message_done(&got);
	contract_place(c, c->bob, c->ann, "again");
	assert_ok(store_message_get(c->store, AS(c->ann), place.id, &got));
	assert_int_equal(got.kind, MESSAGE_HIDDEN);
	store_message_done(&got);
}

static void
who_hears_nothing_but_hidden_messages_sees_no_conversation(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();
	struct store_conversation seen;
	struct contract_place place;
	struct store_sent sent;

	contract_block(c, c->ann, c->bob, true);
	place = contract_place(c, c->bob, c->ann, "hello");
	contract_place(c, c->bob, c->ann, "hello?");
	assert_int_equal(store_conversation_get(c->store, AS(c->ann),
						place.conversation, &seen),
			 STORE_NOT_FOUND);
	assert_ok(store_conversations(c->store, AS(c->ann), LIST(9),
				      contract_each_conversation, rows));
	assert_ok(store_positions(c->store, AS(c->ann), 9,
				  contract_each_conversation, rows));
	assert_int_equal(rows->conversations, 0);
	contract_block(c, c->ann, c->bob, false);
	sent = contract_say(c, c->ann, c->bob, "what?", NULL);
	assert_true(sent.opened);
	store_sent_done(&sent);
	sent = contract_say(c, c->bob, c->ann, "nothing", NULL);
	assert_false(sent.opened);
	store_sent_done(&sent);
	assert_sees(c, c->ann, place.conversation, "nothing", 1);
	contract_rows_free(rows);
}

static void who_blocks_does_not_write_to_them(void **state)
{
	struct contract *c = *state;
	struct store_send send = {
		.sender_name = "Ann",
		.to = c->bob,
		.content = "x",
		.client_id = "k",
		.now_ms = ++c->now,
	};

	assert_ok(contract_try(c, c->ann, &send));
	contract_block(c, c->ann, c->bob, true);
	assert_ok(contract_try(c, c->ann, &send)); /* was sent before */
	send.client_id = NULL;
	assert_int_equal(contract_try(c, c->ann, &send), STORE_BLOCKING);
	send.to = c->cat;
	assert_ok(contract_try(c, c->ann, &send));
}

static int64_t mark_that_is_seen(struct contract *c, const char *viewer,
				 const char *id, const char *of)
{
	struct store_conversation seen = see(c, viewer, id);
	int64_t read = -1;

	for (size_t i = 0; i < 2; i++)
		if (strcmp(seen.members[i].user_id, of) == 0)
			read = seen.members[i].read_seq;
	store_conversation_done(&seen);
	return read;
}

static void the_blocked_one_sees_no_more_how_far_the_other_reads(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->bob, c->ann, "one");

	contract_place(c, c->bob, c->ann, "two");
	read_up_to(c, c->ann, place.conversation, 1, false);
	contract_block(c, c->ann, c->bob, true);
	read_up_to(c, c->ann, place.conversation, 2, true);
	assert_int_equal(
		mark_that_is_seen(c, c->bob, place.conversation, c->ann), 1);
	assert_int_equal(
		mark_that_is_seen(c, c->ann, place.conversation, c->ann), 2);
	contract_block(c, c->ann, c->bob, false);
	assert_int_equal(
		mark_that_is_seen(c, c->bob, place.conversation, c->ann), 2);
}

/* The first of three of ann's. */
static struct contract_place read_by_bob(struct contract *c)
{
	struct contract_place first = contract_place(c, c->ann, c->bob, "one");

	contract_place(c, c->ann, c->bob, "two");
	contract_place(c, c->ann, c->bob, "three");
	read_up_to(c, c->bob, first.conversation, 1, false);
	return first;
}

static void who_blocks_sees_no_more_how_far_the_other_reads(void **state)
{
	struct contract *c = *state;
	struct contract_place first = read_by_bob(c);
	const char *id = first.conversation;

	contract_block(c, c->ann, c->bob, true);
	read_up_to(c, c->bob, id, 2, true);
	assert_int_equal(mark_that_is_seen(c, c->ann, id, c->bob), 1);
	assert_int_equal(mark_that_is_seen(c, c->bob, id, c->bob), 2);
	contract_place(c, c->bob, c->ann, "hidden");
	assert_int_equal(mark_that_is_seen(c, c->ann, id, c->bob), 1);
	contract_block(c, c->ann, c->bob, false);
	assert_int_equal(mark_that_is_seen(c, c->ann, id, c->bob), 4);
}

static void of_two_blocks_the_first_holds_the_marks(void **state)
{
	struct contract *c = *state;
	struct contract_place first = read_by_bob(c);
	const char *id = first.conversation;

	contract_block(c, c->bob, c->ann, true);
	read_up_to(c, c->bob, id, 2, true);
	contract_block(c, c->ann, c->bob, true);
	assert_int_equal(mark_that_is_seen(c, c->ann, id, c->bob), 1);
	contract_block(c, c->bob, c->ann, false);
	read_up_to(c, c->bob, id, 3, true);
	assert_int_equal(mark_that_is_seen(c, c->ann, id, c->bob), 1);
	contract_block(c, c->ann, c->bob, false);
	assert_int_equal(mark_that_is_seen(c, c->ann, id, c->bob), 3);
}

static void a_receipt_names_no_hidden_message(void **state)
{
	struct contract *c = *state;
	struct contract_place one = contract_place(c, c->bob, c->ann, "one");
	const struct store_reach reach = {.read_seq = 2};
	struct store_read_marks marks;

	contract_block(c, c->ann, c->bob, true);
	contract_place(c, c->bob, c->ann, "hidden");
	contract_block(c, c->ann, c->bob, false);
	assert_ok(store_mark_read(c->store, AS(c->ann), one.conversation,
				  &reach, ++c->now, &marks));
	assert_string_equal(marks.read_message, one.id);
}

static void hidden_messages_do_not_bring_a_conversation_up(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();
	struct contract_place bob = contract_place(c, c->bob, c->ann, "b");
	struct contract_place cat = contract_place(c, c->cat, c->ann, "c");
	const struct store_list behind = {.before = cat.conversation,
					  .limit = 9};

	contract_block(c, c->ann, c->bob, true);
	contract_place(c, c->bob, c->ann, "me first");
	assert_ok(store_conversations(c->store, AS(c->ann), LIST(9),
				      contract_each_conversation, rows));
	assert_string_equal(rows->conversation[0].id, cat.conversation);
	assert_ok(store_conversations(c->store, AS(c->ann), &behind,
				      contract_each_conversation, rows));
	assert_int_equal(rows->conversations, 3);
	assert_string_equal(rows->conversation[2].id, bob.conversation);
	contract_rows_free(rows);
}

static void what_is_hidden_is_not_answered_nor_read(void **state)
{
	struct contract *c = *state;
	struct store_file file = {
		.hash = "00",
		.name = (char *)"a",
		.mime = (char *)"text/plain",
		.size = 1,
		.created_at = ++c->now,
	};
	struct store_send send = {
		.sender_name = "n",
		.to = c->ann,
		.kind = MESSAGE_FILE,
		.content = "",
		.now_ms = ++c->now,
	};
	struct store_sent sent;

	memcpy(file.owner, c->bob, ID_SIZE);
	assert_ok(store_file_add(c->store, &file, 100));
	contract_block(c, c->ann, c->bob, true);
	send.attachment = file.id;
	assert_ok(store_send(c->store, AS(c->bob), &send, &sent));
	contract_block(c, c->ann, c->bob, false);

	struct store_file got;

	assert_int_equal(store_file_get(c->store, AS(c->ann), file.id, &got),
			 STORE_NOT_FOUND);
	send = (struct store_send){
		.sender_name = "n",
		.to = c->bob,
		.content = "what?",
		.reply_to = sent.message.id,
		.now_ms = ++c->now,
	};
	assert_int_equal(contract_try(c, c->ann, &send), STORE_NOT_FOUND);
	store_sent_done(&sent);
}

static void a_page_counts_what_is_seen(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->bob, c->ann, "1");
	const struct store_page first = {0, 2}, second = {2, 2}, third = {4, 2};
	struct store_range range;

	contract_place(c, c->bob, c->ann, "2");
	contract_block(c, c->ann, c->bob, true);
	for (int i = 3; i <= 6; i++)
		contract_place(c, c->bob, c->ann, "hidden");
	contract_block(c, c->ann, c->bob, false);
	contract_place(c, c->ann, c->bob, "7");
	assert_ok(store_page(c->store, AS(c->ann), place.conversation, &first,
			     &range));
	assert_int_equal(range.first, 2);
	assert_int_equal(range.last, 7);
	assert_ok(store_page(c->store, AS(c->ann), place.conversation, &second,
			     &range));
	assert_int_equal(range.first, 1);
	assert_int_equal(range.last, 1);
	assert_ok(store_page(c->store, AS(c->ann), place.conversation, &third,
			     &range));
	assert_true(range.first > range.last);
	assert_ok(store_page(c->store, AS(c->bob), place.conversation, &first,
			     &range));
	assert_int_equal(range.first, 6);
}

static void blocks_are_listed_and_hide_both_from_each_other(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();

	assert_true(contract_block(c, c->ann, c->bob, true));
	assert_false(contract_block(c, c->ann, c->bob, true));
	assert_true(contract_block(c, c->ann, c->cat, true));
	assert_false(contract_block(c, c->bob, c->ann, false));
	assert_ok(
		store_blocked(c->store, AS(c->ann), contract_each_user, rows));
	assert_int_equal(rows->users, 2);
	assert_string_equal(rows->username[0], "Cat");
	assert_ok(
		store_blocked(c->store, AS(c->bob), contract_each_user, rows));
	assert_int_equal(rows->users, 2);
	assert_ok(
		store_hidden(c->store, AS(c->bob), 9, contract_each_id, rows));
	assert_int_equal(rows->ids, 1);
	assert_string_equal(rows->id[0], c->ann);
	/* Also where each of them blocks the other one: once. */
	assert_true(contract_block(c, c->bob, c->ann, true));
	assert_ok(
		store_hidden(c->store, AS(c->bob), 9, contract_each_id, rows));
	assert_int_equal(rows->ids, 2);
	assert_string_equal(rows->id[1], c->ann);
	contract_rows_free(rows);
}

static void nobody_blocks_who_is_not_there(void **state)
{
	struct contract *c = *state;
	const struct store_block block = {"0123456789abcdef01234567", true,
					  ++c->now};
	bool changed;

	assert_int_equal(store_block(c->store, AS(c->ann), &block, &changed),
			 STORE_NOT_FOUND);
	assert_false(changed);
}

static void who_is_blocked_adds_nobody_to_a_group(void **state)
{
	struct contract *c = *state;
	const char *users[] = {c->ann};
	const struct store_group_act make = {
		.event = GROUP_MADE,
		.title = "x",
		.avatar = "",
		.users = users,
		.user_count = 1,
		.actor_name = "Bob",
		.now_ms = ++c->now,
	};
	struct store_group_done done;

	contract_block(c, c->ann, c->bob, true);
	assert_int_equal(store_group_make(c->store, AS(c->bob), &make, &done),
			 STORE_DECLINED);
	contract_block(c, c->ann, c->bob, false);
	assert_ok(store_group_make(c->store, AS(c->bob), &make, &done));
	store_group_done_free(&done);
}

static void what_is_announced_again_is_for_the_same_people(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();
	struct contract_place place = contract_place(c, c->bob, c->ann, "one");
	bool more;

	contract_block(c, c->ann, c->bob, true);
	read_up_to(c, c->ann, place.conversation, 1, true);
	contract_place(c, c->bob, c->ann, "two");
	assert_ok(contract_rows_recent(c->store, place.id, rows, &more));
	assert_int_equal(rows->messages, 1);
	assert_true(rows->message[0].hidden);
	assert_true(rows->marks > 0);
	assert_true(rows->mark[0].own_only);
	contract_rows_free(rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(
			what_a_blocked_user_writes_is_a_hidden_row_for_ever),
		CONTRACT_TEST(
			its_sender_sees_it_and_learns_of_it_once_it_is_over),
		CONTRACT_TEST(
			who_hears_nothing_but_hidden_messages_sees_no_conversation),
		CONTRACT_TEST(who_blocks_does_not_write_to_them),
		CONTRACT_TEST(
			the_blocked_one_sees_no_more_how_far_the_other_reads),
		CONTRACT_TEST(who_blocks_sees_no_more_how_far_the_other_reads),
		CONTRACT_TEST(of_two_blocks_the_first_holds_the_marks),
		CONTRACT_TEST(a_receipt_names_no_hidden_message),
		CONTRACT_TEST(hidden_messages_do_not_bring_a_conversation_up),
		CONTRACT_TEST(what_is_hidden_is_not_answered_nor_read),
		CONTRACT_TEST(a_page_counts_what_is_seen),
		CONTRACT_TEST(blocks_are_listed_and_hide_both_from_each_other),
		CONTRACT_TEST(nobody_blocks_who_is_not_there),
		CONTRACT_TEST(who_is_blocked_adds_nobody_to_a_group),
		CONTRACT_TEST(what_is_announced_again_is_for_the_same_people),
	};

	return contract_run("blocks", tests, COUNT_OF(tests));
}
