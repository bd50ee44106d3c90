#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "json.h"
#include "mem.h"

static enum json_status status_of(const char *text, size_t len)
{
	struct json_object *value;
	enum json_status status = json_parse(text, len, JSON_OURS(8), &value);

	json_free(value);
	return status;
}

static void values_are_counted_before_there_is_a_tree(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t values;
	} cases[] = {
		{"1", 1},
		{"{}", 1},
		{"[1,2,[]]", 4},
		{"{\"a\":{\"b\":null},\"c\":\"d\"}", 4},
		{"[{},{},{},{}]", 5},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct json_bounds bounds = {8, cases[i].values};
		size_t len = strlen(cases[i].text);
		struct json_object *value;

		assert_int_equal(json_parse(cases[i].text, len, bounds, &value),
				 JSON_OK);
		json_free(value);
		bounds.values--;
		assert_int_equal(json_parse(cases[i].text, len, bounds, &value),
				 JSON_TOO_MANY);
		assert_null(value);
	}
}

static void a_control_character_is_found_wherever_it_is(void **state)
{
	(void)state;
	char text[] = "\"twenty plain letters\"";

	assert_int_equal(status_of(text, strlen(text)), JSON_OK);
	for (size_t i = 1; i < sizeof(text) - 2; i++) {
		char kept = text[i];

		text[i] = '\x1f';
		assert_int_equal(status_of(text, strlen(text)), JSON_SYNTAX);
		text[i] = '"';
		assert_int_equal(status_of(text, strlen(text)), JSON_SYNTAX);
		text[i] = kept;
	}
}

static void only_strict_json_is_parsed(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum json_status status;
	} cases[] = {
		{"{}", JSON_OK},
		{" {\"a\":[1,2.5,null,true,\"x\"]} ", JSON_OK},
		{"17", JSON_OK},
		{"\"x\"", JSON_OK},
		{"", JSON_SYNTAX},
		{"{", JSON_SYNTAX},
		{"{}x", JSON_SYNTAX},
		{"{} {}", JSON_SYNTAX},
		{"{'a':1}", JSON_SYNTAX},
		{"{\"a\":1,}", JSON_SYNTAX},
		{"[1,]", JSON_SYNTAX},
		{"NaN", JSON_SYNTAX},
		{"{\"a\":tru}", JSON_SYNTAX},
		{"{\"a\":01}", JSON_SYNTAX},
		{"/* a */ {}", JSON_SYNTAX},
		{"{\"a\":\"line\nfeed\"}", JSON_SYNTAX},
		{"\"\\x\"", JSON_SYNTAX},
		{"\"\\u\"", JSON_SYNTAX},
		{"\"\\u123\"", JSON_SYNTAX},
		{"{\"a\":\"\xff\"}", JSON_NOT_UTF8},
		{"\"\\ud83c\\udf50\"", JSON_OK},
		{"\"\\uD83C\\uDF50 \\\\ud83c\"", JSON_OK},
		{"\"\\ue000\\ud7ff\"", JSON_OK},
		{"\"\\ud83c\"", JSON_NOT_UTF8},
		{"\"\\udf50\"", JSON_NOT_UTF8},
		{"\"\\ud83cx\\udf50\"", JSON_NOT_UTF8},
		{"\"\\ud83c\\n\"", JSON_NOT_UTF8},
		{"\"\\ud83c\\ud83c\\udf50\"", JSON_NOT_UTF8},
		{"\"\\udf50\\ud83c\"", JSON_NOT_UTF8},
		{"{\"\\uDBFF\":1}", JSON_NOT_UTF8},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		if (status_of(cases[i].text, strlen(cases[i].text)) !=
		    cases[i].status)
			fail_msg("%s", cases[i].text);
	}
	assert_int_equal(status_of("{\"a\":\0}", 7), JSON_NOT_UTF8);
}

static void a_text_of_any_script_is_parsed_as_it_is(void **state)
{
	(void)state;
	static const char text[] =
		"{\"\xc3\xa9\":\"\xd0\x96 \xf0\x9f\x8d\x90 \x7f\"}";
	struct json_object *object;
	const char *string;

	assert_int_equal(json_parse(text, strlen(text), JSON_OURS(8), &object),
			 JSON_OK);
	assert_int_equal(json_get_string(object, "\xc3\xa9", &string),
			 JSON_FOUND);
	assert_string_equal(string, "\xd0\x96 \xf0\x9f\x8d\x90 \x7f");
	json_free(object);
}

