#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line_parser.h"
#include "mem.h"

/* What was heard, one line in brackets after the other. */
struct heard {
	struct line_parser parser;
	char text[512];
	size_t longest;
};

static void hear(enum line_kind kind, char *text, size_t len, void *context)
{
	struct heard *heard = context;
	size_t at = strlen(heard->text);

	assert_int_equal(strlen(text), len);
	if (len > heard->longest)
		heard->longest = len;
	snprintf(heard->text + at, sizeof(heard->text) - at, "[%.20s]",
		 kind == LINE_TOO_LONG ? "!" : text);
}

static void feed(struct heard *heard, const char *text)
{
	line_parser_feed(&heard->parser, text, strlen(text), hear, heard);
}

static void assert_heard(struct heard *heard, const char *want)
{
	assert_string_equal(heard->text, want);
	heard->text[0] = '\0';
}

static void silence(struct heard *heard)
{
	line_parser_silence(&heard->parser, hear, heard);
}

static int begin(void **state)
{
	struct heard *heard = xcalloc(1, sizeof(*heard));

	line_parser_init(&heard->parser);
	*state = heard;
	return 0;
}

static int end(void **state)
{
	struct heard *heard = *state;

	line_parser_done(&heard->parser);
	free(heard);
	return 0;
}

static void lines_end_with_lf_or_crlf_and_are_trimmed(void **state)
{
	feed(*state, "Ann\n  hello \r\n\r\n \nhow\tare\n");
	assert_heard(*state, "[Ann][hello][how\tare]");
}

static void a_line_may_come_byte_by_byte(void **state)
{
	static const char text[] = "Ann\nh\xc3\xa9llo\r\nbye\n";

	for (size_t i = 0; text[i] != '\0'; i++) {
		feed(*state, (char[]){text[i], '\0'});
		if (i > 0 && text[i + 1] != '\0' && text[i - 1] == '\n')
			silence(*state);
	}
	assert_heard(*state, "[Ann][h\xc3\xa9llo][bye]");
}

static void silence_ends_a_line_of_who_never_ends_them(void **state)
{
	feed(*state, "Ann");
	assert_heard(*state, "");
	silence(*state);
	assert_heard(*state, "[Ann]");
	feed(*state, "hel");
	feed(*state, "lo");
	silence(*state);
	assert_heard(*state, "[hello]");
	feed(*state, "two\nlines");
	silence(*state);
	assert_heard(*state, "[two][lines]");
	silence(*state);
	assert_heard(*state, "");
}

static void silence_means_nothing_once_the_first_line_had_an_end(void **state)
{
	const struct heard *heard = *state;

	feed(*state, "Ann\nhel");
	assert_false(line_parser_waits(&heard->parser));
	silence(*state);
	assert_heard(*state, "[Ann]");
	feed(*state, "lo\n");
	assert_heard(*state, "[hello]");
}

static void at_the_end_what_is_left_is_a_line_whoever_sent_it(void **state)
{
	struct heard *heard = *state;

	feed(heard, "Ann\nhel");
	line_parser_finish(&heard->parser, hear, heard);
	assert_heard(heard, "[Ann][hel]");
	line_parser_finish(&heard->parser, hear, heard);
	assert_heard(heard, "");
}

static void an_empty_first_line_is_an_end_too_and_is_heard(void **state)
{
	feed(*state, "\nhel");
	silence(*state);
	feed(*state, "lo\n\n");
	assert_heard(*state, "[][hello]");
}

static void what_is_no_utf8_is_replaced_and_never_passed_on(void **state)
{
	feed(*state, "\xff\xc3\n\xe2\x82z\xed\xa0\x80\n");
	line_parser_feed(&((struct heard *)*state)->parser, "a\0b\n", 4, hear,
			 *state);
	assert_heard(*state, "[\xef\xbf\xbd\xef\xbf\xbd]"
			     "[\xef\xbf\xbdz\xef\xbf\xbd\xef\xbf\xbd"
			     "\xef\xbf\xbd]"
			     "[a\xef\xbf\xbd"
			     "b]");
}

static void feed_many(struct heard *heard, char byte, size_t count)
{
	char chunk[1000];

	memset(chunk, byte, sizeof(chunk));
	for (; count >= sizeof(chunk); count -= sizeof(chunk))
		line_parser_feed(&heard->parser, chunk, sizeof(chunk), hear,
				 heard);
	line_parser_feed(&heard->parser, chunk, count, hear, heard);
}

static void a_line_without_end_is_said_once_and_takes_no_memory(void **state)
{
	struct heard *heard = *state;

	feed(heard, "Ann\n");
	feed_many(heard, 'x', 10 * 1000 * 1000);
	assert_heard(heard, "[Ann][!]");
	assert_int_equal(heard->parser.cap, 0);
	feed(heard, "rest\nnext\n");
	assert_heard(heard, "[next]");
}

static void a_line_of_the_largest_size_passes(void **state)
{
	struct heard *heard = *state;

	feed_many(heard, 'x', LINE_TEXT_MAX);
	feed(heard, "\n");
	assert_int_equal(heard->longest, LINE_TEXT_MAX);
	feed_many(heard, 'x', LINE_TEXT_MAX + 1);
	assert_heard(heard, "[xxxxxxxxxxxxxxxxxxxx][!]");
}

static void a_file_may_be_longer_however_it_is_cut(void **state)
{
	struct heard *heard = *state;

	feed(heard, "__FI");
	feed(heard, "LE__|a.png|image/png|3|");
	feed_many(heard, 'A', 2796204);
	feed(heard, "\n");
	assert_heard(heard, "[__FILE__|a.png|image]");
	feed(heard, "__FILE__|");
	feed_many(heard, 'A', LINE_FILE_MAX);
	assert_heard(heard, "[!]");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(lines_end_with_lf_or_crlf_and_are_trimmed),
		TEST(a_line_may_come_byte_by_byte),
		TEST(silence_ends_a_line_of_who_never_ends_them),
		TEST(silence_means_nothing_once_the_first_line_had_an_end),
		TEST(at_the_end_what_is_left_is_a_line_whoever_sent_it),
		TEST(an_empty_first_line_is_an_end_too_and_is_heard),
		TEST(what_is_no_utf8_is_replaced_and_never_passed_on),
		TEST(a_line_without_end_is_said_once_and_takes_no_memory),
		TEST(a_line_of_the_largest_size_passes),
		TEST(a_file_may_be_longer_however_it_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
