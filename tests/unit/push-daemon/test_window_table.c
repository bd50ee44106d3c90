#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "recovery.h"
#include "window_table.h"

#define HOLE_MS 200
#define CONVERSATION "aaaaaaaaaaaaaaaaaaaaaaaa"

static struct window_table *table;
static struct recovery recovery;
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
	recovery_init(&recovery, true);
	recovery_start(&recovery, "000000000000000000000000");
	tellings = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	window_table_free(table);
	return 0;
}

/* Of seq n the position ends in n. */
static enum window_verdict enter_counter(const char *conversation,
					 enum window_counter counter,
					 int64_t number, int64_t now)
{
	char position[ID_SIZE];
	const struct window_event event = {
		.conversation = conversation,
		.counter = counter,
		.number = number,
		.position = position,
		.rooms = "u:one u:two",
	};

	snprintf(position, sizeof(position), "%024d", (int)number);
	return window_table_enter(table, &event, now);
}

static enum window_verdict enter(const char *conversation, int64_t number,
				 int64_t now)
{
	return enter_counter(conversation, WINDOW_MESSAGES, number, now);
}

/* Whatever recovery wants to do, done, with nothing found. */
static bool recover_once(int64_t now)
{
	if (recovery_next(&recovery, now, window_table_floor(table)) !=
	    RECOVERY_ASK)
		return false;
	recovery_answer(&recovery, NULL);
	return true;
}

static void a_hole_is_asked_for_when_it_is_due(void **state)
{
	(void)state;
	enter(CONVERSATION, 1, 0);
	enter(CONVERSATION, 3, 100);
	window_table_tick(table, &recovery, 100 + HOLE_MS - 1);
	assert_false(recovery.pending);
	window_table_tick(table, &recovery, 100 + HOLE_MS);
	assert_int_equal(recovery_next(&recovery, 300, ""), RECOVERY_ASK);
	/* From the last number on that was there before it. */
	assert_string_equal(recovery.after, "000000000000000000000001");
}

static void the_oldest_of_several_holes_is_asked_for(void **state)
{
	(void)state;
	enter_counter(CONVERSATION, WINDOW_CHANGES, 2, 0);
	enter(CONVERSATION, 5, 0);
	enter(CONVERSATION, 7, 0);
	enter(CONVERSATION, 9, 0);
	enter_counter(CONVERSATION, WINDOW_CHANGES, 4, 0);
	window_table_tick(table, &recovery, HOLE_MS);
	assert_int_equal(recovery_next(&recovery, 300, ""), RECOVERY_ASK);
	assert_string_equal(recovery.after, "000000000000000000000002");
}

static void a_hole_that_closes_by_itself_is_not_asked_for(void **state)
{
	(void)state;
	enter(CONVERSATION, 1, 0);
	enter(CONVERSATION, 3, 0);
	assert_int_equal(window_table_holes(table), 1);
	enter(CONVERSATION, 2, 150);
	assert_int_equal(window_table_holes(table), 0);
	window_table_tick(table, &recovery, 1000);
	assert_false(recovery.pending);
}

static void two_looks_without_success_tell_its_rooms(void **state)
{
	(void)state;
	int64_t now = HOLE_MS;
	int looks = 0;

	enter(CONVERSATION, 1, 0);
	enter(CONVERSATION, 3, 0);
	for (; tellings == 0 && now < 5000; now += 50) {
		window_table_tick(table, &recovery, now);
		looks += recover_once(now);
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
	window_table_tick(table, &recovery, 200);
	recover_once(200);
	window_table_tick(table, &recovery, 250); /* not filled: waits again */
	window_table_tick(table, &recovery, 450); /* second look */
	enter(CONVERSATION, 5, 460);		  /* the younger one, 4 */
	recover_once(470);
	window_table_tick(table, &recovery, 500);
	assert_int_equal(tellings, 1);
	assert_int_equal(window_table_holes(table), 1);
	window_table_tick(table, &recovery, 700);
	assert_true(recovery.pending);
}

static void with_recovery_off_holes_stay(void **state)
{
	(void)state;
	recovery_init(&recovery, false);
	enter(CONVERSATION, 1, 0);
	enter(CONVERSATION, 3, 0);
	for (int64_t now = 0; now < 5000; now += 50)
		window_table_tick(table, &recovery, now);
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
	/* What was seen of it is forgotten: up to there nobody knows. */
	assert_string_equal(window_table_floor(table),
			    "000000000000000000000001");
	assert_int_equal(enter("222222222222222222222222", 1, 0),
			 WINDOW_FORGOTTEN);
	assert_int_equal(enter("222222222222222222222222", 2, 0), WINDOW_NEW);
	assert_int_equal(tellings, 0);
}

static void
a_number_from_before_a_conversation_was_forgotten_is_not_new(void **s)
{
	(void)s;
	enter("111111111111111111111111", 5, 0);
	enter("222222222222222222222222", 1, 0);
	enter("333333333333333333333333", 1, 0); /* the first one goes */
	assert_int_equal(enter("111111111111111111111111", 6, 0), WINDOW_NEW);
	assert_int_equal(enter("111111111111111111111111", 6, 0), WINDOW_SEEN);
	assert_int_equal(enter("111111111111111111111111", 5, 0),
			 WINDOW_FORGOTTEN);
	assert_int_equal(
		enter_counter("111111111111111111111111", WINDOW_CHANGES, 1, 0),
		WINDOW_FORGOTTEN);
	/* Behind the floor there is no doubt. */
	assert_int_equal(
		enter_counter("111111111111111111111111", WINDOW_CHANGES, 7, 0),
		WINDOW_NEW);
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
	assert_int_equal(enter_counter(CONVERSATION, WINDOW_CHANGES, 1, 0),
			 WINDOW_NEW);
	assert_int_equal(enter_counter(CONVERSATION, WINDOW_CHANGES, 1, 0),
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
		TEST(the_oldest_of_several_holes_is_asked_for),
		TEST(a_number_from_before_a_conversation_was_forgotten_is_not_new),
		TEST(a_hole_that_closes_by_itself_is_not_asked_for),
		TEST(two_looks_without_success_tell_its_rooms),
		TEST(a_younger_hole_is_not_given_up_with_an_older_one),
		TEST(with_recovery_off_holes_stay),
		TEST(the_quietest_conversation_goes_first),
		TEST(a_conversation_that_goes_with_a_hole_is_told),
		TEST(messages_and_changes_are_counted_apart),
		TEST(after_a_sync_of_everyone_no_hole_is_left),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
