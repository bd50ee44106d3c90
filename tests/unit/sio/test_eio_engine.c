#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "eio_fixture.h"
#include "mem.h"

/* ---- handshake ---- */

static void handshake_needs_revision_4_and_a_known_transport(void **state)
{
	(void)state;
	assert_int_equal(judge(EIO_METHOD_GET, false, POLLING), EIO_CREATE);
	assert_int_equal(judge(EIO_METHOD_GET, true, WEBSOCKET), EIO_CREATE);
	refused(EIO_BAD_VERSION, EIO_METHOD_GET, false, "transport=polling");
	refused(EIO_BAD_VERSION, EIO_METHOD_GET, false,
		"EIO=abc&transport=polling");
	refused(EIO_BAD_VERSION, EIO_METHOD_GET, true,
		"EIO=3&transport=websocket");
	refused(EIO_UNKNOWN_TRANSPORT, EIO_METHOD_GET, false, "EIO=4");
	refused(EIO_UNKNOWN_TRANSPORT, EIO_METHOD_GET, false,
		"EIO=4&transport=abc");
}

static void handshake_is_a_get(void **state)
{
	(void)state;
	refused(EIO_BAD_METHOD, EIO_METHOD_POST, false, POLLING);
	refused(EIO_BAD_METHOD, EIO_METHOD_OTHER, false, POLLING);
}

static void handshake_transport_must_be_the_one_it_comes_by(void **state)
{
	(void)state;
	refused(EIO_BAD_REQUEST, EIO_METHOD_GET, false, WEBSOCKET);
	refused(EIO_BAD_REQUEST, EIO_METHOD_GET, true, POLLING);
}

static void
polling_open_packet_names_sid_upgrades_times_and_payload(void **state)
{
	struct fake_poll poll;
	struct eio_session *session = fake_open(&fake, &poll);
	char expected[200];

	(void)state;
	snprintf(expected, sizeof(expected),
		 "0{\"sid\":\"%s\",\"upgrades\":[\"websocket\"],"
		 "\"pingInterval\":300,\"pingTimeout\":200,"
		 "\"maxPayload\":1000}",
		 eio_session_sid(session));
	assert_string_equal(fake_body(&poll), expected);
	assert_int_equal(strlen(eio_session_sid(session)), 20);
	assert_int_equal(opened, 1);
	fake_poll_done(&poll);
}

static void websocket_open_packet_offers_no_upgrade(void **state)
{
	struct fake_ws ws;

	(void)state;
	fake_open_ws(&fake, &ws);
	assert_non_null(strstr(fake_sent(&fake, &ws), "\"upgrades\":[]"));
	fake_ws_done(&ws);
}

static void
connections_past_the_maximum_are_refused_until_one_goes(void **state)
{
	struct fake_ws crowd[100];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(crowd); i++)
		fake_open_ws(&fake, &crowd[i]);
	refused(EIO_BUSY, EIO_METHOD_GET, false, POLLING);
	fake_ws_done(&crowd[0]);
	fake_flush(&fake);
	assert_int_equal(judge(EIO_METHOD_GET, false, POLLING), EIO_CREATE);
	for (size_t i = 1; i < COUNT_OF(crowd); i++)
		fake_ws_done(&crowd[i]);
	fake_flush(&fake);
	assert_int_equal(closed, 100);
}

static void an_unknown_sid_is_refused(void **state)
{
	(void)state;
	refused(EIO_UNKNOWN_SID, EIO_METHOD_GET, false, POLLING "&sid=abc");
	refused(EIO_UNKNOWN_SID, EIO_METHOD_POST, false, POLLING "&sid=");
	refused(EIO_UNKNOWN_SID, EIO_METHOD_GET, true, WEBSOCKET "&sid=abc");
}

static void a_sid_of_another_path_is_unknown(void **state)
{
	struct fake_poll poll;
	struct eio_session *session = fake_open(&fake, &poll);

	(void)state;
	fake.endpoint = sio_core_endpoint(fake.core, "/socket.io", 10);
	refused(EIO_UNKNOWN_SID, EIO_METHOD_GET, false,
		with_sid(POLLING, session));
	fake_poll_done(&poll);
}

static void a_sid_of_a_websocket_cannot_poll(void **state)
{
	struct fake_ws ws;
	struct eio_session *session = fake_open_ws(&fake, &ws);

	(void)state;
	refused(EIO_BAD_REQUEST, EIO_METHOD_GET, false,
		with_sid(POLLING, session));
	refused(EIO_BAD_REQUEST, EIO_METHOD_POST, false,
		with_sid(POLLING, session));
	assert_int_equal(
		judge(EIO_METHOD_GET, true, with_sid(WEBSOCKET, session)),
		EIO_PART);
	assert_int_equal(closed, 0);
	fake_ws_done(&ws);
}

/* ---- messages ---- */

