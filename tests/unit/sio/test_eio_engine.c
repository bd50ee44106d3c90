#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "fake_edge.h"
#include "mem.h"

/* The rules of engine.io-protocol revision 4, driven over plain Engine.IO. */
#define POLLING "EIO=4&transport=polling"
#define WEBSOCKET "EIO=4&transport=websocket"
#define PATH "/engine.io/"

static struct fake fake;
static struct buf heard; /* messages as the layer above got them */
static int opened, closed;
static enum sio_reason reason;
static bool echo;

static void on_open(struct eio_session *session,
		    const struct sio_handshake *handshake, void *user)
{
	(void)session;
	(void)user;
	assert_string_equal(handshake->host, "chat.example");
	opened++;
}

static void on_message(struct eio_session *session, const void *data,
		       size_t len, bool binary, void *user)
{
	(void)user;
	buf_addf(&heard, "%s", binary ? "b<" : "<");
	buf_add(&heard, data, len);
	buf_adds(&heard, ">");
	if (echo)
		sio_engine_send(session, data, len, binary);
}

static void on_close(struct eio_session *session, enum sio_reason why,
		     void *user)
{
	(void)session;
	(void)user;
	closed++;
	reason = why;
}

static const struct sio_engine_handlers handlers = {on_open, on_message,
						    on_close};

static int start(void **state)
{
	(void)state;
	fake_init(&fake);
	sio_core_engine(fake.core, PATH, &handlers, NULL);
	fake.endpoint = sio_core_endpoint(fake.core, PATH, strlen(PATH));
	buf_init(&heard, 100000);
	opened = closed = 0;
	echo = false;
	return 0;
}

static int stop(void **state)
{
	(void)state;
	fake_done(&fake);
	buf_done(&heard);
	return 0;
}

static enum eio_verdict judge(enum eio_method method, bool websocket,
			      const char *query)
{
	return fake_judge(&fake, method, websocket, query);
}

static void refused(enum eio_error error, enum eio_method method,
		    bool websocket, const char *query)
{
	assert_int_equal(judge(method, websocket, query), EIO_REFUSE);
	assert_int_equal(fake.error, error);
}

static const char *with_sid(const char *query, struct eio_session *session)
{
	static char text[128];

	snprintf(text, sizeof(text), "%s&sid=%s", query,
		 eio_session_sid(session));
	return text;
}

/* --- handshake --- */

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
	refused(EIO_BAD_REQUEST, EIO_METHOD_GET, true,
		with_sid(WEBSOCKET, session));
	assert_int_equal(closed, 0);
	fake_ws_done(&ws);
}

/* --- messages --- */

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
	struct fake_poll first;
	struct eio_session *session = fake_open(&fake, &first);

	(void)state;
	assert_true(eio_post_begin(session));
	assert_false(eio_post_begin(session));
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

/* --- heartbeat --- */

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

/* --- upgrade --- */

static struct fake_ws *attach(struct eio_session *session, struct fake_ws *ws)
{
	*ws = (struct fake_ws){0};
	buf_init(&ws->sent, 100000);
	assert_int_equal(
		judge(EIO_METHOD_GET, true, with_sid(WEBSOCKET, session)),
		EIO_ATTACH);
	assert_true(eio_attach(session, &ws->base));
	return ws;
}

static void a_probe_is_answered_and_releases_the_held_get(void **state)
{
	struct fake_poll first, held, next;
	struct fake_ws ws;
	struct eio_session *session = fake_open(&fake, &first);

	(void)state;
	fake_get(&fake, session, &held);
	attach(session, &ws);
	assert_string_equal(fake_body(&held), "");
	fake_text(&fake, &ws, "2probe");
	assert_string_equal(fake_sent(&fake, &ws), "3probe");
	assert_string_equal(fake_body(&held), "6");
	assert_string_equal(fake_get(&fake, session, &next), "6");
	fake_poll_done(&first);
	fake_poll_done(&held);
	fake_poll_done(&next);
	fake_ws_done(&ws);
}

