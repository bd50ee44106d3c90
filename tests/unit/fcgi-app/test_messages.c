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

/* ---- sending ---- */

static void a_message_sent_is_answered_and_told_to_both(void **state)
{
	struct chat *chat = *state;
	struct answer got = chat_send(chat, ANN, BOB, "hello", "k1");
	struct json_object *told = json_at(got.events, 2);

	assert_int_equal(got.status, 201);
	assert_at(got.body, "content", "hello");
	assert_at(got.body, "sender", chat->people[ANN].id);
	assert_at(got.body, "recipient", chat->people[BOB].id);
	assert_at(got.body, "seq", "1");
	assert_at(got.body, "status", "sent");
	assert_at(got.body, "clientId", "k1");
	assert_int_equal(json_length(got.events), 3);
	assert_at(told, "args.0.0", "message:new");
	assert_at(told, "args.0.1.content", "hello");
	assert_at(told, "args.0.1.clientId", "k1");
	assert_at(told, "seq", "1");
	assert_at(told, "from", chat->people[ANN].id);
	assert_at(told, "requestId", "r1");
	assert_int_equal(json_length(json_any(told, "rooms")), 2);
	answer_done(&got);
}

static void
the_first_message_shows_everyone_its_conversation_first(void **state)
{
	struct chat *chat = *state;
	struct answer got = chat_send(chat, ANN, BOB, "hello", NULL);
	char room[2 + ID_SIZE];

	snprintf(room, sizeof(room), "u:%s", chat->people[ANN].id);
	assert_at(got.events, "0.args.0.0", "conversation:new");
	assert_at(got.events, "0.rooms.0", room);
	assert_at(got.events, "0.seq", "");
	assert_int_equal(json_length(json_any(json_at(got.events, 0), "rooms")),
			 2);
	assert_at(got.events, "0.args.0.1.lastMessage.content", "hello");
	/* By id: Ann has read what she wrote, Bob nothing. */
	assert_at(got.events,
		  strcmp(chat->people[ANN].id, chat->people[BOB].id) < 0
			  ? "0.args.0.1.members.1.readSeq"
			  : "0.args.0.1.members.0.readSeq",
		  "0");
	assert_at(got.events, "0.args.0.1.otherUser", "");
	/* They hear of each other's coming and going from now on. */
	assert_at(got.events, "1.userId", chat->people[ANN].id);
	assert_at(got.events, "1.contacts.0", chat->people[BOB].id);
	assert_at(got.events, "2.args.0.0", "message:new");
	assert_int_equal(json_length(got.events), 3);
	answer_done(&got);
	got = chat_send(chat, BOB, ANN, "hi", NULL);
	assert_at(got.events, "0.args.0.0", "message:read");
	assert_at(got.events, "1.args.0.0", "message:new");
	assert_int_equal(json_length(got.events), 2);
	answer_done(&got);
}

static void a_clientId_makes_one_message_for_ever(void **state)
{
	struct chat *chat = *state;
	struct answer first = chat_send(chat, ANN, BOB, "once", "k1");
	struct answer again = chat_send(chat, ANN, BOB, "once", "k1");
	struct answer other = chat_send(chat, ANN, BOB, "twice", "k1");

	assert_int_equal(again.status, 200);
	assert_at(again.body, "duplicate", "true");
	assert_at(again.body, "_id", at(first.body, "_id"));
	assert_int_equal(json_length(again.events), 0);
	assert_int_equal(other.status, 409);
	assert_at(other.body, "error.code", "client_id_reused");
	assert_int_equal(json_length(other.events), 0);
	answer_done(&first);
	answer_done(&again);
	answer_done(&other);
}

static void a_duplicate_shows_how_far_the_first_one_got(void **state)
{
	struct chat *chat = *state;
	struct answer first = chat_send(chat, ANN, BOB, "once", "k1");
	struct answer moved, again;

	chat_move(chat, BOB, ANN, "read", 1, &moved);
	again = chat_send(chat, ANN, BOB, "once", "k1");
	assert_at(again.body, "status", "read");
	answer_done(&first);
	answer_done(&moved);
	answer_done(&again);
}

static void what_cannot_be_sent_says_why(void **state)
{
	struct chat *chat = *state;
	static const struct {
		const char *body, *code, *field;
		int status;
	} cases[] = {
		{"{\"content\":\"x\"}", "invalid", "recipient_id", 400},
		{"{\"recipient_id\":\"x\",\"content\":\"x\"}", "invalid",
		 "recipient_id", 400},
		{"{\"recipient_id\":\"0190000000000000000000b2\","
		 "\"content\":\"x\"}",
		 "not_found", "", 404},
		{"{\"conversationId\":\"0190000000000000000000b2\","
		 "\"content\":\"x\"}",
		 "not_found", "", 404},
		{"[]", "invalid_json", "", 400},
		{"{\"recipient_id\":\"0190000000000000000000b2\","
		 "\"content\":\"x\",\"attachment\":{\"_id\":\"x\"}}",
		 "invalid", "attachment", 400},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct answer got = chat_ask(chat, ANN, "POST", "/api/messages",
					     cases[i].body);

		assert_int_equal(got.status, cases[i].status);
		assert_at(got.body, "error.code", cases[i].code);
		assert_at(got.body, "error.field", cases[i].field);
		assert_int_equal(json_length(got.events), 0);
		answer_done(&got);
	}
}

