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

static struct answer send_text(struct chat *chat, int from, int to,
			       const char *content, const char *client_id)
{
	char *body =
		xasprintf("{\"recipient_id\":\"%s\",\"content\":\"%s\"%s%s%s}",
			  chat->people[to].id, content,
			  client_id != NULL ? ",\"clientId\":\"" : "",
			  client_id != NULL ? client_id : "",
			  client_id != NULL ? "\"" : "");
	struct answer answer =
		chat_ask(chat, from, "POST", "/api/messages", body);

	free(body);
	return answer;
}

static void say(struct chat *chat, int from, int to, const char *content)
{
	struct answer answer = send_text(chat, from, to, content, NULL);

	assert_int_equal(answer.status, 201);
	answer_done(&answer);
}

__attribute__((format(printf, 3, 4))) static struct answer
get(struct chat *chat, int who, const char *format, ...)
{
	char target[256];
	va_list args;

	va_start(args, format);
	vsnprintf(target, sizeof(target), format, args);
	va_end(args);
	return chat_ask(chat, who, "GET", target, NULL);
}

static void direct_id(struct chat *chat, int a, int b, char out[ID_SIZE])
{
	id_direct(chat->people[a].id, chat->people[b].id, out);
}

static void move(struct chat *chat, int who, int other, const char *kind,
		 int64_t seq, struct answer *out)
{
	char id[ID_SIZE];

	direct_id(chat, who, other, id);

	char *target = xasprintf("/api/messages/%s", kind);
	char *body = xasprintf("{\"conversationId\":\"%s\",\"seq\":%lld}", id,
			       (long long)seq);

	*out = chat_ask(chat, who, "POST", target, body);
	free(target);
	free(body);
}

static void assert_at(const struct json_object *value, const char *path,
		      const char *want)
{
	assert_string_equal(at(value, path), want);
}

/* ---- sending ---- */

