#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "line_words.h"
#include "mem.h"

static char line[256];

static struct line_word read_as(const char *text, bool ends_lines)
{
	struct line_word word;

	snprintf(line, sizeof(line), "%s", text);
	line_word_read(line, ends_lines, &word);
	return word;
}

static void assert_kind(const char *text, enum line_word_kind kind,
			const char *value)
{
	struct line_word word = read_as(text, true);

	assert_int_equal(word.kind, kind);
	assert_string_equal(word.text, value);
}

static void control_lines_carry_a_value(void **state)
{
	(void)state;
	assert_kind("__CLIENT_NAME__:Ann B", LINE_WORD_NAME, "Ann B");
	assert_kind("__CLIENT_NAME__: ", LINE_WORD_NAME, "");
	assert_kind("__CLIENT_STATUS__:busy", LINE_WORD_STATUS, "busy");
	assert_kind("__CLIENT_AVATAR__:\xf0\x9f\x99\x82", LINE_WORD_AVATAR,
		    "\xf0\x9f\x99\x82");
	assert_kind("say __CLIENT_NAME__:x", LINE_WORD_TEXT,
		    "say __CLIENT_NAME__:x");
}

static void goodbyes_stand_alone_in_any_case(void **state)
{
	static const char *const words[] = {
		"quit",	     "exit",   "au revoir", "Aurevoir",
		"À PLUS",    "a plus", "BYE",	    "goodbye",
		"Ciao",	     "tchao",  "bye bye",   "À Bientôt",
		"a bientot", "adieu",  "fin",	    "SALUT",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(words); i++)
		assert_int_equal(read_as(words[i], true).kind,
				 LINE_WORD_GOODBYE);
	assert_int_equal(read_as("bye then", true).kind, LINE_WORD_TEXT);
	assert_int_equal(read_as("salut", false).kind, LINE_WORD_TEXT);
}

static void a_file_has_four_fields_and_its_name_may_have_more(void **state)
{
	struct line_word word =
		read_as("__FILE__|a.png|image/png|3|QUJD", true);

	(void)state;
	assert_int_equal(word.kind, LINE_WORD_FILE);
	assert_string_equal(word.name, "a.png");
	assert_string_equal(word.mime, "image/png");
	assert_string_equal(word.base64, "QUJD");

	word = read_as("__FILE__|a|b.png|image/png||QUJD", true);
	assert_int_equal(word.kind, LINE_WORD_FILE);
	assert_string_equal(word.name, "a|b.png");
	assert_string_equal(word.base64, "QUJD");

	assert_int_equal(read_as("__FILE__|a.png|QUJD", true).kind,
			 LINE_WORD_BAD_FILE);
	assert_int_equal(read_as("__FILE__|a.png|image/png|3|", true).kind,
			 LINE_WORD_BAD_FILE);
}

static void a_slash_word_is_read_and_left_whole(void **state)
{
	struct line_word word = read_as("/msg bob  hello there", true);

	(void)state;
	assert_int_equal(word.kind, LINE_WORD_SLASH);
	assert_string_equal(word.command, "msg");
	assert_string_equal(word.arguments, "bob  hello there");
	assert_string_equal(word.text, "/msg bob  hello there");

	word = read_as("/who", true);
	assert_string_equal(word.command, "who");
	assert_string_equal(word.arguments, "");

	assert_int_equal(read_as("/", true).kind, LINE_WORD_TEXT);
	assert_int_equal(read_as("/etc/passwd", true).kind, LINE_WORD_TEXT);
	assert_int_equal(read_as("/Shrug", true).kind, LINE_WORD_TEXT);
	assert_int_equal(read_as("[ENCRYPTED]aGk=", true).kind, LINE_WORD_TEXT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(control_lines_carry_a_value),
		cmocka_unit_test(goodbyes_stand_alone_in_any_case),
		cmocka_unit_test(
			a_file_has_four_fields_and_its_name_may_have_more),
		cmocka_unit_test(a_slash_word_is_read_and_left_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
