#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "json_flat.h"
#include "mem.h"

static void flat_of(struct json_flat *flat, const char *text)
{
	assert_true(json_flat_read(flat, text, strlen(text)));
}

static bool is_read(const char *text)
{
	struct json_flat flat;
	bool good = json_flat_read(&flat, text, strlen(text));

	json_flat_done(&flat);
	return good;
}

static void assert_text(const struct json_flat *flat, const char *key,
			const char *wanted)
{
	const char *text = NULL;

	assert_int_equal(json_flat_string(flat, key, &text), JSON_FOUND);
	assert_string_equal(text, wanted);
}

static void members_of_each_type_are_had_by_their_names(void **state)
{
	(void)state;
	struct json_flat flat;
	const char *text = "untouched";
	int64_t number = 7;
	bool truth = false;

	flat_of(&flat, " { \"a\" : \"x\" ,\r\n\t\"b\":-12,\"c\":true,"
		       "\"d\":null,\"\":\"\",\"e\":{\"a\":1}} ");
	assert_text(&flat, "a", "x");
	assert_text(&flat, "", "");
	assert_int_equal(json_flat_int(&flat, "b", &number), JSON_FOUND);
	assert_int_equal(number, -12);
	assert_int_equal(json_flat_bool(&flat, "c", &truth), JSON_FOUND);
	assert_true(truth);
	assert_int_equal(json_flat_string(&flat, "d", &text), JSON_ABSENT);
	assert_int_equal(json_flat_int(&flat, "f", &number), JSON_ABSENT);
	assert_int_equal(json_flat_bool(&flat, "ab", &truth), JSON_ABSENT);
	assert_int_equal(json_flat_string(&flat, "b", &text), JSON_WRONG);
	assert_int_equal(json_flat_int(&flat, "a", &number), JSON_WRONG);
	assert_int_equal(json_flat_bool(&flat, "e", &truth), JSON_WRONG);
	assert_string_equal(text, "untouched");
	assert_int_equal(number, -12);
	json_flat_done(&flat);
}

static void an_escape_is_what_it_stands_for(void **state)
{
	(void)state;
	struct json_flat flat;

	flat_of(&flat, "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\","
		       "\"b\":\"\\u0041\\u00e9\\u20AC\\ud83d\\uDE00!\","
		       "\"\\u006bey\":\"\\\\\",\"c\":\"12345678\\\"9\"}");
	assert_text(&flat, "a", "\"\\/\b\f\n\r\t");
	assert_text(&flat, "b", "A\u00e9\u20ac\U0001f600!");
	assert_text(&flat, "key", "\\");
	assert_text(&flat, "c", "12345678\"9");
	json_flat_done(&flat);
}

static void of_members_with_one_name_the_last_one_counts(void **state)
{
	(void)state;
	struct json_flat flat;
	const char *text;

	flat_of(&flat, "{\"a\":\"x\",\"b\":\"x\",\"a\":\"y\",\"b\":null}");
	assert_text(&flat, "a", "y");
	assert_int_equal(json_flat_string(&flat, "b", &text), JSON_ABSENT);
	json_flat_done(&flat);
}

static void a_whole_number_is_one_however_it_is_written(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum json_field field;
		int64_t number;
	} cases[] = {
		{"{\"n\":0}", JSON_FOUND, 0},
		{"{\"n\":-0}", JSON_FOUND, 0},
		{"{\"n\":6.0}", JSON_FOUND, 6},
		{"{\"n\":6e2}", JSON_FOUND, 600},
		{"{\"n\":6.5}", JSON_WRONG, 0},
		{"{\"n\":1e99}", JSON_WRONG, 0},
		{"{\"n\":999999999999999999}", JSON_FOUND, 999999999999999999},
		{"{\"n\":9223372036854775807}", JSON_FOUND, INT64_MAX},
		{"{\"n\":-9223372036854775808}", JSON_FOUND, INT64_MIN},
		{"{\"n\":[1]}", JSON_WRONG, 0},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct json_flat flat;
		int64_t number = 0;

		flat_of(&flat, cases[i].text);
		assert_int_equal(json_flat_int(&flat, "n", &number),
				 cases[i].field);
		assert_int_equal(number, cases[i].number);
		json_flat_done(&flat);
	}
}

static void a_string_with_a_nul_in_it_is_wrong(void **state)
{
	(void)state;
	struct json_flat flat;
	const char *text = NULL;
	size_t count = 0;

	flat_of(&flat, "{\"a\":\"x\\u0000y\",\"b\":[\"x\",\"\\u0000\"]}");
	assert_int_equal(json_flat_string(&flat, "a", &text), JSON_WRONG);
	assert_int_equal(json_flat_strings(&flat, "b", &text, 1, &count),
			 JSON_WRONG);
	json_flat_done(&flat);
}

