#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "sio_fixture.h"

/* ---- connect ---- */

static void connect_is_answered_with_a_sid_of_its_own(void **state)
{
	(void)state;
	const char *answer = says("40{\"token\":\"123\"}");

	assert_memory_equal(answer, "40{\"sid\":\"", 10);
	assert_int_equal(strlen(answer), 10 + 20 + 2);
	assert_memory_equal(answer + 10, sio_socket_id(last), 20);
	assert_string_not_equal(sio_socket_id(last),
				eio_session_sid(ws.base.session));
	assert_string_equal(heard_text(), "connect/{\"token\":\"123\"}");
}

static void connect_without_auth_gives_an_empty_object(void **state)
{
	(void)state;
	says("40");
	assert_string_equal(heard_text(), "connect/{}");
}

static void namespaces_share_one_connection(void **state)
{
	(void)state;
	enter();
	assert_memory_equal(says("40/custom,"), "40/custom,{\"sid\":\"", 18);
	assert_string_equal(sio_socket_namespace(last), "/custom");
	assert_string_equal(heard_text(), "connect/custom{}");
	says("42/custom,[\"a\"]");
	says("42[\"b\"]");
	assert_string_equal(heard_text(), "[a::-1:0][b::-1:0]");
	send_json(last, "[\"x\"]", 0);
	send_json(main_socket, "[\"y\"]", 0);
	assert_string_equal(fake_sent(&fake, &ws),
			    "42/custom,[\"x\"]|42[\"y\"]");
}

static void an_unknown_namespace_gets_connect_error(void **state)
{
	(void)state;
	assert_string_equal(says("40/random"),
			    "44/random,{\"message\":\"Invalid namespace\"}");
	assert_false(ws.closed);
	enter();
}

static void a_refusal_carries_message_and_data(void **state)
{
	(void)state;
	mode = REFUSE;
	assert_string_equal(
		says("40"),
		"44{\"message\":\"Unauthorized\",\"data\":{\"code\":"
		"\"bad_token\"}}");
	assert_false(ws.closed);
	assert_memory_equal(says("40"), "44", 2); /* may try again */
	assert_int_equal(disconnects, 0);
}

static void the_answer_may_come_later(void **state)
{
	(void)state;
	mode = LATER;
	assert_string_equal(says("40"), "");
	send_json(last, "[\"too early\"]", 0);
	assert_string_equal(fake_sent(&fake, &ws), "");
	sio_accept(last);
	assert_memory_equal(fake_sent(&fake, &ws), "40{\"sid\":\"", 10);
	sio_refuse(last, "no", NULL); /* answered already */
	assert_string_equal(fake_sent(&fake, &ws), "");
}

static void who_goes_before_the_answer_is_disconnected(void **state)
{
	(void)state;
	mode = LATER;
	says("40");
	says("40/custom");
	says("41/custom");
	assert_int_equal(disconnects, 1);
	assert_int_equal(reason, SIO_CLIENT_DISCONNECT);
	fake_ws_done(&ws);
	fake_flush(&fake);
	assert_int_equal(disconnects, 2);
	assert_int_equal(reason, SIO_TRANSPORT_CLOSE);
}

/* Each CONNECT costs somebody a look at a token: one at a time. */
static void who_gives_up_before_the_answer_cannot_ask_again(void **state)
{
	(void)state;
	mode = LATER;
	says("40");
	says("41");
	assert_false(ws.closed);
	assert_int_equal(disconnects, 1);
	fake_text(&fake, &ws, "40");
	assert_true(ws.closed);
	assert_int_equal(connects, 1);
}

static void who_comes_and_goes_for_ever_is_closed(void **state)
{
	(void)state;
	for (int i = 0; i < 16; i++) {
		says("40");
		says("41");
	}
	assert_false(ws.closed);
	assert_int_equal(connects, 16);
	fake_text(&fake, &ws, "40");
	assert_true(ws.closed);
	assert_int_equal(connects, 16);
}

static void who_is_refused_for_ever_is_closed(void **state)
{
	(void)state;
	mode = REFUSE;
	for (int i = 0; i < 16; i++)
		assert_memory_equal(says("40"), "44{", 3);
	assert_false(ws.closed);
	says("40");
	assert_true(ws.closed);
	assert_int_equal(connects, 16);
}

static void events_before_connect_close_the_connection(void **state)
{
	(void)state;
	closes_with("42[\"a\"]");
}

static void events_before_the_answer_close_the_connection(void **state)
{
	(void)state;
	mode = LATER;
	says("40");
	closes_with("42[\"a\"]");
	assert_int_equal(reason, SIO_PROTOCOL_ERROR);
}

static void a_second_connect_closes_the_connection(void **state)
{
	(void)state;
	enter();
	closes_with("40");
}

static void who_never_connects_is_closed_in_time(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		fake_pass(&fake, 310);
		says("3");
	}
	assert_false(ws.closed);
	fake_pass(&fake, 100);
	assert_true(ws.closed);
}

static void who_connected_in_time_stays(void **state)
{
	(void)state;
	enter();
	for (int i = 0; i < 10; i++) {
		fake_pass(&fake, 310);
		says("3");
	}
	assert_false(ws.closed);
}

/* ---- acknowledgements we ask for ---- */

static char answered[64];

