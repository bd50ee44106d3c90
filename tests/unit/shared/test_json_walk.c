#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "json_walk.h"

#define ANY JSON_OURS(8)

/* The value of the last member of that name; text NULL: there is none. */
static struct json_walk_value find(const char *text, const char *name)
{
	struct json_walk_value key, value, found = {.text = NULL};

	assert_int_equal(json_would_parse(text, strlen(text), ANY), JSON_OK);
	if (!json_walk_enter(&text))
		return found;
	while (json_walk_key(&text, &key)) {
		json_walk_value(&text, &value);
		if (json_walk_is(key, name))
			found = value;
	}
	assert_string_equal(text, "");
	return found;
}

static void assert_found(const char *text, const char *name, const char *want)
{
	struct json_walk_value found = find(text, name);

	assert_non_null(found.text);
	assert_int_equal(found.len, strlen(want));
	assert_memory_equal(found.text, want, found.len);
}

static void a_value_of_any_kind_ends_where_it_ends(void **state)
{
	static const char *const values[] = {
		"0",	"-1.5e+3",
		"true", "null",
		"\"\"", "\"a \\\" } ] , \\\\\"",
		"[]",	"[1,[2,{\"b\":\"]}\"}],3]",
		"{}",	"{\"b\":{\"a\":\"\\\"}\"}, \"c\":[]}",
	};
	static const char *const forms[] = {
		"{\"a\":%s}",
		" { \"a\" :\t%s\r\n} ",
		"{\"x\":%s,\"a\":%s}",
		"{\"a\":%s,\"x\":%s}",
		"{\"x\":[1],\"a\" : %s , \"y\":{}}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		for (size_t k = 0; k < sizeof(forms) / sizeof(forms[0]); k++) {
			char text[200] = "";

			for (const char *at = forms[k]; *at != '\0'; at++) {
				if (*at == '%')
					strcat(text, values[i]), at++;
				else
					strncat(text, at, 1);
			}
			assert_found(text, "a", values[i]);
		}
	}
}

static void the_last_of_a_name_is_found_also_with_escapes(void **state)
{
	(void)state;
	assert_found("{\"a\":1,\"a\":2}", "a", "2");
	assert_found("{\"a\":1,\"\\u0061\":3,\"aa\":4,\"\":5}", "a", "3");
	assert_null(find("{}", "a").text);
	assert_null(find("{\"b\":{\"a\":1}}", "a").text);
	assert_null(find("[\"a\",1]", "a").text);
	assert_found("{\"a\\u0000b\":1}", "a", "1"); /* as of a tree */
}

static void assert_name(const char *json, const char *want)
{
	char out[5];
	struct json_walk_value key;

	json_walk_value(&json, &key);
	assert_int_equal(json_walk_name(key, out, sizeof(out)), want != NULL);
	if (want != NULL)
		assert_string_equal(out, want);
}

static void an_object_is_left_where_it_ends(void **state)
{
	const char *at = "{\"a\" : { \"b\":1 } , \"c\":{},\"d\":[{}] }";
	struct json_walk_value key, value;

	(void)state;
	assert_true(json_walk_enter(&at));
	assert_true(json_walk_key(&at, &key));
	assert_true(json_walk_enter(&at));
	assert_true(json_walk_key(&at, &key));
	assert_true(json_walk_is(key, "b"));
	json_walk_value(&at, &value);
	assert_false(json_walk_key(&at, &key));
	assert_true(json_walk_key(&at, &key));
	assert_true(json_walk_is(key, "c"));
	assert_true(json_walk_enter(&at));
	assert_false(json_walk_key(&at, &key));
	assert_true(json_walk_key(&at, &key));
	assert_true(json_walk_is(key, "d"));
	assert_false(json_walk_enter(&at));
	json_walk_value(&at, &value);
	assert_int_equal(value.len, 4);
	assert_false(json_walk_key(&at, &key));
	assert_string_equal(at, "");
}

static void a_key_says_what_fits(void **state)
{
	(void)state;
	assert_name("\"\"", "");
	assert_name("\"four\"", "four");
	assert_name("\"f\\u00e9u\"", "f\xc3\xa9u");
	assert_name("\"fiver\"", NULL);
	assert_name("\"f\\u00e9ux\"", NULL);
	assert_name("\"f\\u0000x\"", "f");
}

static void a_number_is_read_as_that_of_a_tree(void **state)
{
	static const char *const numbers[] = {
		"0",
		"7",
		"123456789012345678",
		"1234567890123456789",
		"-1",
		"6.0",
		"6e2",
		"6.5",
		"null",
		"true",
		"\"1\"",
		"99999999999999999999",
		"{}",
		"[1]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		char text[60] = "{\"a\":";
		struct json_object *tree;
		int64_t want = 0, got = 0;

		strcat(strcat(text, numbers[i]), "}");
		assert_int_equal(json_parse(text, strlen(text), ANY, &tree),
				 JSON_OK);
		assert_int_equal(json_walk_int(find(text, "a"), &got),
				 json_get_int(tree, "a", &want));
		assert_int_equal(got, want);
		json_free(tree);
	}
	assert_int_equal(json_walk_int(find("{}", "a"), &(int64_t){0}),
			 JSON_ABSENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_of_any_kind_ends_where_it_ends),
		cmocka_unit_test(the_last_of_a_name_is_found_also_with_escapes),
		cmocka_unit_test(an_object_is_left_where_it_ends),
		cmocka_unit_test(a_key_says_what_fits),
		cmocka_unit_test(a_number_is_read_as_that_of_a_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
