#include "json_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "json.h"

static void assert_prints(struct json_object *value, const char *want)
{
	assert_string_equal(json_print(value, NULL), want);
	json_free(value);
}

static void values_are_separated_by_commas_at_every_depth(void **state)
{
	(void)state;
	struct json_text text;

	json_text_init(&text);
	json_text_open(&text, NULL, '{');
	json_text_open(&text, "a", '[');
	json_text_int(&text, NULL, 1);
	json_text_open(&text, NULL, '{');
	json_text_close(&text, '}');
	json_text_open(&text, NULL, '[');
	json_text_close(&text, ']');
	json_text_bool(&text, NULL, true);
	json_text_close(&text, ']');
	json_text_string(&text, "b", NULL);
	json_text_bool(&text, "c", false);
	json_text_word(&text, "d", "word");
	json_text_close(&text, '}');
	assert_prints(json_text_take(&text),
		      "{\"a\":[1,{},[],true],\"b\":null,\"c\":false,"
		      "\"d\":\"word\"}");
}

static struct json_object *string_of(const char *value)
{
	struct json_text text;

	json_text_init(&text);
	json_text_string(&text, NULL, value);
	return json_text_take(&text);
}

static void a_string_is_escaped_as_json_print_does_it(void **state)
{
	(void)state;
	char every[256], ends[] = "[{";

	for (int i = 0; i < 255; i++)
		every[i] = (char)(i + 1);
	every[255] = '\0';

	struct json_object *string = json_new_string(every);

	assert_prints(string_of(every), json_print(string, NULL));
	json_free(string);
	assert_prints(string_of(""), "\"\"");
	assert_prints(string_of(ends), "\"[{\"");
}

static void a_byte_to_escape_is_found_wherever_it_stands(void **state)
{
	(void)state;
	for (int byte = 1; byte < 256; byte++) {
		for (size_t at = 0; at < 20; at++) {
			char value[] = "twenty \xc3\xa9 plain ones";

			value[at] = (char)byte;

			struct json_object *string = json_new_string(value);

			assert_prints(string_of(value),
				      json_print(string, NULL));
			json_free(string);
		}
	}
}

/* The text is copied into the buffer before it is looked at. */
static void a_text_of_any_length_ends_where_it_ends(void **state)
{
	(void)state;
	for (size_t len = 0; len < 2000; len++) {
		char value[2000];

		memset(value, 'x', len);
		value[len] = '\0';

		struct json_object *string = json_new_string(value);

		assert_prints(string_of(value), json_print(string, NULL));
		json_free(string);
	}
}

static struct json_object *number_of(int64_t number)
{
	struct json_text text;

	json_text_init(&text);
	json_text_int(&text, NULL, number);
	return json_text_take(&text);
}

static void every_whole_number_is_written_exactly(void **state)
{
	(void)state;
	assert_prints(number_of(0), "0");
	assert_prints(number_of(-1), "-1");
	assert_prints(number_of(1000), "1000");
	assert_prints(number_of(INT64_MAX), "9223372036854775807");
	assert_prints(number_of(INT64_MIN), "-9223372036854775808");
}

static void a_time_below_zero_is_null(void **state)
{
	(void)state;
	struct json_text text;

	json_text_init(&text);
	json_text_open(&text, NULL, '[');
	json_text_time(&text, NULL, -1);
	json_text_time(&text, NULL, 1);
	json_text_close(&text, ']');
	assert_prints(json_text_take(&text),
		      "[null,\"1970-01-01T00:00:00.001Z\"]");
}

static void an_id_is_null_or_empty_where_there_is_none(void **state)
{
	static const char id[ID_SIZE] = "0190000000000000000000a1";
	static const char none[ID_SIZE] = "";
	struct json_text text;

	(void)state;
	json_text_init(&text);
	json_text_open(&text, NULL, '[');
	json_text_id(&text, NULL, id);
	json_text_id(&text, NULL, none);
	json_text_id_or_null(&text, NULL, id);
	json_text_id_or_null(&text, NULL, none);
	json_text_close(&text, ']');
	assert_prints(json_text_take(&text),
		      "[\"0190000000000000000000a1\",\"\","
		      "\"0190000000000000000000a1\",null]");
}

static void what_was_written_prints_within_a_tree(void **state)
{
	(void)state;
	struct json_object *tree = json_new_object();
	struct json_object *raw = json_raw("{\"a\":1}", 7);

	json_put(tree, "raw", raw);
	json_put_int(tree, "n", 2);
	assert_string_equal(json_print(tree, NULL),
			    "{\"raw\":{\"a\":1},\"n\":2}");
	json_free(tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_separated_by_commas_at_every_depth),
		cmocka_unit_test(a_string_is_escaped_as_json_print_does_it),
		cmocka_unit_test(a_byte_to_escape_is_found_wherever_it_stands),
		cmocka_unit_test(a_text_of_any_length_ends_where_it_ends),
		cmocka_unit_test(every_whole_number_is_written_exactly),
		cmocka_unit_test(a_time_below_zero_is_null),
		cmocka_unit_test(an_id_is_null_or_empty_where_there_is_none),
		cmocka_unit_test(what_was_written_prints_within_a_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
