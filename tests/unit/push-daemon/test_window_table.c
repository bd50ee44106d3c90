#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "heal.h"
#include "window_table.h"

#define HOLE_MS 200
#define CONVERSATION "aaaaaaaaaaaaaaaaaaaaaaaa"
#define WALL 5000000

static struct window_table *table;
static struct heal heal;
static char told[100];
static int tellings;

static void lost(const char *rooms, void *user)
{
	(void)user;
	snprintf(told, sizeof(told), "%s", rooms);
	tellings++;
}

static int setup(void **state)
{
	(void)state;
	const struct window_table_config config = {2, HOLE_MS, lost, NULL};

	table = window_table_new(&config);
	heal_init(&heal, true, 0);
	tellings = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	window_table_free(table);
	return 0;
}

static enum window_verdict enter(const char *conversation, int64_t number,
				 int64_t now)
{
	return window_table_enter(table, conversation, WINDOW_MESSAGES, number,
				  "u:one u:two", now, WALL + now);
}

/* Whatever heal wants to do, done, with nothing found. */
static bool heal_once(int64_t now)
{
	int64_t since;

	if (heal_next(&heal, now, WALL + now, &since) != HEAL_ASK)
		return false;
	heal_answer(&heal, NULL);
	return true;
}

static void a_hole_is_asked_for_when_it_is_due(void **state)
{
	(void)state;
	int64_t since;

	enter(CONVERSATION, 1, 0);
	enter(CONVERSATION, 3, 100);
	window_table_tick(table, &heal, 100 + HOLE_MS - 1);
	assert_false(heal.pending);
	window_table_tick(table, &heal, 100 + HOLE_MS);
	assert_int_equal(heal_next(&heal, 300, WALL + 300, &since), HEAL_ASK);
	assert_int_equal(since, WALL + 100);
}

static void a_hole_that_closes_by_itself_is_not_asked_for(void **state)
{
	(void)state;
	enter(CONVERSATION, 1, 0);
	enter(CONVERSATION, 3, 0);
	assert_int_equal(window_table_holes(table), 1);
	enter(CONVERSATION, 2, 150);
	assert_int_equal(window_table_holes(table), 0);
	window_table_tick(table, &heal, 1000);
	assert_false(heal.pending);
}

static void two_looks_without_success_tell_its_rooms(void **state)
{
	(void)state;
	int64_t now = HOLE_MS;
	int looks = 0;

	enter(CONVERSATION, 1, 0);
	enter(CONVERSATION, 3, 0);
	for (; tellings == 0 && now < 5000; now += 50) {
		window_table_tick(table, &heal, now);
		looks += heal_once(now);
	}
	assert_int_equal(looks, 2);
	assert_string_equal(told, "u:one u:two");
	assert_int_equal(window_table_holes(table), 0);
	assert_int_equal(enter(CONVERSATION, 2, now), WINDOW_NEW);
}

static void a_younger_hole_is_not_given_up_with_an_older_one(void **state)
{
	(void)state;
	enter(CONVERSATION, 1, 0);
	enter(CONVERSATION, 3, 0);
	window_table_tick(table, &heal, 200);
	heal_once(200);
	window_table_tick(table, &heal, 250); /* not filled: waits again */
	window_table_tick(table, &heal, 450); /* second look */
	enter(CONVERSATION, 5, 460);	      /* the younger one, 4 */
	heal_once(470);
	window_table_tick(table, &heal, 500);
	assert_int_equal(tellings, 1);
	assert_int_equal(window_table_holes(table), 1);
	window_table_tick(table, &heal, 700);
	assert_true(heal.pending);
}

static void with_healing_off_holes_stay(void **state)
{
	(void)state;
	heal_init(&heal, false, 0);
	enter(CONVERSATION, 1, 0);
	enter(CONVERSATION, 3, 0);
	for (int64_t now = 0; now < 5000; now += 50)
		window_table_tick(table, &heal, now);
	assert_int_equal(tellings, 0);
	assert_int_equal(window_table_holes(table), 1);
}

static void the_quietest_conversation_goes_first(void **state)
{
	(void)state;
	enter("111111111111111111111111", 1, 0);
	enter("222222222222222222222222", 1, 0);
	enter("111111111111111111111111", 2, 0);
	enter("333333333333333333333333", 1, 0);
	assert_int_equal(window_table_count(table), 2);
	assert_int_equal(enter("111111111111111111111111", 2, 0), WINDOW_SEEN);
	assert_int_equal(enter("222222222222222222222222", 1, 0), WINDOW_NEW);
	assert_int_equal(tellings, 0);
}

static void a_conversation_that_goes_with_a_hole_is_told(void **state)
{
	(void)state;
	enter("111111111111111111111111", 1, 0);
	enter("111111111111111111111111", 3, 0);
	enter("222222222222222222222222", 1, 0);
	enter("333333333333333333333333", 1, 0);
	assert_int_equal(tellings, 1);
	assert_int_equal(window_table_holes(table), 0);
}

static void messages_and_changes_are_counted_apart(void **state)
{
	(void)state;
	enter(CONVERSATION, 1, 0);
	assert_int_equal(window_table_enter(table, CONVERSATION, WINDOW_CHANGES,
					    1, "u:one", 0, WALL),
			 WINDOW_NEW);
	assert_int_equal(window_table_enter(table, CONVERSATION, WINDOW_CHANGES,
					    1, "u:one", 0, WALL),
			 WINDOW_SEEN);
}

static void after_a_sync_of_everyone_no_hole_is_left(void **state)
{
	(void)state;
	enter(CONVERSATION, 1, 0);
	enter(CONVERSATION, 3, 0);
	window_table_skip_all(table);
	assert_int_equal(window_table_holes(table), 0);
	enter(CONVERSATION, 9, 0);
	assert_int_equal(window_table_holes(table), 0);
	assert_int_equal(enter(CONVERSATION, 3, 0), WINDOW_SEEN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_hole_is_asked_for_when_it_is_due),
		TEST(a_hole_that_closes_by_itself_is_not_asked_for),
		TEST(two_looks_without_success_tell_its_rooms),
		TEST(a_younger_hole_is_not_given_up_with_an_older_one),
		TEST(with_healing_off_holes_stay),
		TEST(the_quietest_conversation_goes_first),
		TEST(a_conversation_that_goes_with_a_hole_is_told),
		TEST(messages_and_changes_are_counted_apart),
		TEST(after_a_sync_of_everyone_no_hole_is_left),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
