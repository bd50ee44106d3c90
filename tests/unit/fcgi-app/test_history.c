#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "chat_fixture.h"
#include "json.h"
#include "mem.h"

#define ONE(name)                                                              \
	cmocka_unit_test_setup_teardown(name, chat_set_up, chat_tear_down)

/* ---- reading ---- */

static void conversations_stand_newest_first_with_what_is_unread(void **state)
{
	struct chat *chat = *state;

	chat_say(chat, BOB, ANN, "one");
	chat_say(chat, BOB, ANN, "two");
	chat->now_ms += 10;
	chat_say(chat, CAT, ANN, "three");

	struct answer got = chat_get(chat, ANN, "/api/conversations");
	struct answer old = chat_get(chat, ANN, "/api/messages/conversations");

	assert_int_equal(json_length(got.body), 2);
	assert_at(got.body, "0.otherUser.username", "cat");
	assert_at(got.body, "0.unread", "1");
	assert_at(got.body, "1.otherUser.username", "bob");
	assert_at(got.body, "1.unread", "2");
	assert_at(got.body, "1.lastMessage.content", "two");
	assert_at(got.body, "1.lastSeq", "2");
	assert_at(got.body, "1.kind", "direct");
	assert_true(json_length(old.body) == 2);
	answer_done(&got);
	answer_done(&old);
}

static void history_goes_both_ways_from_a_seq(void **state)
{
	struct chat *chat = *state;
	char id[ID_SIZE];

	for (int i = 1; i <= 7; i++)
		chat_say(chat, ANN, BOB, i % 2 ? "odd" : "even");
	chat_direct(chat, ANN, BOB, id);

	struct answer got = chat_get(
		chat, BOB,
		"/api/messages/conversation?conversationId=%s&limit=3", id);

	assert_at(got.body, "conversationId", id);
	assert_at(got.body, "items.0.seq", "5");
	assert_at(got.body, "items.2.seq", "7");
	assert_at(got.body, "items.3", "");
	assert_at(got.body, "more", "true");
	assert_at(got.body, "lastSeq", "7");
	assert_int_equal(json_length(got.events), 0);
	answer_done(&got);
	got = chat_get(chat, BOB, "/api/messages/conversation?with=%s&after=5",
		       chat->people[ANN].id);
	assert_int_equal(json_length(json_any(got.body, "items")), 2);
	assert_at(got.body, "items.0.seq", "6");
	assert_at(got.body, "more", "false");
	answer_done(&got);
}

static void history_with_someone_new_is_empty_and_has_its_id(void **state)
{
	struct chat *chat = *state;
	char id[ID_SIZE];
	struct answer got =
		chat_get(chat, ANN, "/api/messages/conversation?with=%s",
			 chat->people[BOB].id);

	chat_direct(chat, ANN, BOB, id);
	assert_int_equal(got.status, 200);
	assert_at(got.body, "conversationId", id);
	assert_at(got.body, "items", "[]");
	assert_at(got.body, "lastSeq", "0");
	assert_at(got.body, "more", "false");
	answer_done(&got);
	got = chat_get(chat, ANN, "/api/messages/%s", chat->people[BOB].id);
	assert_int_equal(got.status, 200);
	assert_at(got.body, "items", "[]");
	answer_done(&got);
}

static void history_of_nobody_or_of_others_is_not_found(void **state)
{
	struct chat *chat = *state;
	static const struct {
		const char *target;
		int status;
	} cases[] = {
		{"/api/messages/conversation?with=0190000000000000000000b2",
		 404},
		{"/api/messages/0190000000000000000000b2", 404},
		{"/api/messages/nobody", 404},
		{"/api/messages/conversation", 400},
		{"/api/messages/conversation?with=x", 400},
		{"/api/messages/conversation?conversationId=x", 400},
		{"/api/messages/conversation?with=0190000000000000000000b2"
		 "&conversationId=0190000000000000000000b2",
		 400},
		{"/api/messages/0190000000000000000000b2?limit=0", 400},
		{"/api/messages/0190000000000000000000b2?page=x", 400},
		{"/api/messages/0190000000000000000000b2?limit=", 400},
		{"/api/messages/conversation?with=0190000000000000000000b2"
		 "&after=-1",
		 400},
	};
	char id[ID_SIZE];
	struct answer got;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		got = chat_get(chat, ANN, "%s", cases[i].target);
		assert_int_equal(got.status, cases[i].status);
		answer_done(&got);
	}
	chat_say(chat, ANN, BOB, "private");
	chat_direct(chat, ANN, BOB, id);
	got = chat_get(chat, CAT,
		       "/api/messages/conversation?conversationId=%s", id);
	assert_int_equal(got.status, 404);
	answer_done(&got);
}

