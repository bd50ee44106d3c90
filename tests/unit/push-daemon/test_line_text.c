#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "json.h"
#include "line_name.h"
#include "line_outbox.h"
#include "line_text.h"
#include "mem.h"
#include "text.h"

#define ME "aaaaaaaaaaaaaaaaaaaaaaaa"
#define BOB "bbbbbbbbbbbbbbbbbbbbbbbb"
#define SUPPORT "cccccccccccccccccccccccc"
#define E_ACUTE "\xc3\xa9"
#define UNKNOWN "\xef\xbf\xbd"

static const struct line_reader reader = {ME, SUPPORT, true};

struct message {
	const char *sender, *name, *conversation, *content;
	const char *file; /* its name; NULL: none */
};

#define MESSAGE(sender, name, conversation, content)                           \
	&(struct message)                                                      \
	{                                                                      \
		sender, name, conversation, content, NULL                      \
	}
#define FILE_OF(sender, name, conversation, file)                              \
	&(struct message)                                                      \
	{                                                                      \
		sender, name, conversation, "", file                           \
	}

static struct json_object *body_of(const struct message *message)
{
	struct json_object *body = json_new_object();

	json_put_string(body, "sender", message->sender);
	json_put_string(body, "senderName", message->name);
	json_put_string(body, "conversationId", message->conversation);
	json_put_string(body, "content", message->content);
	if (message->file != NULL) {
		struct json_object *file = json_new_object();

		json_put_string(file, "name", message->file);
		json_put_int(file, "size", 20480);
		json_put(body, "attachment", file);
	}
	return body;
}

static void show(struct buf *out, const struct line_reader *to,
		 const struct message *message)
{
	struct json_object *body = body_of(message);

	buf_init(out, SIZE_MAX / 2);
	buf_adds(out, "");
	line_text_message(out, to, body, true);
	json_free(body);
}

static void assert_shown(const struct message *message, const char *lines)
{
	struct buf out;

	show(&out, &reader, message);
	assert_string_equal(out.data, lines);
	buf_done(&out);
}

static void operators_speak_plainly_and_others_under_their_name(void **state)
{
	(void)state;
	assert_shown(MESSAGE(BOB, "Bob", SUPPORT, "one\r\n\n two "),
		     "one\n two \n");
	assert_shown(MESSAGE(BOB, "Bob", BOB, "one\n\ntwo"),
		     "Bob: one\nBob: two\n");
	assert_shown(MESSAGE(ME, "Ann", SUPPORT, "mine"), "");
	assert_shown(FILE_OF(BOB, "Bob", BOB, "a|b.pdf"),
		     "Bob: [a|b.pdf, 20 KiB]\n");
}

static void assert_own(const struct message *message, const char *lines)
{
	struct json_object *body = body_of(message);
	struct buf out;

	buf_init(&out, SIZE_MAX / 2);
	line_text_own(&out, &reader, body);
	assert_string_equal(out.data, lines);
	buf_done(&out);
	json_free(body);
}

static void what_is_their_own_is_marked_its_file_too(void **state)
{
	(void)state;
	assert_own(MESSAGE(ME, "Ann", SUPPORT, "one\n\ntwo"), "> one\n> two\n");
	assert_own(FILE_OF(ME, "Ann", SUPPORT, "a.pdf"), "> [a.pdf, 20 KiB]\n");
}

static void nothing_of_others_steers_a_terminal_or_ends_a_line(void **state)
{
	(void)state;
	assert_shown(MESSAGE(BOB, "B\x1b[2Job\n", BOB,
			     "a\x1b[31m\xc2\x9b"
			     "b\tc"),
		     "B" UNKNOWN "[2Job : a" UNKNOWN "[31m" UNKNOWN "b\tc\n");
	assert_shown(MESSAGE(BOB, "Bob", BOB,
			     "a\x0bquit\x1c"
			     "b\xc2\x85"
			     "c\xe2\x80\xa8quit"),
		     "Bob: a\nBob: quit\nBob: b\nBob: c\nBob: quit\n");
}

