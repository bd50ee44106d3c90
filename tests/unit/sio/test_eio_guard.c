/* What strangers and half received packets may hold, and who goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "sio_fixture.h"

#define MOST 20	       /* strangers, see fake_init() */
#define PER_ADDRESS 10 /* of them */
#define ALL 100	       /* sessions */

static struct fake_ws crowd[ALL + 1];
static size_t crowd_len;

static void arrive(struct fake_ws *one, const char *address)
{
	struct sio_handshake handshake = fake_handshake;

	handshake.address = address;
	*one = (struct fake_ws){0};
	buf_init(&one->sent, 1 << 20);
	eio_open(fake.engine, fake.endpoint, &handshake, &one->base,
		 fake.now_ms);
	fake_flush(&fake);
}

static struct fake_ws *stranger(const char *address)
{
	struct fake_ws *one = &crowd[crowd_len++];

	arrive(one, address);
	return one;
}

static struct fake_ws *somebody_known(const char *address)
{
	struct fake_ws *one = stranger(address);

	fake_text(&fake, one, "40");
	return one;
}

static void all_leave(void)
{
	while (crowd_len > 0)
		fake_ws_done(&crowd[--crowd_len]);
	fake_flush(&fake);
}

static int start(void **state)
{
	sio_start(state);
	enter(); /* the fixture's own client is no stranger */
	return 0;
}

static int stop(void **state)
{
	all_leave();
	return sio_stop(state);
}

static uint64_t now_connected(void)
{
	return eio_engine_stats(fake.engine)->connections;
}

static void a_stranger_may_send_less(void **state)
{
	struct fake_ws *one = stranger("192.0.2.1");

	(void)state;
	assert_int_equal(eio_session_max(one->base.session), 500);
	fake_text(&fake, one, "40");
	assert_int_equal(eio_session_max(one->base.session), 1000);
}

static void a_stranger_sends_no_attachments(void **state)
{
	struct fake_ws *one = stranger("192.0.2.1");

	(void)state;
	fake_text(&fake, one, "451-[\"a\"]");
	assert_int_equal(one->code, 1002);
	one = stranger("192.0.2.1");
	fake_binary(&fake, one, "a", 1);
	assert_int_equal(one->code, 1002);
}

static void of_too_many_strangers_the_oldest_of_the_most_goes(void **state)
{
	struct fake_ws *lone = stranger("192.0.2.1");
	struct fake_ws *first = stranger("2001:db8:0:1::1");

	(void)state;
	for (int i = 2; i < PER_ADDRESS; i++)
		stranger("2001:db8:0:1::2");
	for (int i = 0; i < MOST - PER_ADDRESS; i++)
		stranger("192.0.2.3");
	assert_int_equal(now_connected(), MOST + 1);
	stranger("192.0.2.4");
	assert_int_equal(now_connected(), MOST + 1);
	assert_false(lone->closed);
	assert_false(first->closed);
	/* 192.0.2.3 had most. */
	assert_true(crowd[PER_ADDRESS].closed);
	assert_int_equal(crowd[PER_ADDRESS].code, 1013);
	assert_int_equal(eio_engine_stats(fake.engine)->crowded, 1);
}

static void an_address_of_many_strangers_loses_its_own(void **state)
{
	struct fake_ws *other = stranger("192.0.2.9");
	struct fake_ws *first = stranger("192.0.2.1");

	(void)state;
	for (int i = 1; i < PER_ADDRESS; i++)
		stranger("192.0.2.1");
	assert_false(first->closed);
	stranger("192.0.2.1");
	assert_true(first->closed);
	assert_false(other->closed);
}

static void nobody_known_ever_makes_room(void **state)
{
	size_t known = ALL - 1 - PER_ADDRESS;

	(void)state;
	for (size_t i = 0; i < known; i++)
		somebody_known("192.0.2.1");
	for (int i = 0; i < PER_ADDRESS; i++)
		stranger("192.0.2.2");
	assert_int_equal(now_connected(), ALL);
	assert_int_equal(fake_judge(&fake, EIO_METHOD_GET, false,
				    "EIO=4&transport=polling"),
			 EIO_CREATE);
	arrive(&crowd[ALL], "192.0.2.3");
	assert_int_equal(now_connected(), ALL);
	for (size_t i = 0; i < known; i++)
		assert_false(crowd[i].closed);
	assert_true(crowd[known].closed);
	fake_ws_done(&crowd[ALL]);
}

static void only_where_all_are_known_is_a_handshake_refused(void **state)
{
	(void)state;
	for (int i = 1; i < ALL; i++)
		somebody_known("192.0.2.1");
	assert_int_equal(fake_judge(&fake, EIO_METHOD_GET, false,
				    "EIO=4&transport=polling"),
			 EIO_REFUSE);
	assert_int_equal(fake.error, EIO_BUSY);
}

static void pass_with_pongs(struct fake_ws *one, int64_t ms)
{
	for (; ms > 0; ms -= 100) {
		fake_pass(&fake, 100);
		fake_text(&fake, &ws, "3");
		fake_text(&fake, one, "3");
	}
}