static void a_get_is_held_until_there_is_a_message(void **state)
{
	struct fake_poll first, poll;
	struct eio_session *session = fake_open(&fake, &first);

	(void)state;
	assert_string_equal(fake_get(&fake, session, &poll), "");
	sio_engine_send(session, "a", 1, false);
	sio_engine_send(session, "\1\2\3\4", 4, true);
	sio_engine_send(session, "b", 1, false);
	assert_string_equal(fake_body(&poll), "");
	fake_flush(&fake);
	assert_string_equal(fake_body(&poll), "4a\x1e"
					      "bAQIDBA==\x1e"
					      "4b");
	fake_poll_done(&first);
	fake_poll_done(&poll);
}

static void what_is_said_between_two_gets_waits_for_the_second(void **state)
{
	struct fake_poll first, poll;
	struct eio_session *session = fake_open(&fake, &first);

	(void)state;
	sio_engine_send(session, "a", 1, false);
	fake_flush(&fake);
	sio_engine_send(session, "b", 1, false);
	assert_string_equal(fake_get(&fake, session, &poll), "4a\x1e"
							     "4b");
	fake_poll_done(&first);
	fake_poll_done(&poll);
}

static void a_post_carries_several_packets(void **state)
{
	struct fake_poll first;
	struct eio_session *session = fake_open(&fake, &first);

	(void)state;
	assert_true(fake_post(&fake, session,
			      "4hello\x1e"
			      "bAQIDBA==\x1e"
			      "4world"));
	assert_string_equal(heard.data, "<hello>b<\x01\x02\x03\x04><world>");
	fake_poll_done(&first);
}

static void websocket_text_is_a_packet_and_binary_a_message(void **state)
{
	struct fake_ws ws;

	(void)state;
	echo = true;
	fake_open_ws(&fake, &ws);
	fake_sent(&fake, &ws);
	fake_text(&fake, &ws, "4hello");
	fake_binary(&fake, &ws, "xyz", 3);
	assert_string_equal(heard.data, "<hello>b<xyz>");
	assert_string_equal(fake_sent(&fake, &ws), "4hello|b<xyz>");
	fake_ws_done(&ws);
}

static void a_bad_payload_closes_and_the_held_get_is_told(void **state)
{
	struct fake_poll first, poll;
	struct eio_session *session = fake_open(&fake, &first);
	char query[128];

	(void)state;
	snprintf(query, sizeof(query), "%s", with_sid(POLLING, session));
	fake_get(&fake, session, &poll);
	assert_false(fake_post(&fake, session, "abc"));
	assert_string_equal(fake_body(&poll), "1");
	assert_int_equal(closed, 1);
	assert_int_equal(reason, SIO_PROTOCOL_ERROR);
	refused(EIO_UNKNOWN_SID, EIO_METHOD_GET, false, query);
	fake_poll_done(&first);
	fake_poll_done(&poll);
}

static void what_only_a_server_may_say_is_a_protocol_error(void **state)
{
	static const char *const words[] = {"0", "2", "2abc", "5", "7", ""};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(words); i++) {
		struct fake_ws ws;

		fake_open_ws(&fake, &ws);
		fake_text(&fake, &ws, words[i]);
		assert_int_equal(closed, (int)i + 1);
		assert_int_equal(reason, SIO_PROTOCOL_ERROR);
		assert_true(ws.closed);
		assert_int_equal(ws.code, 1002);
		fake_ws_done(&ws);
	}
}

static void noop_and_an_unasked_pong_change_nothing(void **state)
{
	struct fake_ws ws;

	(void)state;
	fake_open_ws(&fake, &ws);
	fake_sent(&fake, &ws);
	fake_pass(&fake, 250);
	fake_text(&fake, &ws, "6");
	fake_text(&fake, &ws, "3");
	assert_string_equal(fake_sent(&fake, &ws), "");
	fake_pass(&fake, 100); /* the ping is not put off */
	assert_string_equal(fake_sent(&fake, &ws), "2");
	fake_ws_done(&ws);
}

static void a_second_get_at_the_same_time_ends_the_session(void **state)
{
	struct fake_poll first, one, two;
	struct eio_session *session = fake_open(&fake, &first);

	(void)state;
	fake_get(&fake, session, &one);
	assert_string_equal(fake_get(&fake, session, &two), "400");
	assert_string_equal(fake_body(&one), "1");
	assert_int_equal(reason, SIO_TRANSPORT_ERROR);
	fake_poll_done(&first);
	fake_poll_done(&one);
}

static void a_second_post_at_the_same_time_ends_the_session(void **state)
{
	struct fake_post one = {0}, other = {0};
	struct fake_poll first;
	struct eio_session *session = fake_open(&fake, &first);

	(void)state;
	assert_true(eio_post_begin(session, &one.base));
	assert_false(eio_post_begin(session, &other.base));
	fake_flush(&fake);
	assert_int_equal(reason, SIO_TRANSPORT_ERROR);
	fake_poll_done(&first);
}

static void a_get_given_up_ends_the_session(void **state)
{
	struct fake_poll first, poll;
	struct eio_session *session = fake_open(&fake, &first);

	(void)state;
	fake_get(&fake, session, &poll);
	eio_poll_gone(&poll.base);
	fake_flush(&fake);
	assert_int_equal(reason, SIO_TRANSPORT_CLOSE);
	fake_poll_done(&first);
}

