#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "eio_fixture.h"
#include "mem.h"

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
after_the_upgrade_polling_is_refused_and_a_second_websocket_closed(void **state)
{
	struct fake_poll first;
	struct fake_ws ws;
	struct eio_session *session = fake_open(&fake, &first);

	(void)state;
	attach(session, &ws);
	assert_int_equal(
		judge(EIO_METHOD_GET, true, with_sid(WEBSOCKET, session)),
		EIO_PART);
	fake_text(&fake, &ws, "2probe");
	fake_text(&fake, &ws, "5");
	refused(EIO_BAD_REQUEST, EIO_METHOD_GET, false,
		with_sid(POLLING, session));
	assert_int_equal(
		judge(EIO_METHOD_GET, true, with_sid(WEBSOCKET, session)),
		EIO_PART);
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
		{"4hello"},	  {"2"},      {""},
		{"abc"},	  {"3probe"}, {"2probe", ""},
		{"2probe", "4x"}, {"bAQ=="}};
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

static void an_upgrade_needs_no_probe(void **state)
{
	struct fake_poll first, held;
	struct eio_session *session = fake_open(&fake, &first);
	struct fake_ws ws;

	(void)state;
	fake_get(&fake, session, &held);
	attach(session, &ws);
	fake_text(&fake, &ws, "5");
	assert_string_equal(fake_body(&held), "6");
	sio_engine_send(session, "on", 2, false);
	assert_string_equal(fake_sent(&fake, &ws), "4on");
	assert_string_equal(eio_session_transport(session), "websocket");
	assert_int_equal(eio_engine_stats(fake.engine)->websockets, 1);
	fake_poll_done(&first);
	fake_poll_done(&held);
	fake_ws_done(&ws);
}

static void a_probe_is_answered_each_time(void **state)
{
	struct fake_poll first;
	struct eio_session *session = fake_open(&fake, &first);
	struct fake_ws ws;

	(void)state;
	attach(session, &ws);
	fake_text(&fake, &ws, "2probe");
	fake_text(&fake, &ws, "2probe");
	assert_string_equal(fake_sent(&fake, &ws), "3probe|3probe");
	fake_text(&fake, &ws, "5");
	sio_engine_send(session, "on", 2, false);
	assert_string_equal(fake_sent(&fake, &ws), "4on");
	fake_poll_done(&first);
	fake_ws_done(&ws);
}

