#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "buf.h"
#include "eio_packet.h"
#include "mem.h"

static struct eio_packet packet;

static bool reads(const char *text)
{
	return eio_packet_read(text, strlen(text), &packet);
}

static void each_digit_from_0_to_6_is_a_packet_type(void **state)
{
	static const enum eio_type types[] = {
		EIO_OPEN,    EIO_CLOSE,	  EIO_PING, EIO_PONG,
		EIO_MESSAGE, EIO_UPGRADE, EIO_NOOP};
	char text[] = "0";

	(void)state;
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		text[0] = (char)('0' + i);
		assert_true(reads(text));
		assert_int_equal(packet.type, types[i]);
		assert_int_equal(packet.len, 0);
		assert_false(packet.binary);
	}
}

static void data_follows_the_type_at_once(void **state)
{
	(void)state;
	assert_true(reads("4hello"));
	assert_int_equal(packet.type, EIO_MESSAGE);
	assert_int_equal(packet.len, 5);
	assert_memory_equal(packet.data, "hello", 5);
}

static void an_empty_packet_and_an_unknown_type_are_malformed(void **state)
{
	(void)state;
	assert_false(reads(""));
	assert_false(reads("7"));
	assert_false(reads("abc"));
	assert_false(reads("-1"));
	assert_false(reads(" 4"));
	assert_false(eio_packet_read("\0", 1, &packet));
}

/* The packets of a body as "type:data" joined by '|', or "malformed". */
static const char *walk(const char *body, size_t len)
{
	static struct buf out;
	struct eio_payload payload;
	enum eio_payload_status status;
	char *copy = xmalloc(len + 1);

	buf_done(&out);
	buf_init(&out, 1000);
	memcpy(copy, body, len);
	copy[len] = '\0';
	eio_payload_init(&payload, copy, len);
	while ((status = eio_payload_next(&payload, &packet)) ==
	       EIO_PAYLOAD_PACKET) {
		buf_addf(&out, "%s%d%s:", out.len > 0 ? "|" : "",
			 (int)packet.type, packet.binary ? "b" : "");
		buf_add(&out, packet.data, packet.len);
	}
	if (status == EIO_PAYLOAD_MALFORMED) {
		assert_int_equal(eio_payload_next(&payload, &packet),
				 EIO_PAYLOAD_MALFORMED);
		buf_adds(&out, "|malformed");
	} else {
		assert_int_equal(eio_payload_next(&payload, &packet),
				 EIO_PAYLOAD_END);
	}
	free(copy);
	return out.data;
}

#define WALK(body) walk(body, sizeof(body) - 1)

static void packets_of_a_payload_are_separated_by_0x1e(void **state)
{
	(void)state;
	assert_string_equal(WALK("4hello\x1e"
				 "2\x1e"
				 "4world"),
			    "4:hello|2:|4:world");
	assert_string_equal(WALK("4hello"), "4:hello");
}

static void binary_in_a_payload_is_b_and_base64(void **state)
{
	(void)state;
	assert_string_equal(WALK("4a\x1e"
				 "bAQIDBA==\x1e"
				 "4z"),
			    "4:a|4b:\x01\x02\x03\x04|4:z");
	assert_string_equal(WALK("b"), "4b:");
}

/* Whatever Node's decoder takes, and its answer. */
static void binary_is_taken_however_its_base64_is_written(void **state)
{
	static const struct {
		const char *text, *bytes;
	} forms[] = {
		{"AQIDBA==", "\x01\x02\x03\x04"},
		{"AQIDBA", "\x01\x02\x03\x04"},
		{"AQID\nBA==", "\x01\x02\x03\x04"},
		{"AQID\r\nBA==\r\n", "\x01\x02\x03\x04"},
		{"A Q I D", "\x01\x02\x03"},
		{"AQ!ID", "\x01\x02\x03"},
		{"AQIDB", "\x01\x02\x03"},
		{"AQI=D", "\x01\x02"},
		{"AQ==AQ==", "\x01"},
		{"-_8=", "\xfb\xff"},
		{"+/8=", "\xfb\xff"},
		{"=AQID", ""},
		{"====", ""},
		{"A", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(forms); i++) {
		char body[40], expected[40];
		int len = snprintf(body, sizeof(body),
				   "4a\x1e"
				   "b%s\x1e"
				   "4z",
				   forms[i].text);

		snprintf(expected, sizeof(expected), "4:a|4b:%s|4:z",
			 forms[i].bytes);
		assert_string_equal(walk(body, (size_t)len), expected);
	}
	assert_string_equal(WALK("bAQ\0ID"), "4b:\x01\x02\x03");
}

static void an_empty_packet_anywhere_makes_a_payload_malformed(void **state)
{
	(void)state;
	assert_string_equal(WALK(""), "|malformed");
	assert_string_equal(WALK("4a\x1e"), "4:a|malformed");
	assert_string_equal(WALK("\x1e"
				 "4a"),
			    "|malformed");
	assert_string_equal(WALK("4a\x1e\x1e"
				 "4b"),
			    "4:a|malformed");
}

static void text_that_is_not_utf8_makes_a_payload_malformed(void **state)
{
	(void)state;
	assert_string_equal(WALK("4\xff"), "|malformed");
	assert_string_equal(WALK("4\xed\xa0\x80"), "|malformed");
	assert_string_equal(WALK("4\xc3\xa9"), "4:\xc3\xa9");
	assert_true(eio_text_valid("a\0b", 3));
	assert_false(eio_text_valid("a\0\xff", 3));
}

static void a_payload_is_joined_as_it_is_read(void **state)
{
	struct buf body;

	(void)state;
	buf_init(&body, 100);
	eio_payload_add(&body,
			&(struct eio_packet){EIO_MESSAGE, false, "hi", 2});
	eio_payload_add(&body,
			&(struct eio_packet){EIO_MESSAGE, true, "\1\2\3\4", 4});
	eio_payload_add(&body, &(struct eio_packet){.type = EIO_PING});
	assert_string_equal(body.data, "4hi\x1e"
				       "bAQIDBA==\x1e"
				       "2");
	assert_string_equal(walk(body.data, body.len),
			    "4:hi|4b:\x01\x02\x03\x04|2:");
	buf_done(&body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_digit_from_0_to_6_is_a_packet_type),
		cmocka_unit_test(data_follows_the_type_at_once),
		cmocka_unit_test(
			an_empty_packet_and_an_unknown_type_are_malformed),
		cmocka_unit_test(packets_of_a_payload_are_separated_by_0x1e),
		cmocka_unit_test(binary_in_a_payload_is_b_and_base64),
		cmocka_unit_test(binary_is_taken_however_its_base64_is_written),
		cmocka_unit_test(
			an_empty_packet_anywhere_makes_a_payload_malformed),
		cmocka_unit_test(
			text_that_is_not_utf8_makes_a_payload_malformed),
		cmocka_unit_test(a_payload_is_joined_as_it_is_read),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	walk("4", 1); /* lets go of the last but one */
	return failed;
}
