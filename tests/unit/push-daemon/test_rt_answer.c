#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "rt_answer.h"

static struct rt_answer *answer;
static struct buf wire;

static int setup(void **state)
{
	(void)state;
	answer = rt_answer_new();
	buf_init(&wire, 100000);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rt_answer_free(answer);
	buf_done(&wire);
	return 0;
}

static void add_frame(enum notify_kind kind)
{
	const struct notify_parts parts = {"{\"ok\":true}", 11, NULL, 0};

	notify_frame_add(&wire, kind, &parts);
}

/* Byte by byte; the frames that came, or -1. */
static int feed_all(void)
{
	struct notify_frame frame;
	enum notify_status status = NOTIFY_NEED_MORE;
	int frames = 0;

	for (size_t i = 0; i < wire.len; i++) {
		rt_answer_feed(answer, wire.data + i, 1);
		while ((status = rt_answer_next(answer, &frame)) ==
		       NOTIFY_FRAME)
			frames++;
	}
	return status == NOTIFY_MALFORMED ? -1 : frames;
}

static void frames_follow_the_headers_in_any_pieces(void **state)
{
	(void)state;
	buf_adds(&wire, "Status: 200 OK\r\nContent-Type: x/y\r\n\r\n");
	add_frame(NOTIFY_EVENT);
	add_frame(NOTIFY_RESULT);
	assert_int_equal(feed_all(), 2);
	assert_true(rt_answer_whole(answer));
}

static void headers_may_end_their_lines_plainly_and_have_no_status(void **state)
{
	(void)state;
	buf_adds(&wire, "Content-Type: x/y\n\n");
	add_frame(NOTIFY_RESULT);
	assert_int_equal(feed_all(), 1);
}

static void another_status_is_no_answer(void **state)
{
	(void)state;
	buf_adds(&wire, "Content-Type: x/y\r\nstatus: 503 Busy\r\n\r\n");
	assert_int_equal(feed_all(), -1);
	assert_false(rt_answer_whole(answer));
}

static void headers_without_end_are_malformed(void **state)
{
	(void)state;
	for (int i = 0; i < RT_ANSWER_HEADERS_MAX + 1; i++)
		buf_adds(&wire, "x");
	assert_int_equal(feed_all(), -1);
}

static void whatever_a_worker_announces_may_stand_in_an_answer(void **state)
{
	(void)state;
	buf_adds(&wire, "Status: 200\r\n\r\n");
	for (int kind = NOTIFY_EVENT; kind <= NOTIFY_SETTINGS; kind++)
		add_frame((enum notify_kind)kind);
	add_frame(NOTIFY_RESULT);
	assert_int_equal(feed_all(), 6);
}

static void a_command_in_an_answer_is_malformed(void **state)
{
	(void)state;
	buf_adds(&wire, "Status: 200\r\n\r\n");
	add_frame(NOTIFY_COMMAND);
	assert_int_equal(feed_all(), -1);
}

static void a_cut_frame_is_not_whole_and_a_reset_forgets_it(void **state)
{
	(void)state;
	buf_adds(&wire, "Status: 200\r\n\r\n");
	add_frame(NOTIFY_RESULT);
	wire.len -= 3;
	assert_int_equal(feed_all(), 0);
	assert_false(rt_answer_whole(answer));
	rt_answer_reset(answer);
	buf_reset(&wire);
	buf_adds(&wire, "Status: 200\r\n\r\n");
	add_frame(NOTIFY_RESULT);
	assert_int_equal(feed_all(), 1);
	assert_true(rt_answer_whole(answer));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(frames_follow_the_headers_in_any_pieces),
		TEST(headers_may_end_their_lines_plainly_and_have_no_status),
		TEST(another_status_is_no_answer),
		TEST(headers_without_end_are_malformed),
		TEST(whatever_a_worker_announces_may_stand_in_an_answer),
		TEST(a_command_in_an_answer_is_malformed),
		TEST(a_cut_frame_is_not_whole_and_a_reset_forgets_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
