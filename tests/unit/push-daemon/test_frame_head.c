#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "frame_head.h"

#define ID "\"0123456789abcdef01234567\""

static bool reads(enum notify_kind kind, const char *text)
{
	struct frame_head head;
	bool good = frame_head_read(&head, kind, text, strlen(text));

	frame_head_done(&head);
	return good;
}

static void an_event_needs_rooms_and_a_conversation_for_its_number(void **state)
{
	(void)state;
	assert_true(reads(NOTIFY_EVENT, "{\"rooms\":[\"u:a\"]}"));
	assert_true(reads(NOTIFY_EVENT, "{\"rooms\":[\"u:a\"],\"seq\":3,"
					"\"conversationId\":" ID "}"));
	assert_false(reads(NOTIFY_EVENT, "{\"rooms\":[\"u:a\"],\"seq\":3}"));
	assert_false(reads(NOTIFY_EVENT, "{}"));
	assert_false(reads(NOTIFY_EVENT, "{\"rooms\":[]}"));
	assert_false(reads(NOTIFY_EVENT, "{\"rooms\":\"u:a\"}"));
	assert_false(reads(NOTIFY_EVENT, "{\"rooms\":[1]}"));
	assert_false(reads(NOTIFY_EVENT, "{\"rooms\":[\"u:a u:b\"]}"));
	assert_false(reads(NOTIFY_EVENT, "{\"rooms\":[\"\"]}"));
	assert_false(reads(NOTIFY_EVENT, "{\"rooms\":[\"u:a\"],\"seq\":-1,"
					 "\"conversationId\":" ID "}"));
	assert_false(reads(NOTIFY_EVENT, "{\"rooms\":[\"u:a\"],"
					 "\"conversationId\":\"x\"}"));
	assert_false(reads(NOTIFY_EVENT, "[]"));
	assert_false(reads(NOTIFY_EVENT, ""));
}

static void
who_an_event_excepts_is_said_by_ids_without_anything_between(void **s)
{
	(void)s;
	assert_true(
		reads(NOTIFY_EVENT, "{\"rooms\":[\"u:a\"],\"except\":" ID "}"));
	assert_true(
		reads(NOTIFY_EVENT,
		      "{\"rooms\":[\"u:a\"],\"except\":"
		      "\"0123456789abcdef012345670123456789abcdef01234568\"}"));
	assert_false(
		reads(NOTIFY_EVENT, "{\"rooms\":[\"u:a\"],\"except\":\"x\"}"));
	assert_false(
		reads(NOTIFY_EVENT, "{\"rooms\":[\"u:a\"],\"except\":[]}"));
}

static void a_receipt_needs_a_conversation_and_a_user(void **state)
{
	(void)state;
	assert_true(reads(NOTIFY_EVENT,
			  "{\"rooms\":[\"u:a\"],\"read\":3,\"userId\":" ID
			  ",\"conversationId\":" ID "}"));
	assert_false(reads(NOTIFY_EVENT, "{\"rooms\":[\"u:a\"],\"read\":3,"
					 "\"userId\":" ID "}"));
	assert_false(reads(NOTIFY_EVENT,
			   "{\"rooms\":[\"u:a\"],"
			   "\"received\":3,\"conversationId\":" ID "}"));
	assert_false(reads(NOTIFY_EVENT,
			   "{\"rooms\":[\"u:a\"],\"read\":-3,\"userId\":" ID
			   ",\"conversationId\":" ID "}"));
}

