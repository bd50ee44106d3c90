#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "line_outbox.h"
#include "mem.h"

#define MAX 20000
#define E_ACUTE "\xc3\xa9"

struct box {
	struct line_outbox outbox;
	int64_t now;
};

static int begin(void **state)
{
	struct box *box = xcalloc(1, sizeof(*box));

	line_outbox_init(&box->outbox, MAX);
	box->now = 1000;
	*state = box;
	return 0;
}

static int end(void **state)
{
	struct box *box = *state;

	line_outbox_done(&box->outbox);
	free(box);
	return 0;
}

static void add(struct box *box, const char *text)
{
	assert_true(line_outbox_add(&box->outbox, text, strlen(text)));
}

/* count characters, then an LF */
static void add_line(struct box *box, const char *character, size_t count)
{
	char *line = xmalloc(count * strlen(character) + 2);

	line[0] = '\0';
	for (size_t i = 0; i < count; i++)
		memcpy(line + i * strlen(character), character,
		       strlen(character) + 1);
	strcat(line, "\n");
	add(box, line);
	free(line);
}

/* Bytes of a write now, all of which are taken. */
static size_t write_one(struct box *box)
{
	const char *data;
	size_t len = line_outbox_ready(&box->outbox, box->now, &data);

	if (len > 0)
		line_outbox_wrote(&box->outbox, len, box->now);
	return len;
}

static void who_ends_lines_gets_whole_lines_of_one_read(void **state)
{
	struct box *box = *state;

	box->outbox.ends = true;
	add_line(box, "a", 600);
	add_line(box, "b", 400);
	add_line(box, E_ACUTE, 500);
	assert_int_equal(write_one(box), 601 + 401);
	assert_int_equal(write_one(box), 0);
	box->now += LINE_PAUSE_MS;
	assert_int_equal(write_one(box), 1001);
	box->now += LINE_PAUSE_MS;
	assert_int_equal(write_one(box), 0);
}

static void a_longer_line_is_a_write_of_its_own(void **state)
{
	struct box *box = *state;

	box->outbox.ends = true;
	add_line(box, "a", 5000);
	add_line(box, "b", 1);
	assert_int_equal(write_one(box), 5001);
	box->now += LINE_PAUSE_MS;
	assert_int_equal(write_one(box), 2);
}

static void who_does_not_gets_one_read_for_each_send(void **state)
{
	struct box *box = *state;

	add(box, "one\n");
	assert_int_equal(write_one(box), 0);
	box->outbox.awaits = true;
	add(box, "two\n");
	assert_int_equal(write_one(box), 8);
	add(box, "three\n");
	assert_int_equal(write_one(box), 0);
	box->outbox.awaits = true;
	assert_int_equal(write_one(box), 6);
}

static void a_read_of_theirs_never_ends_within_a_character(void **state)
{
	struct box *box = *state;

	add(box, "a");
	add_line(box, E_ACUTE, 600);
	box->outbox.awaits = true;
	assert_int_equal(write_one(box), 1023);
	box->outbox.awaits = true;
	assert_int_equal(write_one(box), 1 + 1200 + 1 - 1023);
}

static void
a_write_that_was_cut_short_goes_on_before_anything_else(void **state)
{
	struct box *box = *state;
	const char *data;

	add_line(box, "a", 99);
	box->outbox.awaits = true;
	assert_int_equal(line_outbox_ready(&box->outbox, box->now, &data), 100);
	line_outbox_wrote(&box->outbox, 40, box->now);
	add(box, "b\n");
	assert_int_equal(write_one(box), 60);
	assert_int_equal(write_one(box), 0);
	assert_int_equal(line_outbox_waiting(&box->outbox), 2);
}

static void what_waits_is_bounded(void **state)
{
	struct box *box = *state;
	char line[MAX];

	memset(line, 'a', MAX);
	assert_true(line_outbox_add(&box->outbox, line, MAX));
	assert_false(line_outbox_add(&box->outbox, "b", 1));
	assert_int_equal(line_outbox_waiting(&box->outbox), MAX);
}

static void behind_a_file_as_much_may_wait(void **state)
{
	struct box *box = *state;
	char file[3 * MAX], line[MAX];

	memset(file, 'f', sizeof(file));
	memset(line, 'a', MAX);
	assert_true(line_outbox_add_file(&box->outbox, file, sizeof(file)));
	assert_true(line_outbox_add(&box->outbox, line, MAX));
	assert_false(line_outbox_add(&box->outbox, "b", 1));
	assert_false(line_outbox_add_file(&box->outbox, "b", 1));
	box->outbox.hurries = true;
	write_one(box);
	assert_true(line_outbox_add(&box->outbox, line, MAX));
	assert_false(line_outbox_add(&box->outbox, "b", 1));
}

static void the_last_words_go_at_once(void **state)
{
	struct box *box = *state;

	add_line(box, "a", 3000);
	box->outbox.hurries = true;
	assert_int_equal(write_one(box), 3001);
	assert_null(box->outbox.data);
	assert_int_equal(box->outbox.added, 3001);
	assert_int_equal(box->outbox.written, 3001);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_ends_lines_gets_whole_lines_of_one_read),
		TEST(a_longer_line_is_a_write_of_its_own),
		TEST(who_does_not_gets_one_read_for_each_send),
		TEST(a_read_of_theirs_never_ends_within_a_character),
		TEST(a_write_that_was_cut_short_goes_on_before_anything_else),
		TEST(what_waits_is_bounded),
		TEST(behind_a_file_as_much_may_wait),
		TEST(the_last_words_go_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