static void
polling_delivers_until_the_upgrade_and_the_websocket_after(void **state)
{
	struct fake_poll first, poll;
	struct fake_ws ws;
	struct eio_session *session = fake_open(&fake, &first);

	(void)state;
	attach(session, &ws);
	fake_text(&fake, &ws, "2probe");
	fake_sent(&fake, &ws);
	sio_engine_send(session, "1", 1, false);
	fake_flush(&fake);
	assert_string_equal(fake_get(&fake, session, &poll), "41");
	assert_true(fake_post(&fake, session, "4posted"));
	sio_engine_send(session, "2", 1, false);
	fake_flush(&fake);
	assert_string_equal(fake_sent(&fake, &ws), "");
	fake_text(&fake, &ws, "5");
	sio_engine_send(session, "3", 1, false);
	assert_string_equal(fake_sent(&fake, &ws), "42|43");
	fake_text(&fake, &ws, "4x");
	assert_string_equal(heard.data, "<posted><x>");
	assert_string_equal(eio_session_transport(session), "websocket");
	fake_poll_done(&first);
	fake_poll_done(&poll);
	fake_ws_done(&ws);
	fake_flush(&fake);
	assert_int_equal(closed, 1);
}

static void
after_the_upgrade_polling_and_a_second_websocket_are_refused(void **state)
{
	struct fake_poll first;
	struct fake_ws ws;
	struct eio_session *session = fake_open(&fake, &first);

	(void)state;
	attach(session, &ws);
	refused(EIO_BAD_REQUEST, EIO_METHOD_GET, true,
		with_sid(WEBSOCKET, session));
	fake_text(&fake, &ws, "2probe");
	fake_text(&fake, &ws, "5");
	refused(EIO_BAD_REQUEST, EIO_METHOD_GET, false,
		with_sid(POLLING, session));
	refused(EIO_BAD_REQUEST, EIO_METHOD_GET, true,
		with_sid(WEBSOCKET, session));
	fake_text(&fake, &ws, "4still here");
	assert_string_equal(heard.data, "<still here>");
	fake_poll_done(&first);
	fake_ws_done(&ws);
}

static void polls_on(struct eio_session *session)
{
	struct fake_poll poll;

	sio_engine_send(session, "on", 2, false);
	assert_string_equal(fake_get(&fake, session, &poll), "4on");
	assert_int_equal(closed, 0);
	fake_poll_done(&poll);
}

static void
a_websocket_that_fails_to_upgrade_never_hurts_the_session(void **state)
{
	/* What it says: before the end it is closed, alone. */
	static const char *const plays[][3] = {
		{"5"},	    {"4hello"},	    {"2"},
		{""},	    {"abc"},	    {"2probe", "4x"},
		{"3probe"}, {"2probe", ""}, {"2probe", "2probe"}};
	struct fake_poll first;
	struct eio_session *session = fake_open(&fake, &first);

	(void)state;
	for (size_t i = 0; i < COUNT_OF(plays); i++) {
		struct fake_ws ws;

		attach(session, &ws);
		for (size_t k = 0; k < 3 && plays[i][k] != NULL; k++)
			fake_text(&fake, &ws, plays[i][k]);
		assert_true(ws.closed);
		polls_on(session);
		fake_ws_done(&ws);
	}
	fake_poll_done(&first);
}

static void a_websocket_that_dies_while_probing_is_forgotten(void **state)
{
	struct fake_poll first;
	struct eio_session *session = fake_open(&fake, &first);
	struct fake_ws ws;

	(void)state;
	attach(session, &ws);
	fake_ws_done(&ws);
	polls_on(session);
	attach(session, &ws);
	fake_text(&fake, &ws, "2probe");
	fake_ws_done(&ws);
	polls_on(session);
	fake_poll_done(&first);
}

static void an_upgrade_that_takes_too_long_is_given_up(void **state)
{
	struct fake_poll first, poll;
	struct eio_session *session = fake_open(&fake, &first);
	struct fake_ws ws;

	(void)state;
	attach(session, &ws);
	fake_text(&fake, &ws, "2probe");
	fake_pass(&fake, 310);
	assert_string_equal(fake_get(&fake, session, &poll), "2");
	fake_post(&fake, session, "3");
	fake_pass(&fake, 230);
	assert_true(ws.closed);
	fake_poll_done(&poll);
	polls_on(session);
	fake_poll_done(&first);
	fake_ws_done(&ws);
}