static void a_move_needs_a_user_and_a_room(void **state)
{
	(void)state;
	assert_true(reads(NOTIFY_JOIN, "{\"userId\":" ID ",\"room\":\"c:x\"}"));
	assert_true(reads(NOTIFY_JOIN, "{\"userId\":" ID ",\"room\":\"c:x\","
				       "\"position\":" ID "}"));
	assert_false(reads(NOTIFY_JOIN, "{\"userId\":" ID ",\"room\":\"c:x\","
					"\"position\":\"x\"}"));
	assert_false(reads(NOTIFY_LEAVE, "{\"userId\":" ID ",\"room\":\"c:x\","
					 "\"position\":1}"));
	assert_false(reads(NOTIFY_JOIN, "{\"userId\":" ID "}"));
	assert_true(reads(NOTIFY_JOIN,
			  "{\"userId\":" ID ",\"contacts\":[" ID "]}"));
	assert_false(
		reads(NOTIFY_JOIN, "{\"userId\":" ID ",\"contacts\":[\"x\"]}"));
	assert_false(
		reads(NOTIFY_JOIN, "{\"userId\":" ID ",\"contacts\":" ID "}"));
	assert_false(reads(NOTIFY_LEAVE,
			   "{\"userId\":" ID ",\"contacts\":[" ID "]}"));
	assert_false(reads(NOTIFY_LEAVE, "{\"room\":\"c:x\"}"));
	assert_false(
		reads(NOTIFY_LEAVE, "{\"userId\":\"x\",\"room\":\"c:x\"}"));
}

static void a_revocation_needs_a_user(void **state)
{
	(void)state;
	assert_true(reads(NOTIFY_REVOKE, "{\"userId\":" ID "}"));
	assert_false(reads(NOTIFY_REVOKE, "{\"sid\":\"x\"}"));
	assert_false(reads(NOTIFY_REVOKE, "{\"userId\":" ID ",\"sid\":1}"));
	assert_false(reads(NOTIFY_REVOKE, "{\"userId\":" ID ",\"except\":1}"));
	assert_true(reads(NOTIFY_HIDE, "{\"userId\":" ID ",\"other\":" ID
				       ",\"hidden\":true}"));
	assert_false(
		reads(NOTIFY_HIDE, "{\"userId\":" ID ",\"other\":" ID "}"));
	assert_false(reads(NOTIFY_HIDE, "{\"userId\":" ID ",\"hidden\":true}"));
	assert_true(reads(NOTIFY_SETTINGS,
			  "{\"userId\":" ID ",\"statusText\":\"\"}"));
	assert_true(reads(NOTIFY_SETTINGS, "{\"userId\":" ID ",\"to\":" ID
					   ",\"statusText\":\"\"}"));
	assert_false(reads(NOTIFY_SETTINGS, "{\"userId\":" ID ",\"to\":\"x\","
					    "\"statusText\":\"\"}"));
	assert_false(reads(NOTIFY_SETTINGS, "{\"userId\":" ID "}"));
	assert_false(reads(NOTIFY_SETTINGS, "{\"statusText\":\"\"}"));
	assert_false(reads(NOTIFY_SETTINGS,
			   "{\"userId\":" ID ",\"statusText\":\"\","
			   "\"lastSeen\":-1}"));
}

static void events_come_line_by_line_and_nonsense_is_skipped(void **state)
{
	(void)state;
	const char *at = "[\"a\",1]\nnonsense\n\n[\"b\"]\n[]";
	size_t len = strlen(at), event_len;
	const char *event;

	assert_true(frame_next_event(&at, &len, &event, &event_len));
	assert_int_equal(event_len, 7);
	assert_memory_equal(event, "[\"a\",1]", 7);
	assert_true(frame_next_event(&at, &len, &event, &event_len));
	assert_memory_equal(event, "[\"b\"]", 5);
	assert_false(frame_next_event(&at, &len, &event, &event_len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			an_event_needs_rooms_and_a_conversation_for_its_number),
		cmocka_unit_test(
			who_an_event_excepts_is_said_by_ids_without_anything_between),
		cmocka_unit_test(a_receipt_needs_a_conversation_and_a_user),
		cmocka_unit_test(a_move_needs_a_user_and_a_room),
		cmocka_unit_test(a_revocation_needs_a_user),
		cmocka_unit_test(
			events_come_line_by_line_and_nonsense_is_skipped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