/* {as it is written, as it is printed} */
static const char *const printed[][2] = {
	{" null ", NULL},
	{"[ null , true,false ]", "[null,true,false]"},
	{"{ \"a\" : { \"b\" : [ { } , [ ] ] } , \"c\":0}",
	 "{\"a\":{\"b\":[{},[]]},\"c\":0}"},
	{"{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}"},
	{"{\"\\u0061\\n\":{\"b\":1},\"c\":\"d\"}",
	 "{\"a\\n\":{\"b\":1},\"c\":\"d\"}"},
	{"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000x\"",
	 "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000x\""},
	{"\"\\ud836\\ude00\\ud876\\udc00\\uffff\\u07ff\"",
	 "\"\xf0\x9d\xa8\x80\xf0\xad\xa0\x80\xef\xbf\xbf\xdf\xbf\""},
	{"[-0,12,-12,1.50,-1E+2]", "[0,12,-12,1.50,-1E+2]"},
	{"[9223372036854775807,-9223372036854775808]",
	 "[9223372036854775807,-9223372036854775808]"},
	{"[9223372036854775808,-9223372036854775809]",
	 "[9223372036854775808,-9223372036854775808]"},
	{"99999999999999999999", "18446744073709551615"},
};

static void a_tree_is_what_its_text_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(printed); i++) {
		struct json_object *tree;

		assert_int_equal(json_parse(printed[i][0],
					    strlen(printed[i][0]), JSON_OURS(8),
					    &tree),
				 JSON_OK);
		if (printed[i][1] != NULL)
			assert_string_equal(json_print(tree, NULL),
					    printed[i][1]);
		else
			assert_null(tree);
		json_free(tree);
	}
}

static const struct {
	const char *text;
	enum json_status status;
} grammar[] = {
	{"0", JSON_OK},
	{"-0", JSON_OK},
	{"-0.5", JSON_OK},
	{"10", JSON_OK},
	{"1e5", JSON_OK},
	{"1E+05", JSON_OK},
	{"2.5e-3", JSON_OK},
	{"true", JSON_OK},
	{"false", JSON_OK},
	{"null", JSON_OK},
	{"\"\"", JSON_OK},
	{"[]", JSON_OK},
	{"\t[\r\n]", JSON_OK},
	{"[[],{}]", JSON_OK},
	{"{\"\":0}", JSON_OK},
	{"{\"a\" : [ 1 , 2 ] }", JSON_OK},
	{"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD834\\uDD1E\"", JSON_OK},
	{" ", JSON_SYNTAX},
	{"-", JSON_SYNTAX},
	{"+1", JSON_SYNTAX},
	{"01", JSON_SYNTAX},
	{"-01", JSON_SYNTAX},
	{"[00]", JSON_SYNTAX},
	{"1.", JSON_SYNTAX},
	{"[1.]", JSON_SYNTAX},
	{".5", JSON_SYNTAX},
	{"[-.5]", JSON_SYNTAX},
	{"1e", JSON_SYNTAX},
	{"[1e+]", JSON_SYNTAX},
	{"[1e5e]", JSON_SYNTAX},
	{"0x1", JSON_SYNTAX},
	{"[1.2.3]", JSON_SYNTAX},
	{"[1 2]", JSON_SYNTAX},
	{"[,1]", JSON_SYNTAX},
	{"[1,,2]", JSON_SYNTAX},
	{"[1", JSON_SYNTAX},
	{"]", JSON_SYNTAX},
	{"[]]", JSON_SYNTAX},
	{"[}", JSON_SYNTAX},
	{"{]", JSON_SYNTAX},
	{"{,}", JSON_SYNTAX},
	{"{1:2}", JSON_SYNTAX},
	{"{a:1}", JSON_SYNTAX},
	{"{\"a\"}", JSON_SYNTAX},
	{"{\"a\"1}", JSON_SYNTAX},
	{"{\"a\":}", JSON_SYNTAX},
	{"{\"a\":1", JSON_SYNTAX},
	{"\"", JSON_SYNTAX},
	{"\"\\", JSON_SYNTAX},
	{"\"\\\"", JSON_SYNTAX},
	{"\"\\x\"", JSON_SYNTAX},
	{"\"\\'\"", JSON_SYNTAX},
	{"\"\\u12\"", JSON_SYNTAX},
	{"'a'", JSON_SYNTAX},
	{"True", JSON_SYNTAX},
	{"nul", JSON_SYNTAX},
	{"trueq", JSON_SYNTAX},
	{"[tru]", JSON_SYNTAX},
	{"[-]", JSON_SYNTAX},
	{"\"\x1f\"", JSON_SYNTAX},
	{"\v1", JSON_SYNTAX},
	{"[1]x", JSON_SYNTAX},
	{"-Infinity", JSON_SYNTAX},
	{"[1,]", JSON_SYNTAX},
	{"\"a", JSON_SYNTAX},
	{"{\"a\":1 \"b\":2}", JSON_SYNTAX},
	{"\"\\uD83g\"", JSON_SYNTAX},
	{"[\"a\" \"b\"]", JSON_SYNTAX},
};