static void an_array_of_strings_is_had_as_such(void **state)
{
	(void)state;
	struct json_flat flat;
	const char *texts[3];
	size_t count = 9;

	flat_of(&flat, "{\"a\":[ \"x\" , \"\",\"]\\\"[\" ],\"b\":[],"
		       "\"c\":[\"x\",1,\"]\"],\"d\":\"x\",\"e\":[[\"]\"]],"
		       "\"f\":[\"1\",\"2\",\"3\",\"4\"],\"g\":\"behind\"}");
	assert_int_equal(json_flat_strings(&flat, "a", texts, 3, &count),
			 JSON_FOUND);
	assert_int_equal(count, 3);
	assert_string_equal(texts[0], "x");
	assert_string_equal(texts[1], "");
	assert_string_equal(texts[2], "]\"[");
	assert_int_equal(json_flat_strings(&flat, "b", texts, 3, &count),
			 JSON_FOUND);
	assert_int_equal(count, 0);
	for (const char *key = "cdef"; *key != '\0'; key++)
		assert_int_equal(json_flat_strings(&flat, (char[]){*key, '\0'},
						   texts, 3, &count),
				 JSON_WRONG);
	assert_int_equal(json_flat_strings(&flat, "h", texts, 3, &count),
			 JSON_ABSENT);
	assert_text(&flat, "g", "behind");
	json_flat_done(&flat);
}

static void of_a_nested_value_there_can_be_a_tree(void **state)
{
	(void)state;
	struct json_flat flat;
	struct json_object *tree;

	flat_of(&flat,
		"{\"a\":{\"b\":\"}\\\"\\\\\",\"c\":[{}]},\"d\":[\"e\"]}");
	tree = json_flat_tree(&flat, "a");
	assert_string_equal(json_print(tree, NULL),
			    "{\"b\":\"}\\\"\\\\\",\"c\":[{}]}");
	json_free(tree);
	tree = json_flat_tree(&flat, "d");
	assert_string_equal(json_print(tree, NULL), "[\"e\"]");
	json_free(tree);
	assert_null(json_flat_tree(&flat, "b"));
	json_flat_done(&flat);
}

static void what_is_no_object_of_that_size_is_not_read(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"[]",
		"17",
		"{",
		"{\"a\":1,}",
		"{\"a\":01}",
		"{} {}",
		"{\"a\":\"\xff\"}",
		"{\"a\":\"\\ud800\"}",
		"{\"a\":[[[[[[[[]]]]]]]]}",
	};
	char many[JSON_FLAT_MEMBERS * 6 + 8] = "{\"a\":1";

	for (size_t i = 0; i < COUNT_OF(bad); i++)
		assert_false(is_read(bad[i]));
	assert_true(is_read("{\"a\":[[[[[[[]]]]]]]}"));
	for (size_t i = 1; i < JSON_FLAT_MEMBERS; i++)
		strcat(many, ",\"a\":1");
	strcat(many, "}");
	assert_true(is_read(many));
	many[strlen(many) - 1] = '\0';
	strcat(many, ",\"a\":1}");
	assert_false(is_read(many));
}

static void a_long_text_is_read_as_well(void **state)
{
	(void)state;
	char text[2 * JSON_FLAT_SMALL] = "{\"a\":\"", wanted[sizeof(text)] = "";
	struct json_flat flat;

	for (size_t i = 0; i < JSON_FLAT_SMALL; i++)
		strcat(wanted, "x");
	strcat(text, wanted);
	strcat(text, "\",\"b\":\"y\"}");
	flat_of(&flat, text);
	assert_text(&flat, "a", wanted);
	assert_text(&flat, "b", "y");
	json_flat_done(&flat);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_of_each_type_are_had_by_their_names),
		cmocka_unit_test(an_escape_is_what_it_stands_for),
		cmocka_unit_test(of_members_with_one_name_the_last_one_counts),
		cmocka_unit_test(a_whole_number_is_one_however_it_is_written),
		cmocka_unit_test(a_string_with_a_nul_in_it_is_wrong),
		cmocka_unit_test(an_array_of_strings_is_had_as_such),
		cmocka_unit_test(of_a_nested_value_there_can_be_a_tree),
		cmocka_unit_test(what_is_no_object_of_that_size_is_not_read),
		cmocka_unit_test(a_long_text_is_read_as_well),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