/* --- the end --- */

static void
packet_1_ends_the_session_and_releases_the_get_with_noop(void **state)
{
	struct fake_poll first, poll;
	struct fake_ws ws;
	struct eio_session *session = fake_open(&fake, &first);

	(void)state;
	fake_get(&fake, session, &poll);
	assert_true(fake_post(&fake, session, "1"));
	assert_string_equal(fake_body(&poll), "6");
	assert_int_equal(reason, SIO_CLIENT_DISCONNECT);
	fake_open_ws(&fake, &ws);
	fake_text(&fake, &ws, "1");
	assert_int_equal(closed, 2);
	assert_true(ws.closed);
	assert_int_equal(ws.code, 1000);
	fake_poll_done(&first);
	fake_poll_done(&poll);
	fake_ws_done(&ws);
}

static void what_waits_is_sent_before_the_server_closes(void **state)
{
	struct fake_ws ws;
	struct eio_session *session = fake_open_ws(&fake, &ws);

	(void)state;
	fake_sent(&fake, &ws);
	sio_engine_send(session, "bye", 3, false);
	sio_engine_close(session);
	sio_engine_send(session, "never", 5, false);
	assert_string_equal(fake_sent(&fake, &ws), "4bye");
	assert_true(ws.closed);
	assert_int_equal(reason, SIO_SERVER_DISCONNECT);
	fake_ws_done(&ws);
}

static void
a_closed_session_lingers_for_the_get_that_is_on_its_way(void **state)
{
	struct fake_poll first, poll, last;
	struct eio_session *session = fake_open(&fake, &first);
	char query[128];

	(void)state;
	snprintf(query, sizeof(query), "%s", with_sid(POLLING, session));
	sio_engine_send(session, "bye", 3, false);
	sio_engine_close(session);
	fake_flush(&fake);
	assert_int_equal(closed, 1);
	assert_int_equal(judge(EIO_METHOD_POST, false, query), EIO_POST);
	assert_true(fake_post(&fake, fake.session, "4late"));
	assert_null(heard.data);
	assert_int_equal(judge(EIO_METHOD_GET, false, query), EIO_GET);
	assert_string_equal(fake_get(&fake, fake.session, &poll), "4bye");
	assert_int_equal(judge(EIO_METHOD_GET, false, query), EIO_GET);
	assert_string_equal(fake_get(&fake, fake.session, &last), "1");
	refused(EIO_UNKNOWN_SID, EIO_METHOD_GET, false, query);
	assert_int_equal(closed, 1);
	fake_poll_done(&first);
	fake_poll_done(&poll);
	fake_poll_done(&last);
}

static void
the_last_word_comes_alone_lest_what_is_before_it_be_forgotten(void **state)
{
	struct fake_poll first, held, last;
	struct eio_session *session = fake_open(&fake, &first);
	char query[128];

	(void)state;
	snprintf(query, sizeof(query), "%s", with_sid(POLLING, session));
	fake_get(&fake, session, &held);
	sio_engine_send(session, "bye", 3, false);
	sio_engine_close(session);
	fake_flush(&fake);
	assert_string_equal(fake_body(&held), "4bye");
	assert_int_equal(closed, 1);
	assert_int_equal(judge(EIO_METHOD_GET, false, query), EIO_GET);
	assert_string_equal(fake_get(&fake, fake.session, &last), "1");
	refused(EIO_UNKNOWN_SID, EIO_METHOD_GET, false, query);
	fake_poll_done(&first);
	fake_poll_done(&held);
	fake_poll_done(&last);
}

static void lingering_ends_by_itself(void **state)
{
	struct fake_poll first;
	struct eio_session *session = fake_open(&fake, &first);
	char query[128];

	(void)state;
	snprintf(query, sizeof(query), "%s", with_sid(POLLING, session));
	sio_engine_close(session);
	fake_pass(&fake, 250);
	refused(EIO_UNKNOWN_SID, EIO_METHOD_GET, false, query);
	fake_poll_done(&first);
}

