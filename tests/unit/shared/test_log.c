/* What the operator reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "json.h"
#include "log.h"
#include "mem.h"

static struct buf line;

static int setup(void **state)
{
	(void)state;
	buf_init(&line, 65536);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	buf_done(&line);
	log_init("palabre", LOG_INFO, false);
	return 0;
}

/* The line behind its time, level, program and pid. */
static const char *said(const struct log_field *fields, size_t count)
{
	buf_reset(&line);
	log_format_event(&line, LOG_INFO, "event", fields, count);
	return strstr(line.data, "]: ") + 3;
}

static void a_line_of_text_names_its_fields(void **state)
{
	(void)state;
	const struct log_field fields[] = {
		LOG_TEXT("route", "/api/users/:id"),
		LOG_NUMBER("status", 404),
		LOG_TEXT("code", NULL),
		LOG_TEXT("name", "a b"),
		LOG_TEXT("empty", ""),
	};

	log_init("test", LOG_INFO, false);
	assert_string_equal(said(fields, COUNT_OF(fields)),
			    "event route=/api/users/:id status=404 "
			    "name=\"a b\" empty=\"\"\n");
}

static void no_value_forges_a_line_or_a_field(void **state)
{
	(void)state;
	static const struct {
		const char *value, *line;
	} cases[] = {
		{"a\nb", "event v=\"a\\u000ab\"\n"},
		{"\r\x1b[2J", "event v=\"\\u000d\\u001b[2J\"\n"},
		{"x status=200", "event v=\"x status=200\"\n"},
		{"x\" status=\"200", "event v=\"x\\\" status=\\\"200\"\n"},
		{"\\", "event v=\"\\\\\"\n"},
		{"\x7f", "event v=\"\\u007f\"\n"},
		{"\xc2\x9b[2J", "event v=\"\\u009b[2J\"\n"},
		{"\xe2\x80\xae", "event v=\"\\u202e\"\n"},
		{"\xf3\xa0\x80\x81", "event v=\"\\udb40\\udc01\"\n"},
		{"\xff\xc3\xa9", "event v=\"\\u00ff\\u00c3\\u00a9\"\n"},
		{"\xc3\xa9t\xc3\xa9", "event v=\"\xc3\xa9t\xc3\xa9\"\n"},
	};

	log_init("test", LOG_INFO, false);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct log_field fields[] = {
			LOG_TEXT("v", cases[i].value)};

		assert_string_equal(said(fields, 1), cases[i].line);
	}
}

static void a_line_of_json_gives_every_value_back(void **state)
{
	(void)state;
	static const char *const values[] = {
		"",
		"word",
		"a \"b\" \\ c",
		"a\nb\x1b[2J",
		"\xe2\x80\xae x",
		"\xf0\x9f\xa6\x8a",
	};

	log_init("test", LOG_INFO, true);
	for (size_t i = 0; i < COUNT_OF(values); i++) {
		const struct log_field fields[] = {LOG_TEXT("v", values[i]),
						   LOG_NUMBER("n", -5)};
		struct json_object *json;
		const char *text, *message;
		int64_t number;

		buf_reset(&line);
		log_format_event(&line, LOG_DEBUG, "event", fields,
				 COUNT_OF(fields));
		assert_int_equal(strcspn(line.data, "\n"), line.len - 1);
		assert_int_equal(json_parse(line.data, line.len - 1,
					    JSON_OURS(4), &json),
				 JSON_OK);
		json_get_string(json, "v", &text);
		json_get_string(json, "message", &message);
		json_get_int(json, "n", &number);
		assert_string_equal(text, values[i]);
		assert_string_equal(message, "event");
		assert_int_equal(number, -5);
		json_free(json);
	}
}

static void a_long_value_is_cut_and_the_line_stays_whole(void **state)
{
	(void)state;
	char value[100000];
	struct log_field fields[12];
	struct json_object *json;

	memset(value, 1, sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	for (size_t i = 0; i < COUNT_OF(fields); i++)
		fields[i] = (struct log_field)LOG_TEXT("v", value);
	log_init("test", LOG_INFO, true);
	log_format_event(&line, LOG_INFO, "event", fields, COUNT_OF(fields));
	assert_true(line.len < 20480);
	assert_int_equal(
		json_parse(line.data, line.len - 1, JSON_OURS(4), &json),
		JSON_OK);
	json_free(json);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_line_of_text_names_its_fields),
		TEST(no_value_forges_a_line_or_a_field),
		TEST(a_line_of_json_gives_every_value_back),
		TEST(a_long_value_is_cut_and_the_line_stays_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