static void who_does_not_connect_in_time_is_closed(void **state)
{
	struct fake_ws *one = stranger("192.0.2.1");

	(void)state;
	pass_with_pongs(one, 900);
	assert_false(one->closed);
	pass_with_pongs(one, 200);
	assert_true(one->closed);
	assert_string_equal(one->word, "connect timeout");
}

static void who_waits_for_our_answer_may_wait(void **state)
{
	struct fake_ws *one = stranger("192.0.2.1");

	(void)state;
	mode = LATER;
	fake_text(&fake, one, "40");
	pass_with_pongs(one, 2500);
	assert_false(one->closed);
	sio_accept(last);
	pass_with_pongs(one, 2500);
	assert_false(one->closed);
}

static void who_has_left_is_a_stranger_again(void **state)
{
	struct fake_ws *one = somebody_known("192.0.2.1");

	(void)state;
	pass_with_pongs(one, 1500);
	assert_false(one->closed);
	fake_text(&fake, one, "41");
	assert_int_equal(eio_session_max(one->base.session), 500);
	pass_with_pongs(one, 900);
	assert_false(one->closed);
	pass_with_pongs(one, 200);
	assert_true(one->closed);
}

static void the_rest_of_a_packet_has_a_deadline(void **state)
{
	struct fake_ws *one = somebody_known("192.0.2.1");

	(void)state;
	eio_half(one->base.session, EIO_HALF_FRAME, 10);
	pass_with_pongs(one, 300);
	/* More of it is no more time. */
	eio_half(one->base.session, EIO_HALF_FRAME, 20);
	assert_false(one->closed);
	pass_with_pongs(one, 200);
	assert_true(one->closed);
	assert_int_equal(one->code, 1008);
	assert_int_equal(reason, SIO_UNFINISHED);
}

static void a_packet_that_ends_in_time_leaves_no_deadline(void **state)
{
	struct fake_ws *one = somebody_known("192.0.2.1");

	(void)state;
	for (int i = 0; i < 5; i++) {
		eio_half(one->base.session, EIO_HALF_FRAME, 10);
		pass_with_pongs(one, 200);
		eio_half(one->base.session, EIO_HALF_FRAME, 0);
	}
	assert_false(one->closed);
}

static void attachments_that_never_come_have_the_same_deadline(void **state)
{
	struct fake_ws *one = somebody_known("192.0.2.1");

	(void)state;
	fake_text(&fake, one, "452-[\"a\"]");
	fake_binary(&fake, one, "a", 1);
	pass_with_pongs(one, 300);
	assert_false(one->closed);
	pass_with_pongs(one, 200);
	assert_int_equal(reason, SIO_UNFINISHED);
}

static void when_too_much_is_half_here_the_address_with_most_loses(void **state)
{
	struct fake_ws *small = somebody_known("192.0.2.1");
	struct fake_ws *big = somebody_known("192.0.2.2");
	struct fake_ws *bigger = somebody_known("192.0.2.2");

	(void)state;
	eio_half(small->base.session, EIO_HALF_FRAME, 1200);
	eio_half(big->base.session, EIO_HALF_FRAME, 900);
	eio_half(bigger->base.session, EIO_HALF_FRAME, 900);
	fake_flush(&fake);
	assert_false(big->closed);
	eio_half(small->base.session, EIO_HALF_FRAME, 1201);
	fake_flush(&fake);
	assert_true(big->closed);
	assert_false(bigger->closed);
	assert_false(small->closed);
}

static void
the_body_of_a_post_counts_and_is_dropped_with_its_session(void **state)
{
	struct fake_poll first = {0}, held = {0};
	struct fake_post post = {0};
	struct eio_session *session = fake_open(&fake, &first);

	(void)state;
	fake_get(&fake, session, &held);
	assert_true(eio_post_begin(session, &post.base));
	eio_half(session, EIO_HALF_FRAME, 3001);
	fake_flush(&fake);
	assert_true(post.dropped);
	assert_null(post.base.session);
	assert_string_equal(fake_body(&held), "6");
	fake_poll_done(&first);
	fake_poll_done(&held);
}

int main(void)
{
#undef TEST
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(a_stranger_may_send_less),
		TEST(a_stranger_sends_no_attachments),
		TEST(of_too_many_strangers_the_oldest_of_the_most_goes),
		TEST(an_address_of_many_strangers_loses_its_own),
		TEST(nobody_known_ever_makes_room),
		TEST(only_where_all_are_known_is_a_handshake_refused),
		TEST(who_does_not_connect_in_time_is_closed),
		TEST(who_waits_for_our_answer_may_wait),
		TEST(who_has_left_is_a_stranger_again),
		TEST(the_rest_of_a_packet_has_a_deadline),
		TEST(a_packet_that_ends_in_time_leaves_no_deadline),
		TEST(attachments_that_never_come_have_the_same_deadline),
		TEST(when_too_much_is_half_here_the_address_with_most_loses),
		TEST(the_body_of_a_post_counts_and_is_dropped_with_its_session),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