static void nobody_writes_into_a_conversation_of_others(void **state)
{
	struct chat *chat = *state;
	char id[ID_SIZE];

	chat_say(chat, ANN, BOB, "private");
	chat_direct(chat, ANN, BOB, id);

	char *body =
		xasprintf("{\"conversationId\":\"%s\",\"content\":\"x\"}", id);
	struct answer got = chat_ask(chat, CAT, "POST", "/api/messages", body);

	assert_int_equal(got.status, 404);
	answer_done(&got);
	got = chat_ask(chat, BOB, "POST", "/api/messages", body);
	assert_int_equal(got.status, 201);
	free(body);
	answer_done(&got);
}

/* ---- changes ---- */

static void an_edit_is_shown_and_told_with_its_number(void **state)
{
	struct chat *chat = *state;
	struct answer sent = chat_send(chat, ANN, BOB, "teh", NULL);
	char *target = xasprintf("/api/messages/%s", at(sent.body, "_id"));
	struct answer got =
		chat_ask(chat, ANN, "PUT", target, "{\"content\":\"the\"}");

	assert_int_equal(got.status, 200);
	assert_at(got.body, "content", "the");
	assert_at(got.body, "edited", "true");
	assert_at(got.events, "0.args.0.0", "message:updated");
	assert_at(got.events, "0.args.0.1.content", "the");
	assert_at(got.events, "0.args.0.1.change", "1");
	assert_at(got.events, "0.change", "1");
	assert_at(got.events, "0.seq", "");
	answer_done(&got);
	got = chat_ask(chat, BOB, "PUT", target, "{\"content\":\"x\"}");
	assert_int_equal(got.status, 403);
	answer_done(&got);
	got = chat_ask(chat, CAT, "PUT", target, "{\"content\":\"x\"}");
	assert_int_equal(got.status, 404);
	answer_done(&got);
	free(target);
	answer_done(&sent);
}

/* Workers tell on connections of their own, so an edit may arrive before an
 * older one: whoever is told both has to know which. */
static void a_message_names_the_newest_change_in_it(void **state)
{
	struct chat *chat = *state;
	struct answer first = chat_send(chat, ANN, BOB, "one", NULL);
	struct answer second = chat_send(chat, ANN, BOB, "two", NULL);
	char *target = xasprintf("/api/messages/%s", at(first.body, "_id"));
	struct answer got =
		chat_ask(chat, ANN, "PUT", target, "{\"content\":\"a\"}");

	answer_done(&got);
	got = chat_ask(chat, ANN, "DELETE", target, NULL);
	assert_at(got.events, "0.args.0.1.change", "2");
	answer_done(&got);
	got = chat_get(chat, BOB, "/api/messages/conversation?with=%s",
		       chat->people[ANN].id);
	assert_at(got.body, "items.0.change", "2");
	assert_at(got.body, "items.1.change", "0");
	answer_done(&got);
	free(target);
	answer_done(&second);
	answer_done(&first);
}

static void an_edit_without_content_says_edited(void **state)
{
	struct chat *chat = *state;
	struct answer sent = chat_send(chat, ANN, BOB, "same", NULL);
	char *target = xasprintf("/api/messages/%s", at(sent.body, "_id"));
	struct answer got = chat_ask(chat, ANN, "PUT", target, "{}");

	assert_int_equal(got.status, 200);
	assert_at(got.body, "content", "same");
	assert_at(got.body, "edited", "true");
	free(target);
	answer_done(&got);
	answer_done(&sent);
}

static void a_deletion_leaves_an_empty_row(void **state)
{
	struct chat *chat = *state;
	struct answer sent = chat_send(chat, ANN, BOB, "oops", NULL);
	char *target = xasprintf("/api/messages/%s", at(sent.body, "_id"));
	struct answer got = chat_ask(chat, BOB, "DELETE", target, NULL);

	assert_int_equal(got.status, 403);
	answer_done(&got);
	got = chat_ask(chat, ANN, "DELETE", target, NULL);
	assert_int_equal(got.status, 200);
	assert_at(got.events, "0.args.0.0", "message:deleted");
	assert_at(got.events, "0.args.0.1.deleted", "true");
	answer_done(&got);
	got = chat_get(chat, BOB, "/api/messages/%s", chat->people[ANN].id);
	assert_at(got.body, "items.0.deleted", "true");
	assert_at(got.body, "items.0.content", "");
	answer_done(&got);
	free(target);
	answer_done(&sent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ONE(a_message_sent_is_answered_and_told_to_both),
		ONE(the_first_message_shows_everyone_its_conversation_first),
		ONE(a_clientId_makes_one_message_for_ever),
		ONE(a_duplicate_shows_how_far_the_first_one_got),
		ONE(what_cannot_be_sent_says_why),
		ONE(nobody_writes_into_a_conversation_of_others),
		ONE(an_edit_is_shown_and_told_with_its_number),
		ONE(a_message_names_the_newest_change_in_it),
		ONE(an_edit_without_content_says_edited),
		ONE(a_deletion_leaves_an_empty_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
