#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "json.h"
#include "mem.h"
#include "body_reader.h"
#include "request_in.h"

static bool is_taken(const char *target)
{
	const struct request_source source = {.method = "GET",
					      .target = target};
	struct request_in in;
	bool taken = request_in_init(&in, &source);

	request_in_done(&in);
	return taken;
}

static void a_malformed_target_is_refused(void **state)
{
	(void)state;
	static const char *const targets[] = {
		"",
		"api",
		"*",
		"http://host/api",
		"//api",
		"/api//users",
		"/api/%",
		"/api/%4",
		"/api/%zz",
		"/api/%00",
		"/api/a%2Fb",
		"/api/a%2fb",
		"/api/%ff",
		"/api/%c0%af",
		"/api/%ed%a0%80",
		"/a/b/c/d/e/f/g/h/i",
		"/api?a=%",
		"/api?a=%00",
		"/api?%fe=1",
		"/api?a&b&c&d&e&f&g&h&i&j&k&l&m&n&o&p&q",
	};

	for (size_t i = 0; i < COUNT_OF(targets); i++) {
		if (is_taken(targets[i]))
			fail_msg("%s", targets[i]);
	}
	assert_true(is_taken("/"));
	assert_true(is_taken("/a/b/c/d/e/f/g/h"));
	assert_true(is_taken("/api?a&b&c&d&e&f&g&h&i&j&k&l&m&n&o&p"));
}

static void a_query_is_decoded_and_its_first_value_counts(void **state)
{
	(void)state;
	const struct request_source source = {
		.target = "/x?q=Zo%C3%AB+%26+co&empty=&flag&q=2&a=b=c"};
	struct request_in in;

	assert_true(request_in_init(&in, &source));
	assert_string_equal(request_query(&in.request, "q"), "Zoë & co");
	assert_string_equal(request_query(&in.request, "empty"), "");
	assert_string_equal(request_query(&in.request, "flag"), "");
	assert_string_equal(request_query(&in.request, "a"), "b=c");
	assert_null(request_query(&in.request, "nothing"));
	request_in_done(&in);
}

static void assert_token(const char *authorization, const char *token)
{
	const struct request_source source = {.target = "/",
					      .authorization = authorization};
	struct request_in in;

	assert_true(request_in_init(&in, &source));
	if (token == NULL)
		assert_null(in.request.token);
	else
		assert_string_equal(in.request.token, token);
	request_in_done(&in);
}

static void a_token_is_what_follows_bearer(void **state)
{
	(void)state;
	assert_token("Bearer abc", "abc");
	assert_token("bearer   abc", "abc");
	assert_token("Basic abc", NULL);
	assert_token("Bearerabc", NULL);
	assert_token("", NULL);
	assert_token(NULL, NULL);
}

#define SMALL 64 /* bytes that the route takes */

static enum request_body read_as(const char *type, const char *text, size_t len,
				 unsigned flags)
{
	const struct route route = {
		.flags = flags,
		.body = {SMALL, 12},
	};
	struct body_reader reader = {
		.context = (char *)text,
		.length = (int64_t)len,
	};
	const struct request_source source = {
		.target = "/",
		.content_type = type,
		.reader = &reader,
	};
	struct request_in in;

	assert_true(request_in_init(&in, &source));
	enum request_body got = request_in_fetch(&in, &source, &route);

	if (got == REQUEST_BODY_OK)
		got = request_in_parse(&in, &route);

	if (got == REQUEST_BODY_OK && len > 0)
		assert_true((flags & ROUTE_TEXT) != 0
				    ? in.request.text != NULL
				    : json_is_object(in.request.body));
	request_in_done(&in);
	return got;
}

/* As a tree, and where it lies. */
static enum request_body read(const char *text)
{
	enum request_body got =
		read_as("application/json", text, strlen(text), ROUTE_BODY);

	assert_int_equal(read_as("application/json", text, strlen(text),
				 ROUTE_BODY | ROUTE_TEXT),
			 got);
	return got;
}

