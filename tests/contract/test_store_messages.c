#include "everything.h"
#include "group.h"

#include <string.h>

#include "mem.h"

#define YEAR_MS (INT64_C(366) * 86400000)

/* ---- sending ---- */

static void the_first_message_opens_the_direct_conversation(void **state)
{
	struct contract *c = *state;
	struct store_sent sent = contract_say(c, c->ann, c->bob, "salut", "1");
	const struct store_message *message = &sent.message;
	char direct[ID_SIZE];

	id_direct(c->bob, c->ann, direct);
	assert_true(sent.opened);
	assert_false(sent.duplicate);
	assert_true(id_valid(message->id));
	assert_string_equal(message->conversation, direct);
	assert_int_equal(message->conversation_kind, CONVERSATION_DIRECT);
	assert_string_equal(message->sender, c->ann);
	assert_string_equal(message->recipient, c->bob);
	assert_string_equal(message->sender_name, "a name");
	assert_string_equal(message->content, "salut");
	assert_string_equal(message->client_id, "1");
	assert_string_equal(message->reply_to, "");
	assert_int_equal(message->seq, 1);
	assert_int_equal(message->kind, MESSAGE_TEXT);
	assert_int_equal(message->created_at, c->now);
	assert_false(message->edited || message->deleted);
	store_sent_done(&sent);
	sent = contract_say(c, c->bob, c->ann, "hello", NULL);
	assert_false(sent.opened);
	assert_int_equal(sent.message.seq, 2);
	assert_string_equal(sent.message.conversation, direct);
	assert_string_equal(sent.message.recipient, c->ann);
	assert_null(sent.message.client_id);
	store_sent_done(&sent);
}

static void what_was_sent_reads_back_the_same(void **state)
{
	struct contract *c = *state;
	struct contract_place first =
		contract_place(c, c->bob, c->ann, "\xf0\x9f\x98\x80\n'\"\\%s");
	struct store_send send = {
		.sender_name = "Ann “the” É",
		.conversation = first.conversation,
		.kind = MESSAGE_FILE,
		.content = "",
		.client_id = "ключ",
		.reply_to = first.id,
		.now_ms = ++c->now,
	};
	struct store_sent sent;
	struct store_message got;

	assert_ok(store_send(c->store, AS(c->ann), &send, &sent));
	assert_string_equal(sent.message.reply_to, first.id);
	assert_int_equal(sent.message.kind, MESSAGE_FILE);
	contract_reopen(c);
	assert_ok(
		store_message_get(c->store, AS(c->bob), sent.message.id, &got));
	contract_assert_same(&got, &sent.message);
	store_message_done(&got);
	store_sent_done(&sent);
	assert_ok(store_message_get(c->store, AS(c->ann), first.id, &got));
	assert_string_equal(got.content, "\xf0\x9f\x98\x80\n'\"\\%s");
	store_message_done(&got);
}

static void assert_duplicate(struct contract *c, struct store_send *send,
			     const struct store_message *first)
{
	struct store_sent sent;

	assert_ok(store_send(c->store, AS(c->ann), send, &sent));
	assert_true(sent.duplicate);
	assert_false(sent.opened);
	contract_assert_same(&sent.message, first);
	store_sent_done(&sent);
}

static void the_same_client_id_is_the_same_message_for_ever(void **state)
{
	struct contract *c = *state;
	struct store_send send = {
		.sender_name = "Ann",
		.to = c->bob,
		.content = "once",
		.client_id = "k-1",
		.now_ms = c->now,
	};
	struct store_sent first;
	struct store_change change;

	assert_ok(store_send(c->store, AS(c->ann), &send, &first));
	assert_duplicate(c, &send, &first.message);
	contract_reopen(c);
	send.now_ms += YEAR_MS;
	send.sender_name = "Ann, married";
	assert_duplicate(c, &send, &first.message);
	/* By the other way to name the conversation. */
	send.to = NULL;
	send.conversation = first.message.conversation;
	assert_duplicate(c, &send, &first.message);

	assert_ok(store_message_change(c->store, AS(c->ann), first.message.id,
				       &(struct store_edit){.kind = CHANGE_EDIT,
							    .content = "twice",
							    .now_ms = ++c->now},
				       &change));
	assert_duplicate(c, &send, &change.message);
	store_change_done(&change);
	assert_ok(
		store_message_change(c->store, AS(c->ann), first.message.id,
				     &(struct store_edit){.kind = CHANGE_DELETE,
							  .content = NULL,
							  .now_ms = ++c->now},
				     &change));
	assert_duplicate(c, &send, &change.message);
	store_change_done(&change);
	store_sent_done(&first);
}