/* ---- heartbeat ---- */

static void a_silent_session_is_over_to_the_millisecond_when_asked(void **state)
{
	struct fake_poll first, poll;
	struct eio_session *session = fake_open(&fake, &first);
	const char *query = with_sid(POLLING, session);
	int64_t opened_ms = fake.now_ms;

	(void)state;
	fake_pass(&fake, 490);
	assert_string_equal(fake_get(&fake, session, &poll), "2");
	fake.now_ms = opened_ms + 499;
	assert_int_equal(judge(EIO_METHOD_GET, false, query), EIO_GET);
	fake.now_ms = opened_ms + 500;
	refused(EIO_UNKNOWN_SID, EIO_METHOD_GET, false, query);
	fake_poll_done(&first);
	fake_poll_done(&poll);
}

static void what_the_process_slept_is_not_the_clients_loss(void **state)
{
	struct fake_poll first;
	struct eio_session *session = fake_open(&fake, &first);
	const char *query = with_sid(POLLING, session);

	(void)state;
	fake.now_ms += 5000;
	fake_pass(&fake, 0);
	fake.now_ms += 90;
	assert_int_equal(judge(EIO_METHOD_POST, false, query), EIO_POST);
	assert_true(fake_post(&fake, session, "3"));
	fake_poll_done(&first);
}

static void the_server_pings_and_lives_on_pongs(void **state)
{
	struct fake_ws ws;

	(void)state;
	fake_open_ws(&fake, &ws);
	fake_sent(&fake, &ws);
	for (int i = 0; i < 5; i++) {
		fake_pass(&fake, 290);
		assert_string_equal(fake_sent(&fake, &ws), "");
		fake_pass(&fake, 40);
		assert_string_equal(fake_sent(&fake, &ws), "2");
		fake_text(&fake, &ws, "3");
	}
	assert_int_equal(closed, 0);
	fake_ws_done(&ws);
}

static void without_a_pong_in_time_the_session_ends(void **state)
{
	struct fake_ws ws;

	(void)state;
	fake_open_ws(&fake, &ws);
	fake_pass(&fake, 470);
	assert_int_equal(closed, 0);
	fake_pass(&fake, 80);
	assert_int_equal(closed, 1);
	assert_int_equal(reason, SIO_PING_TIMEOUT);
	assert_true(ws.closed);
	fake_ws_done(&ws);
}

static void other_packets_are_no_pong(void **state)
{
	struct fake_ws ws;

	(void)state;
	fake_open_ws(&fake, &ws);
	fake_pass(&fake, 400);
	fake_text(&fake, &ws, "4alive");
	fake_pass(&fake, 150);
	assert_int_equal(reason, SIO_PING_TIMEOUT);
	fake_ws_done(&ws);
}

static void
a_request_after_the_time_out_is_refused_before_any_tick(void **state)
{
	struct fake_poll first, poll;
	struct eio_session *session = fake_open(&fake, &first);
	char query[128];

	(void)state;
	snprintf(query, sizeof(query), "%s", with_sid(POLLING, session));
	fake_pass(&fake, 320);
	assert_string_equal(fake_get(&fake, session, &poll), "2");
	fake.now_ms += 500; /* the loop was busy elsewhere */
	refused(EIO_UNKNOWN_SID, EIO_METHOD_GET, false, query);
	fake_flush(&fake);
	assert_int_equal(reason, SIO_PING_TIMEOUT);
	fake_poll_done(&first);
	fake_poll_done(&poll);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(handshake_needs_revision_4_and_a_known_transport),
		TEST(handshake_is_a_get),
		TEST(handshake_transport_must_be_the_one_it_comes_by),
		TEST(polling_open_packet_names_sid_upgrades_times_and_payload),
		TEST(websocket_open_packet_offers_no_upgrade),
		TEST(connections_past_the_maximum_are_refused_until_one_goes),
		TEST(an_unknown_sid_is_refused),
		TEST(a_sid_of_another_path_is_unknown),
		TEST(a_sid_of_a_websocket_cannot_poll),
		TEST(a_get_is_held_until_there_is_a_message),
		TEST(what_is_said_between_two_gets_waits_for_the_second),
		TEST(a_post_carries_several_packets),
		TEST(websocket_text_is_a_packet_and_binary_a_message),
		TEST(a_bad_payload_closes_and_the_held_get_is_told),
		TEST(what_only_a_server_may_say_is_a_protocol_error),
		TEST(noop_and_an_unasked_pong_change_nothing),
		TEST(a_second_get_at_the_same_time_ends_the_session),
		TEST(a_second_post_at_the_same_time_ends_the_session),
		TEST(a_get_given_up_ends_the_session),
		TEST(a_silent_session_is_over_to_the_millisecond_when_asked),
		TEST(what_the_process_slept_is_not_the_clients_loss),
		TEST(the_server_pings_and_lives_on_pongs),
		TEST(without_a_pong_in_time_the_session_ends),
		TEST(other_packets_are_no_pong),
		TEST(a_request_after_the_time_out_is_refused_before_any_tick),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