static void a_body_is_one_json_object(void **state)
{
	(void)state;
	assert_int_equal(read("{\"a\":[1]}"), REQUEST_BODY_OK);
	assert_int_equal(read(""), REQUEST_BODY_MISSING);
	assert_int_equal(read("{"), REQUEST_BODY_INVALID);
	assert_int_equal(read("{} {}"), REQUEST_BODY_INVALID);
	assert_int_equal(read("{\"a\":\"\xff\"}"), REQUEST_BODY_INVALID);
	assert_int_equal(read("[]"), REQUEST_BODY_NO_OBJECT);
	assert_int_equal(read("null"), REQUEST_BODY_NO_OBJECT);
	assert_int_equal(read("3"), REQUEST_BODY_NO_OBJECT);
	assert_int_equal(read("{\"a\":[[[[[[[[1]]]]]]]]}"), REQUEST_BODY_DEEP);
	assert_int_equal(read("{\"a\":[1,2,3,4,5,6,7,8,9,0]}"),
			 REQUEST_BODY_OK);
	assert_int_equal(read("{\"a\":[1,2,3,4,5,6,7,8,9,0,1]}"),
			 REQUEST_BODY_LARGE);
	assert_int_equal(read_as("application/json", "{}\0", 3, ROUTE_BODY),
			 REQUEST_BODY_INVALID);
}

static ssize_t pull_nothing(void *context, char *to, size_t len)
{
	(void)to;
	(void)len;
	*(bool *)context = true;
	return 0;
}

static void a_body_is_not_read_when_its_length_is_too_large(void **state)
{
	(void)state;
	static const struct {
		int64_t length;
		enum request_body got;
		bool pulled;
	} cases[] = {
		{SMALL, REQUEST_BODY_BROKEN, true},
		{SMALL + 1, REQUEST_BODY_LARGE, false},
		{INT64_MAX, REQUEST_BODY_LARGE, false},
		{-1, REQUEST_BODY_MISSING, false},
	};
	const struct route route = {.flags = ROUTE_BODY, .body = {SMALL, 12}};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		bool pulled = false;
		struct body_reader reader = {pull_nothing, &pulled,
					     cases[i].length, 0, false};
		const struct request_source source = {
			.target = "/",
			.content_type = "application/json",
			.reader = &reader,
		};
		struct request_in in;

		assert_true(request_in_init(&in, &source));
		assert_int_equal(request_in_fetch(&in, &source, &route),
				 cases[i].got);
		assert_int_equal(pulled, cases[i].pulled);
		request_in_done(&in);
	}
}

static void a_route_that_needs_no_body_takes_none(void **state)
{
	(void)state;
	assert_int_equal(read_as(NULL, "", 0, 0), REQUEST_BODY_OK);
	assert_int_equal(read_as("application/json", "{", 1, 0),
			 REQUEST_BODY_INVALID);
}

static void only_json_is_taken_for_json(void **state)
{
	(void)state;
	assert_int_equal(read_as("application/json; charset=utf-8", "{}", 2, 1),
			 REQUEST_BODY_OK);
	assert_int_equal(read_as("Application/JSON", "{}", 2, ROUTE_BODY),
			 REQUEST_BODY_OK);
	assert_int_equal(read_as("text/plain", "{}", 2, ROUTE_BODY),
			 REQUEST_BODY_TYPE);
	assert_int_equal(read_as("application/jsonp", "{}", 2, ROUTE_BODY),
			 REQUEST_BODY_TYPE);
	assert_int_equal(read_as(NULL, "{}", 2, ROUTE_BODY), REQUEST_BODY_TYPE);
}

static void bytes_are_taken_of_any_type_but_not_as_a_form(void **state)
{
	static const struct {
		const char *type;
		enum request_body got;
	} rows[] = {
		{NULL, REQUEST_BODY_OK},
		{"application/x-www-form-urlencoded", REQUEST_BODY_OK},
		{"multipart/related; boundary=x", REQUEST_BODY_OK},
		{"multipart/form-data; boundary=x", REQUEST_BODY_FORM},
		{"Multipart/Form-Data", REQUEST_BODY_FORM},
	};
	const struct route route = {.body = ROUTE_STREAM(100)};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct request_source source = {
			.target = "/",
			.content_type = rows[i].type,
		};
		struct request_in in;

		assert_true(request_in_init(&in, &source));
		assert_int_equal(request_in_fetch(&in, &source, &route),
				 rows[i].got);
		request_in_done(&in);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_malformed_target_is_refused),
		cmocka_unit_test(a_query_is_decoded_and_its_first_value_counts),
		cmocka_unit_test(a_token_is_what_follows_bearer),
		cmocka_unit_test(a_body_is_one_json_object),
		cmocka_unit_test(
			a_body_is_not_read_when_its_length_is_too_large),
		cmocka_unit_test(a_route_that_needs_no_body_takes_none),
		cmocka_unit_test(only_json_is_taken_for_json),
		cmocka_unit_test(bytes_are_taken_of_any_type_but_not_as_a_form),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