static void it_is_also_where_its_sender_may_no_more(void **state)
{
	struct contract *c = *state;
	struct store_send send = {
		.sender_name = "Bob",
		.content = "once",
		.client_id = "k-1",
		.now_ms = c->now,
	};
	char id[ID_SIZE];
	struct store_sent first, again;

	group_make(c, id);
	send.conversation = id;
	assert_ok(store_send(c->store, AS(c->bob), &send, &first));
	send.muted = true;
	assert_ok(store_send(c->store, AS(c->bob), &send, &again));
	assert_true(again.duplicate);
	contract_assert_same(&again.message, &first.message);
	store_sent_done(&again);
	group_assert_done(c, c->ann, id, GROUP_REMOVED, c->bob, "Bob");
	everything_react(c, c->ann, first.message.id, THUMB, true);
	assert_ok(store_send(c->store, AS(c->bob), &send, &again));
	assert_true(again.duplicate);
	contract_assert_same(&again.message, &first.message);
	store_sent_done(&again);
	store_sent_done(&first);
	send.client_id = "k-2";
	assert_int_equal(contract_try(c, c->bob, &send), STORE_NOT_FOUND);
	assert_int_equal(contract_try(c, c->cat, &send), STORE_NOT_FOUND);
	send.conversation = NULL;
	send.to = c->ann;
	assert_int_equal(contract_try(c, c->bob, &send), STORE_MUTED);
}

static void a_client_id_for_another_request_is_refused(void **state)
{
	struct contract *c = *state;
	struct contract_place other = contract_place(c, c->ann, c->bob, "0");
	struct store_send send = {
		.to = c->bob,
		.content = "one",
		.client_id = "k",
	};
	struct store_send others[] = {send, send, send, send};

	others[0].content = "two";
	others[1].kind = MESSAGE_FILE;
	others[2].reply_to = other.id;
	others[3].content = "";
	assert_ok(contract_try(c, c->ann, &send));
	for (size_t i = 0; i < COUNT_OF(others); i++)
		assert_int_equal(contract_try(c, c->ann, &others[i]),
				 STORE_REUSED);
	assert_ok(contract_try(c, c->ann, &send));
}

static void a_client_id_belongs_to_one_sender_in_one_conversation(void **s)
{
	struct contract *c = *s;
	struct store_sent a = contract_say(c, c->ann, c->bob, "x", "k");
	struct store_sent b = contract_say(c, c->bob, c->ann, "x", "k");
	struct store_sent d = contract_say(c, c->ann, c->cat, "x", "k");
	struct store_sent e = contract_say(c, c->ann, c->bob, "x", "K");
	struct store_sent f = contract_say(c, c->ann, c->bob, "x", "k");

	assert_false(b.duplicate);
	assert_int_equal(b.message.seq, 2);
	assert_false(d.duplicate);
	assert_int_equal(d.message.seq, 1);
	assert_false(e.duplicate);
	assert_int_equal(e.message.seq, 3);
	assert_true(f.duplicate);
	assert_int_equal(f.message.seq, 1);
	store_sent_done(&a);
	store_sent_done(&b);
	store_sent_done(&d);
	store_sent_done(&e);
	store_sent_done(&f);
}

