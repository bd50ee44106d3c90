#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "notify_frame.h"

static const struct notify_parts sent = {"{\"rooms\":[]}", 12, "[1]", 3};

static void assert_same(const struct notify_frame *frame)
{
	struct notify_parts got;

	notify_frame_split(frame, &got);
	assert_int_equal(frame->kind, NOTIFY_EVENT);
	assert_int_equal(got.head_len, sent.head_len);
	assert_memory_equal(got.head, sent.head, sent.head_len);
	assert_int_equal(got.payload_len, sent.payload_len);
	assert_memory_equal(got.payload, sent.payload, sent.payload_len);
}

static void frame_survives_byte_by_byte_delivery(void **state)
{
	(void)state;
	struct notify_decoder *dec = notify_decoder_new();
	struct notify_frame got;
	struct buf wire;

	buf_init(&wire, 1000);
	assert_true(notify_frame_add(&wire, NOTIFY_EVENT, &sent));
	for (size_t i = 0; i + 1 < wire.len; i++) {
		notify_decoder_feed(dec, wire.data + i, 1);
		assert_int_equal(notify_decoder_next(dec, &got),
				 NOTIFY_NEED_MORE);
		assert_false(notify_decoder_empty(dec));
	}
	notify_decoder_feed(dec, wire.data + wire.len - 1, 1);
	assert_int_equal(notify_decoder_next(dec, &got), NOTIFY_FRAME);
	assert_same(&got);
	assert_true(notify_decoder_empty(dec));
	notify_decoder_free(dec);
	buf_done(&wire);
}

static void a_whole_frame_is_read_where_it_lies(void **state)
{
	(void)state;
	struct notify_decoder *dec = notify_decoder_new();
	struct notify_frame got;
	struct buf wire;

	buf_init(&wire, 1000);
	for (int i = 0; i < 3; i++)
		assert_true(notify_frame_add(&wire, NOTIFY_EVENT, &sent));
	/* Two of them whole, and the third in two pieces. */
	size_t cut = wire.len - 4;

	notify_decoder_feed(dec, wire.data, cut);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(notify_decoder_next(dec, &got), NOTIFY_FRAME);
		assert_same(&got);
		assert_in_range((uintptr_t)got.body, (uintptr_t)wire.data,
				(uintptr_t)wire.data + wire.len);
		assert_false(notify_decoder_empty(dec));
	}
	assert_int_equal(notify_decoder_next(dec, &got), NOTIFY_NEED_MORE);
	notify_decoder_feed(dec, wire.data + cut, 4);
	assert_int_equal(notify_decoder_next(dec, &got), NOTIFY_FRAME);
	assert_same(&got);
	assert_int_equal(notify_decoder_next(dec, &got), NOTIFY_NEED_MORE);
	assert_true(notify_decoder_empty(dec));
	notify_decoder_free(dec);
	buf_done(&wire);
}

static void a_frame_over_the_maximum_is_malformed_by_its_header_alone(void **s)
{
	(void)s;
	struct notify_decoder *dec = notify_decoder_new();
	struct notify_frame got;
	const uint8_t wire[5] = {0x7f, 0xff, 0xff, 0xff, NOTIFY_EVENT};

	notify_decoder_feed(dec, wire, sizeof(wire));
	assert_int_equal(notify_decoder_next(dec, &got), NOTIFY_MALFORMED);
	assert_int_equal(notify_decoder_next(dec, &got), NOTIFY_MALFORMED);
	notify_decoder_free(dec);
}

static void an_unknown_kind_is_malformed(void **state)
{
	(void)state;
	struct notify_decoder *dec = notify_decoder_new();
	struct notify_frame got;
	const uint8_t wire[5] = {0, 0, 0, 1, 0xee};

	notify_decoder_feed(dec, wire, sizeof(wire));
	assert_int_equal(notify_decoder_next(dec, &got), NOTIFY_MALFORMED);
	notify_decoder_free(dec);
}

static void a_body_over_the_maximum_is_not_encoded(void **state)
{
	(void)state;
	static char big[NOTIFY_BODY_MAX];
	const struct notify_parts parts = {"{}", 2, big, sizeof(big)};
	struct buf wire;

	buf_init(&wire, 2 * NOTIFY_BODY_MAX);
	assert_false(notify_frame_add(&wire, NOTIFY_EVENT, &parts));
	assert_int_equal(wire.len, 0);
	buf_done(&wire);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frame_survives_byte_by_byte_delivery),
		cmocka_unit_test(a_whole_frame_is_read_where_it_lies),
		cmocka_unit_test(
			a_frame_over_the_maximum_is_malformed_by_its_header_alone),
		cmocka_unit_test(an_unknown_kind_is_malformed),
		cmocka_unit_test(a_body_over_the_maximum_is_not_encoded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