static void nobody_else_speaks_for_the_server(void **state)
{
	(void)state;
	assert_shown(MESSAGE(BOB, "Bob", SUPPORT,
			     "x\n__SERVER_NAME__:Eve\n__FILE__|a|b"),
		     "x\n __SERVER_NAME__:Eve\n __FILE__|a|b\n");
	assert_shown(MESSAGE(BOB, "__SERVER_NAME__", BOB, "Eve"),
		     " __SERVER_NAME__: Eve\n");
}

static void what_the_pages_encrypted_stands_at_the_start_of_a_line(void **state)
{
	(void)state;
	assert_shown(MESSAGE(BOB, "Bob", BOB, "[ENCRYPTED]ab+/c=="),
		     "[ENCRYPTED]ab+/c==\n");
	assert_shown(MESSAGE(BOB, "Bob", BOB, "[ENCRYPTED]ab\nquit"),
		     "Bob: [ENCRYPTED]ab\nBob: quit\n");
}

static char *many(const char *character, size_t count)
{
	struct buf text;

	buf_init(&text, SIZE_MAX / 2);
	for (size_t i = 0; i < count; i++)
		buf_adds(&text, character);
	return buf_take(&text);
}

/* Each line is good UTF-8, fits a read, and has the name; together they have
 * so many characters. */
static void a_long_line_is_cut_between_characters(void **state)
{
	char *text = many("a " E_ACUTE, 1500), *line, *rest;
	struct buf out;
	size_t letters = 0;

	(void)state;
	show(&out, &reader, MESSAGE(BOB, "Bob", BOB, text));
	rest = out.data;
	while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
		assert_true(strlen(line) < LINE_READ);
		assert_true(text_valid(line, strlen(line)));
		assert_memory_equal(line, "Bob: ", 5);
		for (const char *at = line; (at = strstr(at, E_ACUTE)) != NULL;
		     at++)
			letters++;
	}
	assert_int_equal(letters, 1500);
	buf_done(&out);
	free(text);
}

static void one_of_ascii_is_not_nor_one_to_who_ends_no_lines(void **state)
{
	static const struct line_reader terminal = {ME, SUPPORT, false};
	char *ascii = many("a", 5000), *other = many(E_ACUTE, 2000);
	struct buf out;

	(void)state;
	show(&out, &reader, MESSAGE(BOB, "Bob", SUPPORT, ascii));
	assert_int_equal(out.len, 5001);
	buf_done(&out);
	show(&out, &terminal, MESSAGE(BOB, "Bob", SUPPORT, other));
	assert_int_equal(out.len, 4001);
	buf_done(&out);
	free(ascii);
	free(other);
}

static void a_name_becomes_one_that_a_guest_may_have(void **state)
{
	static const char *const names[][3] = {
		{"Ann", "Ann", ""},
		{"Ann  de\tVil", "Ann_de_Vil", "Ann  deVil"},
		{"a@b", "a_b", "a@b"},
		{"", "", ""},
		{"@", "", ""},
		{"\xe2\x80\x8b", "", ""},
		{E_ACUTE "ve", E_ACUTE "ve", ""},
		{"0123456789012345678901234567890123",
		 "01234567890123456789012345678901",
		 "0123456789012345678901234567890123"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct line_name name;

		line_name_read(names[i][0], &name);
		assert_string_equal(name.username, names[i][1]);
		assert_string_equal(name.display_name, names[i][2]);
		line_name_done(&name);
	}
	assert_true(line_name_is_message("hello you"));
	assert_false(line_name_is_message("Ann"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			operators_speak_plainly_and_others_under_their_name),
		cmocka_unit_test(what_is_their_own_is_marked_its_file_too),
		cmocka_unit_test(
			nothing_of_others_steers_a_terminal_or_ends_a_line),
		cmocka_unit_test(nobody_else_speaks_for_the_server),
		cmocka_unit_test(
			what_the_pages_encrypted_stands_at_the_start_of_a_line),
		cmocka_unit_test(a_long_line_is_cut_between_characters),
		cmocka_unit_test(
			one_of_ascii_is_not_nor_one_to_who_ends_no_lines),
		cmocka_unit_test(a_name_becomes_one_that_a_guest_may_have),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
