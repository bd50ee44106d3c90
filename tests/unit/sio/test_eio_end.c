#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "eio_fixture.h"

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

static void the_get_that_comes_while_it_ends_hears_the_last_words(void **state)
{
	struct fake_poll first, poll, last;
	struct eio_session *session = fake_open(&fake, &first);
	char query[128];

	(void)state;
	snprintf(query, sizeof(query), "%s", with_sid(POLLING, session));
	sio_engine_send(session, "bye", 3, false);
	sio_engine_close(session);
	assert_int_equal(judge(EIO_METHOD_GET, false, query), EIO_GET);
	assert_string_equal(fake_get(&fake, fake.session, &poll), "4bye");
	assert_int_equal(closed, 1);
	assert_int_equal(judge(EIO_METHOD_GET, false, query), EIO_GET);
	assert_string_equal(fake_get(&fake, fake.session, &last), "1");
	refused(EIO_UNKNOWN_SID, EIO_METHOD_GET, false, query);
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

static void what_waits_for_clients_is_counted(void **state)
{
	const struct sio_stats *stats = eio_engine_stats(fake.engine);
	struct fake_ws ws;
	struct eio_session *session = fake_open_ws(&fake, &ws);
	struct fake_poll poll;
	struct eio_session *polling = fake_open(&fake, &poll);

	(void)state;
	fake_flush(&fake);
	assert_int_equal(stats->waiting, 0);
	ws.blocked = true;
	sio_engine_send(session, "0123456789", 10, false);
	sio_engine_send(polling, "0123456789", 10, false);
	sio_engine_send(polling, "0123456789", 10, true);
	fake_flush(&fake);
	assert_true(stats->waiting > 30);
	assert_int_equal(stats->waiting, eio_session_waiting(session) +
						 eio_session_waiting(polling));
	ws.blocked = false;
	eio_ws_writable(&ws.base);
	fake_flush(&fake);
	assert_int_equal(stats->waiting, eio_session_waiting(polling));
	eio_end(polling, SIO_SERVER_DISCONNECT, 0, NULL);
	fake_pass(&fake, 1000);
	assert_int_equal(stats->waiting, 0);
	fake_poll_done(&poll);
	fake_ws_done(&ws);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(packet_1_ends_the_session_and_releases_the_get_with_noop),
		TEST(what_waits_is_sent_before_the_server_closes),
		TEST(a_closed_session_lingers_for_the_get_that_is_on_its_way),
		TEST(the_last_word_comes_alone_lest_what_is_before_it_be_forgotten),
		TEST(the_get_that_comes_while_it_ends_hears_the_last_words),
		TEST(lingering_ends_by_itself),
		TEST(what_waits_for_clients_is_counted),
		TEST(a_reader_too_slow_is_closed_with_4008),
		TEST(a_message_too_large_closes_with_1009),
		TEST(nothing_above_is_called_from_within_a_send),
		TEST(shutdown_ends_everyone_and_refuses_the_next),
		TEST(shutdown_waits_for_nobody_who_was_closed_before),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
