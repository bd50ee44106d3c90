#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "ids.h"
#include "moves.h"

#define ANN "aaaaaaaaaaaaaaaaaaaaaaaa"
#define BOB "bbbbbbbbbbbbbbbbbbbbbbbb"
#define MAX 3

static struct moves *moves;

static int setup(void **state)
{
	(void)state;
	moves = moves_new(MAX);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	moves_free(moves);
	return 0;
}

static const char *at(unsigned number)
{
	static char position[ID_SIZE];

	snprintf(position, sizeof(position), "%024x", number);
	return position;
}

static enum moves_verdict enter(const char *user, const char *room,
				unsigned number)
{
	return moves_enter(moves, user, room, at(number));
}

static void what_is_older_than_the_newest_is_overtaken(void **state)
{
	(void)state;
	assert_int_equal(enter(ANN, "c:1", 20), MOVES_NEWEST);
	assert_int_equal(enter(ANN, "c:1", 19), MOVES_OVERTAKEN);
	assert_int_equal(enter(ANN, "c:1", 20), MOVES_NEWEST);
	assert_int_equal(enter(ANN, "c:1", 21), MOVES_NEWEST);
	assert_int_equal(enter(ANN, "c:1", 20), MOVES_OVERTAKEN);
}

static void another_users_and_another_rooms_are_others(void **state)
{
	(void)state;
	assert_int_equal(enter(ANN, "c:1", 20), MOVES_NEWEST);
	assert_int_equal(enter(BOB, "c:1", 10), MOVES_NEWEST);
	assert_int_equal(enter(ANN, "c:2", 10), MOVES_NEWEST);
}

static void of_what_was_forgotten_nobody_can_say_whether_it_holds(void **state)
{
	(void)state;
	enter(ANN, "c:1", 20);
	enter(ANN, "c:2", 30);
	enter(ANN, "c:3", 40);
	enter(ANN, "c:1", 21); /* noted last now */
	enter(ANN, "c:4", 50);
	assert_int_equal(enter(ANN, "c:2", 29), MOVES_FORGOTTEN);
	assert_int_equal(enter(BOB, "c:9", 30), MOVES_FORGOTTEN);
	assert_int_equal(enter(ANN, "c:1", 20), MOVES_OVERTAKEN);
	assert_int_equal(enter(ANN, "c:1", 21), MOVES_NEWEST);
	assert_int_equal(enter(ANN, "c:2", 31), MOVES_NEWEST);
}

static bool is_past(const char *user, const char *room, unsigned number)
{
	return moves_is_past(moves, user, room, at(number));
}

static void what_is_older_than_a_move_is_past_for_who_moved(void **state)
{
	(void)state;
	assert_false(moves_any_past(moves, at(1)));
	enter(ANN, "c:1", 20);
	enter(BOB, "c:1", 10);
	assert_true(is_past(ANN, "c:1", 19));
	assert_false(is_past(ANN, "c:1", 20));
	assert_false(is_past(BOB, "c:1", 19));
	assert_false(is_past(ANN, "c:2", 19));
	assert_true(moves_any_past(moves, at(19)));
	assert_false(moves_any_past(moves, at(20)));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_older_than_the_newest_is_overtaken),
		TEST(another_users_and_another_rooms_are_others),
		TEST(of_what_was_forgotten_nobody_can_say_whether_it_holds),
		TEST(what_is_older_than_a_move_is_past_for_who_moved),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