static void on_answer(struct sio_socket *socket,
		      const struct sio_answer *answer, void *user)
{
	(void)socket;
	size_t len = strlen(answered);

	if (answer == NULL)
		snprintf(answered + len, sizeof(answered) - len, "%s:gone ",
			 (const char *)user);
	else
		snprintf(answered + len, sizeof(answered) - len, "%s:%.*s ",
			 (const char *)user, (int)answer->args_len,
			 answer->args);
}

static void answers_reach_who_asked_in_any_order_and_once(void **state)
{
	(void)state;
	answered[0] = '\0';
	enter();
	assert_true(sio_emit_with_ack(last, "[\"q\"]", 5, on_answer, "a"));
	assert_true(sio_emit_with_ack(last, "[\"q\"]", 5, on_answer, "b"));
	assert_string_equal(fake_sent(&fake, &ws), "420[\"q\"]|421[\"q\"]");
	says("431[2]");
	says("430[1]");
	says("430[3]");
	says("4399[3]");
	assert_string_equal(answered, "b:2 a:1 ");
	assert_false(ws.closed);
}

static void who_asked_hears_when_nobody_will_answer(void **state)
{
	(void)state;
	answered[0] = '\0';
	enter();
	sio_emit_with_ack(last, "[\"q\"]", 5, on_answer, "a");
	sio_emit_with_ack(last, "[\"q\"]", 5, on_answer, "b");
	assert_false(sio_emit_with_ack(last, "[\"q\"]", 5, on_answer, "c"));
	fake_ws_done(&ws);
	fake_flush(&fake);
	assert_string_equal(answered, "a:gone b:gone ");
}

/* ---- disconnect ---- */

static void a_client_leaves_one_namespace_and_keeps_the_rest(void **state)
{
	(void)state;
	enter();
	says("40/custom");
	says("41/custom");
	assert_int_equal(disconnects, 1);
	assert_int_equal(reason, SIO_CLIENT_DISCONNECT);
	heard_text();
	says("42[\"a\"]");
	assert_string_equal(heard_text(), "[a::-1:0]");
	assert_memory_equal(says("40/custom"), "40/custom,", 10);
}

static void the_connection_lives_when_the_last_namespace_is_left(void **state)
{
	(void)state;
	enter();
	says("41");
	assert_false(ws.closed);
	fake_pass(&fake, 310);
	assert_string_equal(fake_sent(&fake, &ws), "2");
}

static void the_server_disconnects_one_namespace(void **state)
{
	(void)state;
	enter();
	sio_disconnect(last, false);
	assert_int_equal(disconnects, 0); /* not from within the call */
	assert_string_equal(fake_sent(&fake, &ws), "41");
	assert_int_equal(disconnects, 1);
	assert_int_equal(reason, SIO_SERVER_DISCONNECT);
	says("42[\"on its way\"]"); /* no fault of the client's */
	assert_false(ws.closed);
}

static void the_server_disconnects_with_the_connection(void **state)
{
	(void)state;
	enter();
	says("40/custom");
	sio_disconnect(last, true);
	assert_string_equal(fake_sent(&fake, &ws), "41/custom,");
	assert_true(ws.closed);
	assert_int_equal(ws.code, 1000);
	assert_int_equal(disconnects, 2);
}

static void a_close_has_the_code_and_word_it_was_given(void **state)
{
	(void)state;
	enter();
	send_json(last, "[\"session-expired\"]", 0);
	sio_close(last, 4001, "session-expired");
	assert_string_equal(fake_sent(&fake, &ws), "42[\"session-expired\"]");
	assert_int_equal(ws.code, 4001);
	assert_string_equal(ws.word, "session-expired");
}

static void calls_on_a_socket_that_is_going_do_nothing(void **state)
{
	(void)state;
	enter();
	sio_disconnect(last, false);
	send_json(last, "[\"x\"]", 0);
	sio_disconnect(last, true);
	sio_close(last, 4001, "x");
	sio_join(last, "room");
	sio_ack(last, 1, "[]", 2);
	assert_false(sio_emit_with_ack(last, "[\"q\"]", 5, on_answer, ""));
	assert_string_equal(sio_socket_transport(last), "");
	assert_string_equal(fake_sent(&fake, &ws), "41");
	assert_false(ws.closed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(connect_is_answered_with_a_sid_of_its_own),
		TEST(connect_without_auth_gives_an_empty_object),
		TEST(namespaces_share_one_connection),
		TEST(an_unknown_namespace_gets_connect_error),
		TEST(a_refusal_carries_message_and_data),
		TEST(the_answer_may_come_later),
		TEST(who_goes_before_the_answer_is_disconnected),
		TEST(who_gives_up_before_the_answer_cannot_ask_again),
		TEST(who_comes_and_goes_for_ever_is_closed),
		TEST(who_is_refused_for_ever_is_closed),
		TEST(events_before_connect_close_the_connection),
		TEST(events_before_the_answer_close_the_connection),
		TEST(a_second_connect_closes_the_connection),
		TEST(who_never_connects_is_closed_in_time),
		TEST(who_connected_in_time_stays),
		TEST(answers_reach_who_asked_in_any_order_and_once),
		TEST(who_asked_hears_when_nobody_will_answer),
		TEST(a_client_leaves_one_namespace_and_keeps_the_rest),
		TEST(the_connection_lives_when_the_last_namespace_is_left),
		TEST(the_server_disconnects_one_namespace),
		TEST(the_server_disconnects_with_the_connection),
		TEST(a_close_has_the_code_and_word_it_was_given),
		TEST(calls_on_a_socket_that_is_going_do_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
