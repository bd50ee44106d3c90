#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "fcgi_record.h"
#include "mem.h"

static void next(struct fcgi_decoder *dec, struct buf *wire,
		 struct fcgi_record *record)
{
	while (fcgi_decoder_next(dec, record) == FCGI_RECORD_NEED_MORE) {
		assert_true(wire->len > 0);
		buf_drop(wire, fcgi_decoder_feed(dec, wire->data, wire->len));
	}
}

static void a_long_body_comes_back_whole_from_several_records(void **state)
{
	(void)state;
	size_t len = 200000, got = 0;
	char *body = xmalloc(len);
	struct fcgi_decoder *dec = fcgi_decoder_new();
	struct fcgi_record record;
	struct buf wire;

	memset(body, 'x', len);
	buf_init(&wire, 1000000);
	fcgi_record_add(&wire, FCGI_RECORD_STDIN, 1, body, len);
	fcgi_record_add_eof(&wire, FCGI_RECORD_STDIN, 1);
	for (;;) {
		next(dec, &wire, &record);
		assert_int_equal(record.type, FCGI_RECORD_STDIN);
		if (record.len == 0)
			break;
		assert_memory_equal(record.content, body, record.len);
		got += record.len;
	}
	assert_int_equal(got, len);
	assert_int_equal(wire.len, 0);
	fcgi_decoder_free(dec);
	buf_done(&wire);
	free(body);
}

static void padding_is_skipped(void **state)
{
	(void)state;
	const uint8_t wire[] = {1, 6, 0, 1, 0, 2, 3, 0, 'h', 'i', 9, 9, 9, 1, 3,
				0, 1, 0, 8, 0, 0, 0, 0, 1,   2,	  0, 0, 0, 0};
	struct fcgi_decoder *dec = fcgi_decoder_new();
	struct fcgi_record record;
	uint32_t application;
	uint8_t protocol;

	fcgi_decoder_feed(dec, wire, sizeof(wire));
	assert_int_equal(fcgi_decoder_next(dec, &record), FCGI_RECORD_ITEM);
	assert_int_equal(record.len, 2);
	assert_memory_equal(record.content, "hi", 2);
	assert_int_equal(fcgi_decoder_next(dec, &record), FCGI_RECORD_ITEM);
	assert_true(fcgi_record_read_end(&record, &application, &protocol));
	assert_int_equal(application, 258);
	assert_int_equal(protocol, FCGI_RECORD_COMPLETE);
	assert_int_equal(fcgi_decoder_next(dec, &record),
			 FCGI_RECORD_NEED_MORE);
	fcgi_decoder_free(dec);
}

static void another_version_is_malformed_for_ever(void **state)
{
	(void)state;
	const uint8_t wire[] = {2, 6, 0, 1, 0, 0, 0, 0};
	const uint8_t good[] = {1, 6, 0, 1, 0, 0, 0, 0};
	struct fcgi_decoder *dec = fcgi_decoder_new();
	struct fcgi_record record;

	fcgi_decoder_feed(dec, wire, sizeof(wire));
	assert_int_equal(fcgi_decoder_next(dec, &record),
			 FCGI_RECORD_MALFORMED);
	fcgi_decoder_feed(dec, good, sizeof(good));
	assert_int_equal(fcgi_decoder_next(dec, &record),
			 FCGI_RECORD_MALFORMED);
	fcgi_decoder_free(dec);
}

static void parameters_of_any_length_come_back(void **state)
{
	(void)state;
	char *longer = xcalloc(1, 301);
	struct fcgi_param param;
	struct buf stream;
	size_t at = 0;

	memset(longer, 'v', 300);
	buf_init(&stream, 1000);
	fcgi_param_add(&stream, "REQUEST_METHOD", "POST");
	fcgi_param_add(&stream, "EMPTY", "");
	fcgi_param_add(&stream, "LONG", longer);
	assert_true(fcgi_param_next(stream.data, stream.len, &at, &param));
	assert_int_equal(param.name_len, 14);
	assert_memory_equal(param.value, "POST", 4);
	assert_true(fcgi_param_next(stream.data, stream.len, &at, &param));
	assert_int_equal(param.value_len, 0);
	assert_true(fcgi_param_next(stream.data, stream.len, &at, &param));
	assert_int_equal(param.value_len, 300);
	assert_memory_equal(param.value, longer, 300);
	assert_false(fcgi_param_next(stream.data, stream.len, &at, &param));
	buf_done(&stream);
	free(longer);
}

static void a_parameter_longer_than_its_stream_is_not_read(void **state)
{
	(void)state;
	const uint8_t cut[] = {3, 200, 0, 'a', 'b'};
	const uint8_t huge[] = {0xff, 0xff, 0xff, 0xff, 1, 'a'};
	struct fcgi_param param;
	size_t at = 0;

	assert_false(fcgi_param_next(cut, sizeof(cut), &at, &param));
	assert_false(fcgi_param_next(huge, sizeof(huge), &at, &param));
	assert_int_equal(at, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_long_body_comes_back_whole_from_several_records),
		cmocka_unit_test(padding_is_skipped),
		cmocka_unit_test(another_version_is_malformed_for_ever),
		cmocka_unit_test(parameters_of_any_length_come_back),
		cmocka_unit_test(
			a_parameter_longer_than_its_stream_is_not_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