static void the_grammar_is_that_of_rfc_8259(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(grammar); i++)
		if (status_of(grammar[i].text, strlen(grammar[i].text)) !=
		    grammar[i].status)
			fail_msg("%s", grammar[i].text);
}

static void depth_is_counted_to_the_limit_and_no_further(void **state)
{
	(void)state;
	assert_int_equal(status_of("[[[[[[[[]]]]]]]]", 16), JSON_OK);
	assert_int_equal(status_of("[[[[[[[[[]]]]]]]]]", 18), JSON_TOO_DEEP);
	assert_int_equal(status_of("[[[[[[[[[", 9), JSON_TOO_DEEP);
	assert_int_equal(status_of("[[],[[[[[[[[]]]]]]]]]", 21), JSON_TOO_DEEP);
	assert_int_equal(status_of("[{},{\"a\":[[[[[[]]]]]]}]", 23), JSON_OK);
}

static void a_member_of_the_wrong_type_is_not_an_absent_one(void **state)
{
	(void)state;
	static const char text[] =
		"{\"s\":\"x\",\"n\":7,\"b\":true,\"a\":[1],\"o\":{},"
		"\"z\":null,\"nul\":\"a\\u0000b\"}";
	struct json_object *object, *child;
	const char *string;
	int64_t number;
	bool truth;

	assert_int_equal(json_parse(text, strlen(text), JSON_OURS(8), &object),
			 JSON_OK);
	assert_int_equal(json_get_string(object, "s", &string), JSON_FOUND);
	assert_string_equal(string, "x");
	assert_int_equal(json_get_string(object, "n", &string), JSON_WRONG);
	assert_int_equal(json_get_string(object, "nul", &string), JSON_WRONG);
	assert_int_equal(json_get_string(object, "z", &string), JSON_ABSENT);
	assert_int_equal(json_get_string(object, "no", &string), JSON_ABSENT);
	assert_int_equal(json_get_int(object, "n", &number), JSON_FOUND);
	assert_int_equal(number, 7);
	assert_int_equal(json_get_int(object, "s", &number), JSON_WRONG);
	assert_int_equal(json_get_bool(object, "b", &truth), JSON_FOUND);
	assert_int_equal(json_get_array(object, "a", &child), JSON_FOUND);
	assert_int_equal(json_length(child), 1);
	assert_null(json_at(child, 1));
	assert_int_equal(json_get_object(object, "o", &child), JSON_FOUND);
	assert_int_equal(json_get_object(object, "a", &child), JSON_WRONG);
	json_free(object);
}

static void text_comes_out_compact_and_as_it_went_in(void **state)
{
	(void)state;
	struct json_object *object = json_new_object();
	size_t len;

	json_put_string(object, "url", "http://a/b");
	json_put_string(object, "none", NULL);
	json_put_time(object, "at", 0);
	json_put_time(object, "never", -1);
	assert_string_equal(json_print(object, &len),
			    "{\"url\":\"http://a/b\",\"none\":null,"
			    "\"at\":\"1970-01-01T00:00:00.000Z\","
			    "\"never\":null}");
	json_free(object);
}

static void a_whole_number_may_be_written_as_a_fraction(void **state)
{
	static const struct {
		const char *text;
		enum json_field found;
		int64_t number;
	} cases[] = {
		{"{\"n\":6.0}", JSON_FOUND, 6},
		{"{\"n\":-6e0}", JSON_FOUND, -6},
		{"{\"n\":9007199254740991.0}", JSON_FOUND, 9007199254740991},
		{"{\"n\":9007199254740994.0}", JSON_WRONG, 0},
		{"{\"n\":6.5}", JSON_WRONG, 0},
		{"{\"n\":1e300}", JSON_WRONG, 0},
		{"{\"n\":true}", JSON_WRONG, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct json_object *object;
		int64_t number = 0;

		assert_int_equal(json_parse(cases[i].text,
					    strlen(cases[i].text), JSON_OURS(8),
					    &object),
				 JSON_OK);
		assert_int_equal(json_get_int(object, "n", &number),
				 cases[i].found);
		assert_int_equal(number, cases[i].number);
		json_free(object);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_control_character_is_found_wherever_it_is),
		cmocka_unit_test(only_strict_json_is_parsed),
		cmocka_unit_test(values_are_counted_before_there_is_a_tree),
		cmocka_unit_test(a_text_of_any_script_is_parsed_as_it_is),
		cmocka_unit_test(a_tree_is_what_its_text_says),
		cmocka_unit_test(the_grammar_is_that_of_rfc_8259),
		cmocka_unit_test(depth_is_counted_to_the_limit_and_no_further),
		cmocka_unit_test(
			a_member_of_the_wrong_type_is_not_an_absent_one),
		cmocka_unit_test(text_comes_out_compact_and_as_it_went_in),
		cmocka_unit_test(a_whole_number_may_be_written_as_a_fraction),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
