/* What clients ask for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "hub_fixture.h"

/* ---- what clients ask ---- */

static void a_send_goes_to_the_workers_as_it_came_with_a_client_id(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	event(&ann, "send-message", "{\"to\":\"x\", \"content\":\"\\u0041\"}");
	assert_asked("send userId=" ANN " sessionId=s1 clientId "
		     "requestId=first-request.1 payload.content=A");
	assert_string_equal(asked_text,
			    "{\"to\":\"x\", \"content\":\"\\u0041\"}");
	answer(&held, "{\"ok\":true}", "{\"ok\":true,\"id\": 1}");
	assert_sees(&ann, "ack ok=true id=1");
}

static void only_the_first_argument_of_an_event_counts(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	event(&ann, "send-message", " {\"to\": \"x}\\\"\"} ,{\"to\":\"y\"}");
	assert_asked("send payload.to='x}\"'");
	assert_int_equal(asked("send"), 1);
	assert_null(strstr(asked_text, "\"y\""));
	event(&ann, "typing", "{\"a\":[{\"b\":{}},{}]},[");
	assert_sees(&ann, "ack error.code=invalid"); /* names nobody */
}

static void without_workers_a_send_is_acknowledged_unavailable(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	workers_down = true;
	event(&ann, "send-message", "{}");
	assert_sees(&ann, "ack ok=false error.code=unavailable");
}

static void an_ended_session_closes_its_sockets_at_the_next_send(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	event(&ann, "send-message", "{}");
	answer(&held, "{\"ok\":false,\"code\":\"session_expired\"}", NULL);
	assert_sees(&ann, "ack ok=false");
	assert_sees(&ann, "session-expired");
	assert_ends(&ann, "closed");
}

static void bad_events_get_a_stable_code(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	event(&ann, "nope", "{}");
	assert_sees(&ann, "ack error.code=unknown_event");
	event(&ann, "send-message", "\"text\"");
	event(&ann, "typing", "");
	event(&ann, "typing", "{\"to\":\"zz\"}");
	assert_int_equal(count(&ann, "ack error.code=invalid"), 3);
	event(&ann, "typing", "{}");
	event(&ann, "typing", "{}");
	assert_int_equal(count(&ann, "ack error.code=rate_limited"), 1);
}

static void an_answer_for_a_socket_that_went_is_dropped(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	event(&ann, "send-message", "{}");
	disconnect(&ann);
	assert_int_equal(freed, 0);
	answer(&held, "{\"ok\":true}", "{}");
	assert_int_equal(freed, 1);
	assert_sees_not(&ann, "ack");
}

static void a_broadcast_says_how_many_are_here(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	connect_as(&bob, BOB, "");
	event(&ann, "broadcast", "{\"message\":\"x\"}");
	assert_asked("broadcast userId=" ANN " payload.message=x");
	answer(&held, "{\"ok\":true}", "{\"ok\":true}");
	assert_sees(&ann, "ack ok=true reached=2");
	event(&ann, "broadcast", "{}");
	answer(&held, "{\"ok\":false,\"code\":\"invalid\"}",
	       "{\"ok\":false,\"error\":{\"code\":\"invalid\"}}");
	assert_sees(&ann, "ack ok=false error.code=invalid");
}

/* ---- typing ---- */

static void typing_reaches_whom_it_is_for_and_stops_by_itself(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	connect_as(&bob, BOB, "");
	event(&ann, "typing", "{\"to\":\"" BOB "\"}");
	assert_sees(&ann, "ack ok=true");
	assert_sees(&bob, "?typing from=" ANN " conversationId");
	assert_sees_not(&ann, "typing");
	pass(2900);
	assert_sees_not(&bob, "typing-stopped");
	pass(200);
	assert_int_equal(count(&bob, "typing-stopped"), 1);
}