static void who_upgrades_unprobed_after_the_end_hears_the_last_too(void **state)
{
	struct fake_poll first;
	struct eio_session *session = fake_open(&fake, &first);
	struct fake_ws ws;

	(void)state;
	attach(session, &ws);
	sio_engine_send(session, "bye", 3, false);
	sio_engine_close(session);
	fake_flush(&fake);
	assert_false(ws.closed);
	fake_text(&fake, &ws, "5");
	assert_string_equal(fake_sent(&fake, &ws), "4bye");
	assert_true(ws.closed);
	assert_int_equal(eio_engine_stats(fake.engine)->websockets, 0);
	fake_poll_done(&first);
	fake_ws_done(&ws);
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

static void a_probing_websocket_owes_no_rest_of_a_message(void **state)
{
	struct fake_poll first, poll;
	struct eio_session *session = fake_open(&fake, &first);
	struct fake_ws ws;

	(void)state;
	attach(session, &ws);
	eio_ws_half(&ws.base, 4);
	fake_ws_done(&ws);
	fake_pass(&fake, 450); /* past the time-out of packets */
	assert_string_equal(fake_get(&fake, session, &poll), "2");
	fake_poll_done(&poll);
	polls_on(session);
	fake_poll_done(&first);
}

static void
a_websocket_may_say_long_things_once_it_is_the_transport(void **state)
{
	struct fake_poll first;
	struct eio_session *session = fake_open(&fake, &first);
	struct fake_ws ws;

	(void)state;
	attach(session, &ws);
	assert_int_equal(eio_ws_max(&ws.base), strlen("2probe"));
	fake_text(&fake, &ws, "2probe");
	fake_text(&fake, &ws, "5");
	assert_int_equal(eio_ws_max(&ws.base), 1000);
	eio_ws_half(&ws.base, 700);
	fake_pass(&fake, 250);
	assert_int_equal(closed, 0);
	fake_pass(&fake, 200);
	assert_int_equal(closed, 1);
	assert_int_equal(reason, SIO_UNFINISHED);
	fake_poll_done(&first);
	fake_ws_done(&ws);
}

/* Ended by the server, with something to say before. */
static void end(struct eio_session *session)
{
	sio_engine_send(session, "bye", 3, false);
	sio_engine_close(session);
}

static struct eio_session *open_probed(struct fake_ws *ws)
{
	struct fake_poll first;
	struct eio_session *session = fake_open(&fake, &first);

	attach(session, ws);
	fake_text(&fake, ws, "2probe");
	assert_string_equal(fake_sent(&fake, ws), "3probe");
	fake_poll_done(&first);
	return session;
}

static void nobody_is_left(const struct fake_ws *ws)
{
	assert_int_equal(closed, 1);
	assert_true(ws->closed);
	assert_int_equal(eio_engine_stats(fake.engine)->connections, 0);
	assert_int_equal(eio_engine_stats(fake.engine)->websockets, 0);
}

static void
who_upgrades_after_the_end_hears_the_last_on_the_websocket(void **state)
{
	struct fake_ws ws;

	(void)state;
	end(open_probed(&ws));
	fake_flush(&fake);
	assert_int_equal(closed, 1);
	assert_false(ws.closed);
	fake_text(&fake, &ws, "5");
	assert_string_equal(fake_sent(&fake, &ws), "4bye");
	assert_int_equal(ws.code, 1000);
	nobody_is_left(&ws);
	fake_ws_done(&ws);
}

static void an_upgrade_that_crosses_the_end_is_no_different(void **state)
{
	struct fake_ws ws;

	(void)state;
	end(open_probed(&ws));
	assert_int_equal(closed, 0); /* that comes with the flush */
	fake_text(&fake, &ws, "5");
	assert_string_equal(fake_sent(&fake, &ws), "4bye");
	nobody_is_left(&ws);
	fake_ws_done(&ws);
}

static void who_polls_on_after_the_end_hears_the_last_there(void **state)
{
	/* What the WebSocket says; NULL: it dies. */
	static const char *const plays[] = {NULL, "", "4x", "2probe"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(plays); i++) {
		struct fake_poll poll, last;
		struct fake_ws ws;
		struct eio_session *session = open_probed(&ws);

		end(session);
		fake_flush(&fake);
		if (plays[i] != NULL)
			fake_text(&fake, &ws, plays[i]);
		assert_int_equal(ws.closed, plays[i] != NULL);
		fake_ws_done(&ws);
		assert_string_equal(fake_get(&fake, session, &poll), "4bye");
		assert_string_equal(fake_get(&fake, session, &last), "1");
		assert_int_equal(closed, i + 1);
		fake_poll_done(&poll);
		fake_poll_done(&last);
	}
	assert_int_equal(eio_engine_stats(fake.engine)->connections, 0);
}

static void what_a_get_took_is_not_said_again_on_the_websocket(void **state)
{
	struct fake_poll poll;
	struct fake_ws ws;
	struct eio_session *session = open_probed(&ws);

	(void)state;
	end(session);
	fake_flush(&fake);
	assert_string_equal(fake_get(&fake, session, &poll), "4bye");
	fake_text(&fake, &ws, "5");
	assert_string_equal(fake_sent(&fake, &ws), "");
	nobody_is_left(&ws);
	fake_poll_done(&poll);
	fake_ws_done(&ws);
}

static void who_neither_polls_nor_upgrades_after_the_end_is_let_go(void **state)
{
	struct fake_ws ws;

	(void)state;
	end(open_probed(&ws));
	fake_pass(&fake, 250);
	nobody_is_left(&ws);
	fake_ws_done(&ws);
}

static void a_websocket_that_dies_at_the_end_has_no_deadline_left(void **state)
{
	struct fake_poll first;
	struct eio_session *session = fake_open(&fake, &first);
	struct fake_ws ws;

	(void)state;
	attach(session, &ws);
	fake_pass(&fake, 320);
	end(session);
	fake_ws_done(&ws);
	fake_pass(&fake, 190); /* the upgrade's; lingering takes longer */
	assert_int_equal(eio_engine_stats(fake.engine)->connections, 1);
	fake_pass(&fake, 50);
	assert_int_equal(eio_engine_stats(fake.engine)->connections, 0);
	fake_poll_done(&first);
}

static void a_shutdown_waits_for_no_upgrade(void **state)
{
	struct fake_ws ws;

	(void)state;
	end(open_probed(&ws));
	fake_flush(&fake);
	eio_shutdown(fake.engine);
	nobody_is_left(&ws);
	fake_ws_done(&ws);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_probe_is_answered_and_releases_the_held_get),
		TEST(polling_delivers_until_the_upgrade_and_the_websocket_after),
		TEST(after_the_upgrade_polling_is_refused_and_a_second_websocket_closed),
		TEST(a_websocket_that_fails_to_upgrade_never_hurts_the_session),
		TEST(a_websocket_that_dies_while_probing_is_forgotten),
		TEST(an_upgrade_needs_no_probe),
		TEST(a_probe_is_answered_each_time),
		TEST(who_upgrades_unprobed_after_the_end_hears_the_last_too),
		TEST(an_upgrade_that_takes_too_long_is_given_up),
		TEST(a_probing_websocket_owes_no_rest_of_a_message),
		TEST(a_websocket_may_say_long_things_once_it_is_the_transport),
		TEST(who_upgrades_after_the_end_hears_the_last_on_the_websocket),
		TEST(an_upgrade_that_crosses_the_end_is_no_different),
		TEST(who_polls_on_after_the_end_hears_the_last_there),
		TEST(what_a_get_took_is_not_said_again_on_the_websocket),
		TEST(who_neither_polls_nor_upgrades_after_the_end_is_let_go),
		TEST(a_websocket_that_dies_at_the_end_has_no_deadline_left),
		TEST(a_shutdown_waits_for_no_upgrade),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