static void an_old_page_is_newest_first_and_marks_read(void **state)
{
	struct chat *chat = *state;

	chat_say(chat, ANN, BOB, "one");
	chat_say(chat, ANN, BOB, "two");
	chat_say(chat, ANN, BOB, "three");

	struct answer got = chat_get(chat, BOB, "/api/messages/%s?limit=2",
				     chat->people[ANN].id);

	assert_at(got.body, "page", "1");
	assert_at(got.body, "limit", "2");
	assert_at(got.body, "items.0.content", "three");
	assert_at(got.body, "items.1.content", "two");
	assert_at(got.body, "items.2", "");
	assert_at(got.body, "items.0.status", "read");
	assert_at(got.events, "0.args.0.0", "message:read");
	assert_at(got.events, "0.args.0.1.readSeq", "3");
	assert_at(got.events, "0.args.0.1.userId", chat->people[BOB].id);
	assert_at(got.events, "0.args.0.1.messageId",
		  at(got.body, "items.0._id"));
	answer_done(&got);
	got = chat_get(chat, BOB,
		       "/api/messages/conversation/%s?page=2&limit=2",
		       chat->people[ANN].id);
	assert_at(got.body, "items.0.content", "one");
	assert_at(got.body, "items.1", "");
	assert_int_equal(json_length(got.events), 0);
	answer_done(&got);
	got = chat_get(chat, BOB, "/api/messages/%s?limit=500",
		       chat->people[ANN].id);
	assert_at(got.body, "limit", "100");
	answer_done(&got);
}

/* ---- pointers ---- */

static void pointers_grow_and_are_told_once(void **state)
{
	struct chat *chat = *state;
	struct answer got;

	chat_say(chat, ANN, BOB, "one");
	chat_say(chat, ANN, BOB, "two");
	chat_move(chat, BOB, ANN, "received", 2, &got);
	assert_int_equal(got.status, 200);
	assert_at(got.body, "receivedSeq", "2");
	assert_at(got.body, "readSeq", "0");
	assert_at(got.events, "0.args.0.0", "message:received");
	assert_at(got.events, "0.userId", chat->people[BOB].id);
	assert_at(got.events, "0.received",
		  at(got.events, "0.args.0.1.receivedSeq"));
	assert_at(got.events, "0.read", "");
	assert_int_equal(json_length(got.events), 1);
	answer_done(&got);
	chat_move(chat, BOB, ANN, "read", 1, &got);
	assert_at(got.body, "readSeq", "1");
	assert_at(got.events, "0.args.0.0", "message:read");
	assert_at(got.events, "0.args.0.1.readSeq", "1");
	answer_done(&got);
	chat_move(chat, BOB, ANN, "read", 1, &got);
	assert_int_equal(json_length(got.events), 0);
	answer_done(&got);
	chat_move(chat, BOB, ANN, "read", 99, &got);
	assert_at(got.body, "readSeq", "2");
	answer_done(&got);
	chat_move(chat, CAT, ANN, "read", 1, &got);
	assert_int_equal(got.status, 404);
	answer_done(&got);
}

static void ticks_follow_the_other_ones_pointers(void **state)
{
	struct chat *chat = *state;
	const char *bob = chat->people[BOB].id;
	struct answer got;

	chat_say(chat, ANN, BOB, "one");
	got = chat_get(chat, ANN, "/api/messages/conversation?with=%s", bob);
	assert_at(got.body, "items.0.status", "sent");
	answer_done(&got);
	chat_move(chat, BOB, ANN, "received", 1, &got);
	answer_done(&got);
	got = chat_get(chat, ANN, "/api/messages/conversation?with=%s", bob);
	assert_at(got.body, "items.0.status", "received");
	answer_done(&got);
	chat_move(chat, BOB, ANN, "read", 1, &got);
	answer_done(&got);
	got = chat_get(chat, ANN, "/api/messages/conversation?with=%s", bob);
	assert_at(got.body, "items.0.status", "read");
	answer_done(&got);
}

static void one_message_is_marked_read_by_its_recipient_alone(void **state)
{
	struct chat *chat = *state;
	struct answer sent = chat_send(chat, ANN, BOB, "one", NULL);
	char *target = xasprintf("/api/messages/%s/read", at(sent.body, "_id"));
	static const int status[] = {[ANN] = 403, [BOB] = 200, [CAT] = 404};

	for (int who = ANN; who < PEOPLE; who++) {
		struct answer got = chat_ask(chat, who, "POST", target, NULL);

		assert_int_equal(got.status, status[who]);
		if (who == BOB)
			assert_at(got.body, "status", "read");
		answer_done(&got);
	}
	free(target);
	answer_done(&sent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ONE(conversations_stand_newest_first_with_what_is_unread),
		ONE(history_goes_both_ways_from_a_seq),
		ONE(history_with_someone_new_is_empty_and_has_its_id),
		ONE(history_of_nobody_or_of_others_is_not_found),
		ONE(an_old_page_is_newest_first_and_marks_read),
		ONE(pointers_grow_and_are_told_once),
		ONE(ticks_follow_the_other_ones_pointers),
		ONE(one_message_is_marked_read_by_its_recipient_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
