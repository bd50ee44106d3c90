#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "ctl_commands.h"

#define WORDS_MAX 8

/* What ctl_call_read() says of words that blanks divide. */
static char *read_line(struct ctl_call *call, char *line)
{
	static char *words[WORDS_MAX + 1];
	size_t count = 0;

	for (char *word = strtok(line, " "); word != NULL;
	     word = strtok(NULL, " "))
		words[count++] = word;
	words[count] = NULL;
	return ctl_call_read(call, words);
}

static void a_command_is_found_with_its_arguments(void **state)
{
	struct ctl_call call;
	char line[] = "user role ann operator";

	(void)state;
	assert_null(read_line(&call, line));
	assert_string_equal(call.command->name, "user role");
	assert_string_equal(call.words[0], "ann");
	assert_string_equal(call.words[1], "operator");
	assert_null(call.words[2]);
	assert_false(call.json);
}

static void json_may_stand_anywhere_behind_the_command(void **state)
{
	struct ctl_call call;
	char first[] = "user --json add ann";
	char last[] = "verify --json";

	(void)state;
	assert_null(read_line(&call, first));
	assert_true(call.json);
	assert_string_equal(call.words[0], "ann");
	assert_null(call.words[1]);
	assert_null(read_line(&call, last));
	assert_true(call.json);
	assert_null(call.words[0]);
}

static void what_is_wrong_is_said_in_one_line(void **state)
{
	static const struct {
		const char *said, *wrong;
	} rows[] = {
		{"", ": no such command; see --help"},
		{"colour red", "colour: no such command; see --help"},
		{"user", "user: no such command; see --help"},
		{"user colour ann", "user colour: no such command; see --help"},
		{"verify all", "verify: nothing may follow it"},
		{"user add", "this is: palabrectl user add NAME [EMAIL]"},
		{"user add a b c", "this is: palabrectl user add NAME [EMAIL]"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ctl_call call;
		char line[80];

		strcpy(line, rows[i].said);
		char *wrong = read_line(&call, line);

		assert_string_equal(wrong, rows[i].wrong);
		free(wrong);
	}
}

static void help_has_each_command_in_80_columns(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 65536);
	ctl_commands_help(&out);
	for (size_t i = 0; ctl_commands[i].name != NULL; i++)
		assert_non_null(strstr(out.data, ctl_commands[i].name));
	for (const char *at = out.data; *at != '\0'; at++) {
		size_t len = strcspn(at, "\n");

		assert_in_range(len, 3, 79);
		assert_int_not_equal(at[len - 1], ' ');
		at += len;
	}
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_is_found_with_its_arguments),
		cmocka_unit_test(json_may_stand_anywhere_behind_the_command),
		cmocka_unit_test(what_is_wrong_is_said_in_one_line),
		cmocka_unit_test(help_has_each_command_in_80_columns),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