static void a_reader_too_slow_is_closed_with_4008(void **state)
{
	struct fake_ws ws;
	struct eio_session *session = fake_open_ws(&fake, &ws);

	(void)state;
	ws.blocked = true;
	while (closed == 0) {
		sio_engine_send(session, "0123456789012345678901234567", 28,
				false);
		fake_flush(&fake);
	}
	assert_int_equal(closed, 1);
	assert_int_equal(reason, SIO_OVERFLOW);
	assert_int_equal(ws.code, 4008);
	assert_string_equal(ws.word, "slow-consumer");
	fake_ws_done(&ws);
}

static void a_message_too_large_closes_with_1009(void **state)
{
	struct fake_ws ws;

	(void)state;
	fake_open_ws(&fake, &ws);
	eio_ws_too_large(&ws.base);
	fake_flush(&fake);
	assert_int_equal(reason, SIO_TOO_LARGE);
	assert_int_equal(ws.code, 1009);
	fake_ws_done(&ws);
}

static void nothing_above_is_called_from_within_a_send(void **state)
{
	struct fake_ws ws;
	struct eio_session *session = fake_open_ws(&fake, &ws);

	(void)state;
	ws.blocked = true;
	for (int i = 0; i < 200; i++)
		sio_engine_send(session, "0123456789012345678901234567", 28,
				false);
	assert_int_equal(closed, 0);
	fake_flush(&fake);
	assert_int_equal(closed, 1);
	fake_ws_done(&ws);
}

static void shutdown_ends_everyone_and_refuses_the_next(void **state)
{
	struct fake_poll first, poll;
	struct fake_ws ws;
	struct eio_session *session = fake_open(&fake, &first);

	(void)state;
	fake_get(&fake, session, &poll);
	fake_open_ws(&fake, &ws);
	eio_shutdown(fake.engine);
	fake_flush(&fake);
	assert_int_equal(closed, 2);
	assert_int_equal(reason, SIO_SHUTDOWN);
	assert_string_equal(fake_body(&poll), "6");
	assert_int_equal(ws.code, 1001);
	refused(EIO_BUSY, EIO_METHOD_GET, false, POLLING);
	fake_poll_done(&first);
	fake_poll_done(&poll);
	fake_ws_done(&ws);
}

static void shutdown_waits_for_nobody_who_was_closed_before(void **state)
{
	struct fake_poll first;
	struct eio_session *session = fake_open(&fake, &first);

	(void)state;
	sio_engine_close(session);
	eio_shutdown(fake.engine);
	fake_flush(&fake);
	assert_int_equal(eio_engine_stats(fake.engine)->connections, 0);
	fake_poll_done(&first);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

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
		TEST(the_server_pings_and_lives_on_pongs),
		TEST(without_a_pong_in_time_the_session_ends),
		TEST(other_packets_are_no_pong),
		TEST(a_request_after_the_time_out_is_refused_before_any_tick),
		TEST(a_probe_is_answered_and_releases_the_held_get),
		TEST(polling_delivers_until_the_upgrade_and_the_websocket_after),
		TEST(after_the_upgrade_polling_and_a_second_websocket_are_refused),
		TEST(a_websocket_that_fails_to_upgrade_never_hurts_the_session),
		TEST(a_websocket_that_dies_while_probing_is_forgotten),
		TEST(an_upgrade_that_takes_too_long_is_given_up),
		TEST(packet_1_ends_the_session_and_releases_the_get_with_noop),
		TEST(what_waits_is_sent_before_the_server_closes),
		TEST(a_closed_session_lingers_for_the_get_that_is_on_its_way),
		TEST(the_last_word_comes_alone_lest_what_is_before_it_be_forgotten),
		TEST(lingering_ends_by_itself),
		TEST(a_reader_too_slow_is_closed_with_4008),
		TEST(a_message_too_large_closes_with_1009),
		TEST(nothing_above_is_called_from_within_a_send),
		TEST(shutdown_ends_everyone_and_refuses_the_next),
		TEST(shutdown_waits_for_nobody_who_was_closed_before),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
