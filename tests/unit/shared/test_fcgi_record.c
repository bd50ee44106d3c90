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

/* *fed: bytes of wire that dec has had. */
static void next(struct fcgi_decoder *dec, const struct buf *wire, size_t *fed,
		 struct fcgi_record *record)
{
	while (fcgi_decoder_next(dec, record) == FCGI_RECORD_NEED_MORE) {
		assert_true(*fed < wire->len);
		*fed += fcgi_decoder_feed(dec, wire->data + *fed,
					  wire->len - *fed);
	}
}

static void a_long_body_comes_back_whole_from_several_records(void **state)
{
	(void)state;
	size_t len = 200000, got = 0, fed = 0;
	char *body = xmalloc(len);
	struct fcgi_decoder *dec = fcgi_decoder_new();
	struct fcgi_record record;
	struct buf wire;

	memset(body, 'x', len);
	buf_init(&wire, 1000000);
	fcgi_record_add(&wire, FCGI_RECORD_STDIN, 1, body, len);
	fcgi_record_add_eof(&wire, FCGI_RECORD_STDIN, 1);
	for (;;) {
		next(dec, &wire, &fed, &record);
		assert_int_equal(record.type, FCGI_RECORD_STDIN);
		if (record.len == 0)
			break;
		assert_memory_equal(record.content, body, record.len);
		got += record.len;
	}
	assert_int_equal(got, len);
	assert_int_equal(fed, wire.len);
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

static void a_parameter_has_short_lengths_or_long_ones(void **state)
{
	(void)state;
	static const char head[] = "\x04\x00NAME\x01\x80\x00\x01\x2cX";
	char *longer = xcalloc(1, 301);
	struct buf stream;

	memset(longer, 'v', 300);
	buf_init(&stream, 1000);
	fcgi_param_add(&stream, "NAME", "");
	fcgi_param_add(&stream, "X", longer);
	assert_int_equal(stream.len, sizeof(head) - 1 + 300);
	assert_memory_equal(stream.data, head, sizeof(head) - 1);
	assert_string_equal(stream.data + sizeof(head) - 1, longer);
	buf_done(&stream);
	free(longer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_long_body_comes_back_whole_from_several_records),
		cmocka_unit_test(padding_is_skipped),
		cmocka_unit_test(another_version_is_malformed_for_ever),
		cmocka_unit_test(a_parameter_has_short_lengths_or_long_ones),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