/* Most are UUIDs, and some only look as if they were. */
static void a_client_id_comes_back_as_it_was_given(void **state)
{
	struct contract *c = *state;
	static const char *const ids[] = {
		"0f8fad5b-d9cb-469f-a165-70867728950e",
		"0F8FAD5B-D9CB-469F-A165-70867728950E",
		"0f8fad5b-d9cb-469f-a165-70867728950",
		"0f8fad5b-d9cb-469f-a165-70867728950e1",
		"0f8fad5bd9cb469fa16570867728950e",
		"0f8fad5b-d9cb-469f-a165-70867728950g",
		"0f8fad5b d9cb-469f-a165-70867728950e",
		"00000000-0000-0000-0000-000000000000",
		"0123456789abcdef",
		"",
	};

	for (size_t i = 0; i < COUNT_OF(ids); i++) {
		struct store_sent sent =
			contract_say(c, c->ann, c->bob, "x", ids[i]);
		struct store_sent again =
			contract_say(c, c->ann, c->bob, "x", ids[i]);

		assert_false(sent.duplicate);
		assert_int_equal(sent.message.seq, i + 1);
		assert_true(again.duplicate);
		assert_string_equal(again.message.client_id, ids[i]);
		contract_assert_same(&again.message, &sent.message);
		store_sent_done(&sent);
		store_sent_done(&again);
	}
}

static void nobody_writes_to_strangers_or_uninvited(void **state)
{
	struct contract *c = *state;
	struct contract_place theirs = contract_place(c, c->bob, c->cat, "hi");
	const char *const strangers[] = {"", "bob", "0123456789abcdef01234567",
					 theirs.conversation};
	struct store_send send = {.content = "x"};
	struct store_conversation none;

	for (size_t i = 0; i < COUNT_OF(strangers); i++) {
		send.to = strangers[i];
		send.conversation = NULL;
		assert_int_equal(contract_try(c, c->ann, &send),
				 STORE_NOT_FOUND);
		send.to = NULL;
		send.conversation = strangers[i];
		assert_int_equal(contract_try(c, c->ann, &send),
				 STORE_NOT_FOUND);
	}
	/* Nothing of all that stayed. */
	assert_int_equal(store_conversation_get(c->store, AS(c->ann),
						theirs.conversation, &none),
			 STORE_NOT_FOUND);
}

static void a_reply_answers_a_message_of_the_same_conversation(void **state)
{
	struct contract *c = *state;
	struct contract_place here = contract_place(c, c->bob, c->ann, "a");
	struct contract_place there = contract_place(c, c->cat, c->ann, "b");
	struct store_send send = {.to = c->bob, .content = "x"};
	const char *const wrong[] = {there.id, "", "zzz",
				     "0123456789abcdef01234567"};

	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		send.reply_to = wrong[i];
		assert_int_equal(contract_try(c, c->ann, &send),
				 STORE_NOT_FOUND);
	}
	send.reply_to = here.id;
	assert_ok(contract_try(c, c->ann, &send));
}

static void a_refused_first_message_opens_nothing(void **state)
{
	struct contract *c = *state;
	struct store_send send = {.to = c->bob,
				  .content = "x",
				  .reply_to = "0123456789abcdef01234567"};
	struct store_conversation none;
	char direct[ID_SIZE];

	id_direct(c->ann, c->bob, direct);
	assert_int_equal(contract_try(c, c->ann, &send), STORE_NOT_FOUND);
	assert_int_equal(
		store_conversation_get(c->store, AS(c->ann), direct, &none),
		STORE_NOT_FOUND);
}

static void ids_sort_as_the_messages_even_when_the_clock_steps_back(void **s)
{
	struct contract *c = *s;
	struct contract_place place, before = {.id = ""};

	for (int i = 0; i < 20; i++) {
		if (i == 10)
			c->now -= 3600000;
		if (i > 15)
			c->now--; /* the same millisecond again */
		place = contract_place(c, c->ann, c->bob, "tick");
		assert_true(strcmp(before.id, place.id) < 0);
		before = place;
	}
}

/* ---- reading ---- */

static bool keep_two(const struct store_message *message, void *rows)
{
	contract_each_message(message, rows);
	return message->seq < 2;
}

static void a_range_ends_when_no_more_is_wanted(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();
	struct contract_place place;

	for (int i = 0; i < 5; i++)
		place = contract_place(c, c->ann, c->bob, "x");
	assert_ok(store_messages(c->store, AS(c->ann), place.conversation,
				 RANGE(1, 5), keep_two, rows));
	assert_int_equal(rows->messages, 2);
	/* Nothing of it is left open. */
	assert_ok(store_messages(c->store, AS(c->ann), place.conversation,
				 RANGE(1, 5), contract_each_message, rows));
	assert_int_equal(rows->messages, 7);
	contract_rows_free(rows);
}