static void a_conversation_hears_no_stranger_type(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	connect_as(&bob, BOB, ",\"rooms\":[\"c:" CONVERSATION "\"]");
	event(&ann, "typing", "{\"conversationId\":\"" CONVERSATION "\"}");
	assert_sees(&ann, "ack ok=true");
	assert_sees_not(&bob, "typing");
}

/* Bob is an operator, Ann a guest in her support conversation. */
static void typing_in_support_is_for_its_client_and_operators(void **state)
{
	(void)state;
	char support[ID_SIZE], room[100], body[100];

	id_direct(ANN, ID_SERVER, support);
	snprintf(room, sizeof(room), ",\"role\":\"guest\",\"rooms\":[\"c:%s\"]",
		 support);
	snprintf(body, sizeof(body), "{\"conversationId\":\"%s\"}", support);
	connect_as(&ann, ANN, room);
	connect_as(&bob, BOB, ",\"rooms\":[\"r:operator\"]");
	connect_as(&other, "dddddddddddddddddddddddd", "");
	event(&bob, "typing", body);
	assert_int_equal(count(&ann, "typing from=" BOB), 1);
	event(&ann, "typing", "{\"to\":\"" ID_SERVER "\"}");
	assert_int_equal(count(&bob, "typing from=" ANN), 1);
	event(&other, "typing", body);
	pass(3100);
	assert_int_equal(count(&ann, "typing-stopped from=" BOB), 1);
	assert_int_equal(count(&bob, "typing-stopped from=" ANN), 1);
	assert_int_equal(count(&ann, "typing"), 1);
	assert_int_equal(count(&other, "typing"), 0);
}

static void a_message_ends_its_writers_typing(void **state)
{
	(void)state;
	connect_as(&ann, ANN, ",\"rooms\":[\"c:" CONVERSATION "\"]");
	connect_as(&bob, BOB, ",\"rooms\":[\"c:" CONVERSATION "\"]");
	event(&ann, "typing", "{\"conversationId\":\"" CONVERSATION "\"}");
	assert_int_equal(count(&bob, "typing"), 1);
	message(1, HUB_NOTIFY);
	assert_int_equal(count(&bob, "typing-stopped"), 1);
}

static void in_a_direct_conversation_contacts_hear_each_other_type(void **state)
{
	(void)state;
	char conversation[ID_SIZE], body[100];

	id_direct(ANN, BOB, conversation);
	snprintf(body, sizeof(body), "{\"conversationId\":\"%s\"}",
		 conversation);
	connect_as(&ann, ANN, "");
	connect_as(&bob, BOB, "");
	event(&ann, "typing", body);
	assert_sees_not(&bob, "typing");
	assert_true(frame(NOTIFY_JOIN, "{\"userId\":\"" ANN
				       "\",\"contacts\":[\"" BOB "\"]}"));
	event(&ann, "typing", body);
	event(&bob, "typing", body);
	assert_int_equal(count(&bob, "typing"), 1);
	assert_int_equal(count(&ann, "typing"), 1);
}

static void a_disconnect_stops_typing(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	connect_as(&bob, BOB, "");
	event(&ann, "typing", "{\"to\":\"" BOB "\"}");
	disconnect(&ann);
	hub_tick(hub);
	assert_int_equal(count(&bob, "typing-stopped"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_broadcast_says_how_many_are_here),
		TEST(a_send_goes_to_the_workers_as_it_came_with_a_client_id),
		TEST(only_the_first_argument_of_an_event_counts),
		TEST(without_workers_a_send_is_acknowledged_unavailable),
		TEST(an_ended_session_closes_its_sockets_at_the_next_send),
		TEST(bad_events_get_a_stable_code),
		TEST(an_answer_for_a_socket_that_went_is_dropped),
		TEST(typing_reaches_whom_it_is_for_and_stops_by_itself),
		TEST(a_conversation_hears_no_stranger_type),
		TEST(typing_in_support_is_for_its_client_and_operators),
		TEST(a_message_ends_its_writers_typing),
		TEST(in_a_direct_conversation_contacts_hear_each_other_type),
		TEST(a_disconnect_stops_typing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