static void a_message_sent_is_answered_and_told_to_both(void **state)
{
	struct chat *chat = *state;
	struct answer got = send_text(chat, ANN, BOB, "hello", "k1");
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

static void the_first_message_shows_both_their_conversation_first(void **state)
{
	struct chat *chat = *state;
	struct answer got = send_text(chat, ANN, BOB, "hello", NULL);
	char room[2 + ID_SIZE];

	snprintf(room, sizeof(room), "u:%s", chat->people[ANN].id);
	assert_at(got.events, "0.args.0.0", "conversation:new");
	assert_at(got.events, "0.rooms.0", room);
	assert_at(got.events, "0.seq", "");
	assert_at(got.events, "0.args.0.1.otherUser.username", "bob");
	assert_at(got.events, "0.args.0.1.unread", "0");
	assert_at(got.events, "1.args.0.1.otherUser.username", "ann");
	assert_at(got.events, "1.args.0.1.unread", "1");
	answer_done(&got);
	got = send_text(chat, BOB, ANN, "hi", NULL);
	assert_at(got.events, "0.args.0.0", "message:read");
	assert_at(got.events, "1.args.0.0", "message:new");
	assert_int_equal(json_length(got.events), 2);
	answer_done(&got);
}

static void a_clientId_makes_one_message_for_ever(void **state)
{
	struct chat *chat = *state;
	struct answer first = send_text(chat, ANN, BOB, "once", "k1");
	struct answer again = send_text(chat, ANN, BOB, "once", "k1");
	struct answer other = send_text(chat, ANN, BOB, "twice", "k1");

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
	struct answer first = send_text(chat, ANN, BOB, "once", "k1");
	struct answer moved, again;

	move(chat, BOB, ANN, "read", 1, &moved);
	again = send_text(chat, ANN, BOB, "once", "k1");
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

	say(chat, ANN, BOB, "private");
	direct_id(chat, ANN, BOB, id);

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

/* ---- reading ---- */

static void conversations_stand_newest_first_with_what_is_unread(void **state)
{
	struct chat *chat = *state;

	say(chat, BOB, ANN, "one");
	say(chat, BOB, ANN, "two");
	chat->now_ms += 10;
	say(chat, CAT, ANN, "three");

	struct answer got = get(chat, ANN, "/api/conversations");
	struct answer old = get(chat, ANN, "/api/messages/conversations");

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
		say(chat, ANN, BOB, i % 2 ? "odd" : "even");
	direct_id(chat, ANN, BOB, id);

	struct answer got =
		get(chat, BOB,
		    "/api/messages/conversation?conversationId=%s&limit=3", id);

	assert_at(got.body, "conversationId", id);
	assert_at(got.body, "items.0.seq", "5");
	assert_at(got.body, "items.2.seq", "7");
	assert_at(got.body, "items.3", "");
	assert_at(got.body, "more", "true");
	assert_at(got.body, "lastSeq", "7");
	assert_int_equal(json_length(got.events), 0);
	answer_done(&got);
	got = get(chat, BOB, "/api/messages/conversation?with=%s&after=5",
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
	struct answer got = get(chat, ANN, "/api/messages/conversation?with=%s",
				chat->people[BOB].id);

	direct_id(chat, ANN, BOB, id);
	assert_int_equal(got.status, 200);
	assert_at(got.body, "conversationId", id);
	assert_at(got.body, "items", "[]");
	assert_at(got.body, "lastSeq", "0");
	assert_at(got.body, "more", "false");
	answer_done(&got);
	got = get(chat, ANN, "/api/messages/%s", chat->people[BOB].id);
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
		{"/api/messages/conversation?with=0190000000000000000000b2"
		 "&after=-1",
		 400},
	};
	char id[ID_SIZE];
	struct answer got;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		got = get(chat, ANN, "%s", cases[i].target);
		assert_int_equal(got.status, cases[i].status);
		answer_done(&got);
	}
	say(chat, ANN, BOB, "private");
	direct_id(chat, ANN, BOB, id);
	got = get(chat, CAT, "/api/messages/conversation?conversationId=%s",
		  id);
	assert_int_equal(got.status, 404);
	answer_done(&got);
}

static void an_old_page_is_newest_first_and_marks_read(void **state)
{
	struct chat *chat = *state;

	say(chat, ANN, BOB, "one");
	say(chat, ANN, BOB, "two");
	say(chat, ANN, BOB, "three");

	struct answer got = get(chat, BOB, "/api/messages/%s?limit=2",
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
	got = get(chat, BOB, "/api/messages/conversation/%s?page=2&limit=2",
		  chat->people[ANN].id);
	assert_at(got.body, "items.0.content", "one");
	assert_at(got.body, "items.1", "");
	assert_int_equal(json_length(got.events), 0);
	answer_done(&got);
	got = get(chat, BOB, "/api/messages/%s?limit=500",
		  chat->people[ANN].id);
	assert_at(got.body, "limit", "100");
	answer_done(&got);
}

/* ---- pointers ---- */

static void pointers_grow_and_are_told_once(void **state)
{
	struct chat *chat = *state;
	struct answer got;

	say(chat, ANN, BOB, "one");
	say(chat, ANN, BOB, "two");
	move(chat, BOB, ANN, "received", 2, &got);
	assert_int_equal(got.status, 200);
	assert_at(got.body, "receivedSeq", "2");
	assert_at(got.body, "readSeq", "0");
	assert_at(got.events, "0.args.0.0", "message:received");
	assert_int_equal(json_length(got.events), 1);
	answer_done(&got);
	move(chat, BOB, ANN, "read", 1, &got);
	assert_at(got.body, "readSeq", "1");
	assert_at(got.events, "0.args.0.0", "message:read");
	assert_at(got.events, "0.args.0.1.readSeq", "1");
	answer_done(&got);
	move(chat, BOB, ANN, "read", 1, &got);
	assert_int_equal(json_length(got.events), 0);
	answer_done(&got);
	move(chat, BOB, ANN, "read", 99, &got);
	assert_at(got.body, "readSeq", "2");
	answer_done(&got);
	move(chat, CAT, ANN, "read", 1, &got);
	assert_int_equal(got.status, 404);
	answer_done(&got);
}

static void ticks_follow_the_other_ones_pointers(void **state)
{
	struct chat *chat = *state;
	const char *bob = chat->people[BOB].id;
	struct answer got;

	say(chat, ANN, BOB, "one");
	got = get(chat, ANN, "/api/messages/conversation?with=%s", bob);
	assert_at(got.body, "items.0.status", "sent");
	answer_done(&got);
	move(chat, BOB, ANN, "received", 1, &got);
	answer_done(&got);
	got = get(chat, ANN, "/api/messages/conversation?with=%s", bob);
	assert_at(got.body, "items.0.status", "received");
	answer_done(&got);
	move(chat, BOB, ANN, "read", 1, &got);
	answer_done(&got);
	got = get(chat, ANN, "/api/messages/conversation?with=%s", bob);
	assert_at(got.body, "items.0.status", "read");
	answer_done(&got);
}

static void one_message_is_marked_read_by_its_recipient_alone(void **state)
{
	struct chat *chat = *state;
	struct answer sent = send_text(chat, ANN, BOB, "one", NULL);
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

/* ---- changes ---- */

static void an_edit_is_shown_and_told_with_its_number(void **state)
{
	struct chat *chat = *state;
	struct answer sent = send_text(chat, ANN, BOB, "teh", NULL);
	char *target = xasprintf("/api/messages/%s", at(sent.body, "_id"));
	struct answer got =
		chat_ask(chat, ANN, "PUT", target, "{\"content\":\"the\"}");

	assert_int_equal(got.status, 200);
	assert_at(got.body, "content", "the");
	assert_at(got.body, "edited", "true");
	assert_at(got.events, "0.args.0.0", "message:updated");
	assert_at(got.events, "0.args.0.1.content", "the");
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

static void an_edit_without_content_says_edited(void **state)
{
	struct chat *chat = *state;
	struct answer sent = send_text(chat, ANN, BOB, "same", NULL);
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
	struct answer sent = send_text(chat, ANN, BOB, "oops", NULL);
	char *target = xasprintf("/api/messages/%s", at(sent.body, "_id"));
	struct answer got = chat_ask(chat, BOB, "DELETE", target, NULL);

	assert_int_equal(got.status, 403);
	answer_done(&got);
	got = chat_ask(chat, ANN, "DELETE", target, NULL);
	assert_int_equal(got.status, 200);
	assert_at(got.events, "0.args.0.0", "message:deleted");
	assert_at(got.events, "0.args.0.1.deleted", "true");
	answer_done(&got);
	got = get(chat, BOB, "/api/messages/%s", chat->people[ANN].id);
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
		ONE(the_first_message_shows_both_their_conversation_first),
		ONE(a_clientId_makes_one_message_for_ever),
		ONE(a_duplicate_shows_how_far_the_first_one_got),
		ONE(what_cannot_be_sent_says_why),
		ONE(nobody_writes_into_a_conversation_of_others),
		ONE(conversations_stand_newest_first_with_what_is_unread),
		ONE(history_goes_both_ways_from_a_seq),
		ONE(history_with_someone_new_is_empty_and_has_its_id),
		ONE(history_of_nobody_or_of_others_is_not_found),
		ONE(an_old_page_is_newest_first_and_marks_read),
		ONE(pointers_grow_and_are_told_once),
		ONE(ticks_follow_the_other_ones_pointers),
		ONE(one_message_is_marked_read_by_its_recipient_alone),
		ONE(an_edit_is_shown_and_told_with_its_number),
		ONE(an_edit_without_content_says_edited),
		ONE(a_deletion_leaves_an_empty_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