static void a_range_is_there_for_its_members_only(void **state)
{
	struct contract *c = *state;
	struct contract_rows *rows = contract_rows_new();
	struct contract_place place = contract_place(c, c->ann, c->bob, "psst");
	const char *const wrong[] = {"", "x", "0123456789abcdef01234567"};

	assert_int_equal(store_messages(c->store, AS(c->cat),
					place.conversation, RANGE(1, 9),
					contract_each_message, rows),
			 STORE_NOT_FOUND);
	assert_int_equal(store_changes(c->store, AS(c->cat), place.conversation,
				       RANGE(1, 9), contract_each_change, rows),
			 STORE_NOT_FOUND);
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_int_equal(store_messages(c->store, AS(c->ann), wrong[i],
						RANGE(1, 9),
						contract_each_message, rows),
				 STORE_NOT_FOUND);
	assert_int_equal(rows->messages + rows->changes, 0);
	contract_rows_free(rows);
}

static void a_range_is_given_in_order_with_both_its_ends(void **state)
{
	struct contract *c = *state;
	static const int64_t ranges[][4] = {
		/* first, last, gives from, to */
		{1, 10, 1, 10}, {3, 5, 3, 5},	       {4, 4, 4, 4},
		{9, 99, 9, 10}, {-5, 2, 1, 2},	       {11, 20, 1, 0},
		{5, 4, 1, 0},	{0, INT64_MAX, 1, 10}, {INT64_MIN, 0, 1, 0},
	};
	struct contract_place place;

	for (int i = 0; i < 10; i++)
		place = contract_place(c, i % 2 ? c->ann : c->bob,
				       i % 2 ? c->bob : c->ann, "x");
	contract_place(c, c->ann, c->cat, "elsewhere");
	for (size_t i = 0; i < COUNT_OF(ranges); i++) {
		struct contract_rows *rows = contract_rows_new();
		const int64_t *range = ranges[i];

		assert_ok(store_messages(c->store, AS(c->ann),
					 place.conversation,
					 RANGE(range[0], range[1]),
					 contract_each_message, rows));
		assert_int_equal(rows->messages, range[3] - range[2] + 1);
		for (size_t j = 0; j < rows->messages; j++)
			assert_int_equal(rows->message[j].seq,
					 range[2] + (int64_t)j);
		contract_rows_free(rows);
	}
}

static void a_message_is_there_for_its_members_only(void **state)
{
	struct contract *c = *state;
	struct contract_place place = contract_place(c, c->ann, c->bob, "psst");
	struct store_message got;

	assert_int_equal(
		store_message_get(c->store, AS(c->cat), place.id, &got),
		STORE_NOT_FOUND);
	assert_int_equal(
		store_message_get(c->store, AS(c->ann), "nonsense", &got),
		STORE_NOT_FOUND);
	assert_ok(store_message_get(c->store, AS(c->bob), place.id, &got));
	store_message_done(&got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(the_first_message_opens_the_direct_conversation),
		CONTRACT_TEST(what_was_sent_reads_back_the_same),
		CONTRACT_TEST(the_same_client_id_is_the_same_message_for_ever),
		CONTRACT_TEST(it_is_also_where_its_sender_may_no_more),
		CONTRACT_TEST(a_client_id_for_another_request_is_refused),
		CONTRACT_TEST(
			a_client_id_belongs_to_one_sender_in_one_conversation),
		CONTRACT_TEST(a_client_id_comes_back_as_it_was_given),
		CONTRACT_TEST(nobody_writes_to_strangers_or_uninvited),
		CONTRACT_TEST(
			a_reply_answers_a_message_of_the_same_conversation),
		CONTRACT_TEST(a_refused_first_message_opens_nothing),
		CONTRACT_TEST(
			ids_sort_as_the_messages_even_when_the_clock_steps_back),
		CONTRACT_TEST(a_range_is_given_in_order_with_both_its_ends),
		CONTRACT_TEST(a_range_ends_when_no_more_is_wanted),
		CONTRACT_TEST(a_range_is_there_for_its_members_only),
		CONTRACT_TEST(a_message_is_there_for_its_members_only),
	};

	return contract_run("messages", tests, COUNT_OF(tests));
}
