#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hex.h"

static void every_byte_has_two_digits_and_is_read_from_them(void **state)
{
	uint8_t bytes[256], again[256];
	char text[HEX_SIZE(sizeof(bytes))];

	(void)state;
	for (int i = 0; i < 256; i++)
		bytes[i] = (uint8_t)i;
	hex_print(bytes, 4, text);
	assert_string_equal(text, "00010203");
	hex_print(bytes + 0xab, 1, text);
	assert_string_equal(text, "ab");
	hex_print(bytes, sizeof(bytes), text);
	assert_true(hex_read(text, again, sizeof(again)));
	assert_memory_equal(again, bytes, sizeof(bytes));
}

static void what_is_no_digit_means_nothing(void **state)
{
	static const char *const wrong[] = {"",	    "0",   "0g00",  "AB00",
					    "00 0", "000", "00000", "000\xff",
					    ":000", "/000"};
	uint8_t two[2];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(hex_read(wrong[i], two, sizeof(two)));
	for (int c = 0; c < 256; c++)
		assert_true(hex_digit((char)c) < 16);
	assert_int_equal(hex_digit('f'), 15);
	assert_int_equal(hex_digit('0'), 0);
	assert_int_equal(hex_digit('F'), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			every_byte_has_two_digits_and_is_read_from_them),
		cmocka_unit_test(what_is_no_digit_means_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
