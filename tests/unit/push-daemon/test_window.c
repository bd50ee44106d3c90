#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "window.h"

static struct window window;
static bool lost;

static int setup(void **state)
{
	(void)state;
	window = (struct window){0};
	return 0;
}

static enum window_verdict enter(int64_t number)
{
	return window_enter(&window, number, &lost);
}

static void what_came_once_is_seen_the_second_time(void **state)
{
	(void)state;
	assert_int_equal(enter(7), WINDOW_NEW);
	assert_int_equal(enter(7), WINDOW_SEEN);
	assert_int_equal(enter(8), WINDOW_NEW);
	assert_int_equal(enter(7), WINDOW_SEEN);
	assert_int_equal(enter(8), WINDOW_SEEN);
}

static void a_late_one_is_new_and_fills_its_hole(void **state)
{
	(void)state;
	enter(1);
	enter(5);
	assert_int_equal(window.missing, 3);
	assert_int_equal(enter(3), WINDOW_NEW);
	assert_int_equal(window.missing, 2);
	assert_int_equal(enter(3), WINDOW_SEEN);
	enter(2);
	enter(4);
	assert_int_equal(window.missing, 0);
}

static void below_the_first_number_nothing_is_missing(void **state)
{
	(void)state;
	enter(1000);
	assert_int_equal(window.missing, 0);
	assert_int_equal(enter(998), WINDOW_NEW);
	assert_int_equal(window.missing, 0);
	assert_int_equal(enter(998), WINDOW_SEEN);
}

static void a_thousand_and_twenty_four_below_are_remembered(void **state)
{
	(void)state;
	for (int64_t n = 1; n <= 3000; n++)
		assert_int_equal(enter(n), WINDOW_NEW);
	for (int64_t n = 3000 - 1024; n <= 3000; n++)
		assert_int_equal(enter(n), WINDOW_SEEN);
	assert_int_equal(enter(1), WINDOW_TOO_OLD);
	assert_int_equal(window.missing, 0);
}

static void a_jump_that_leaves_one_behind_is_told(void **state)
{
	(void)state;
	enter(1);
	enter(3);
	assert_false(lost);
	enter(1023);
	assert_false(lost);
	assert_int_equal(window.missing, 1 + 1019);
	enter(3000);
	assert_true(lost);
	assert_int_equal(enter(2), WINDOW_TOO_OLD);
}

static void a_jump_over_more_than_the_window_is_told(void **state)
{
	(void)state;
	enter(1);
	assert_int_equal(enter(1000000), WINDOW_NEW);
	assert_true(lost);
	assert_int_equal(enter(1), WINDOW_TOO_OLD);
	assert_int_equal(enter(1000000), WINDOW_SEEN);
	assert_int_equal(enter(999999), WINDOW_NEW);
}

static void a_jump_that_leaves_only_seen_ones_behind_is_not(void **state)
{
	(void)state;
	for (int64_t n = 1; n <= 100; n++)
		enter(n);
	enter(1100);
	assert_false(lost);
	assert_int_equal(window.missing, 999);
}

static void forgotten_holes_are_not_missing_but_still_new(void **state)
{
	(void)state;
	enter(1);
	enter(5);
	enter(9);
	assert_int_equal(window_missing_to(&window, 5), 3);
	window_forget_to(&window, 5);
	assert_int_equal(window.missing, 3);
	assert_int_equal(window_missing_to(&window, 5), 0);
	assert_int_equal(enter(2), WINDOW_NEW);
	assert_int_equal(window.missing, 3);
}

static void after_a_skip_the_next_higher_leaves_no_hole(void **state)
{
	(void)state;
	enter(1);
	enter(5);
	window_skip(&window);
	assert_int_equal(window.missing, 0);
	assert_int_equal(enter(5), WINDOW_SEEN);
	assert_int_equal(enter(50), WINDOW_NEW);
	assert_false(lost);
	assert_int_equal(window.missing, 0);
	assert_int_equal(enter(5), WINDOW_SEEN);
	assert_int_equal(enter(51), WINDOW_NEW);
	assert_int_equal(enter(53), WINDOW_NEW);
	assert_int_equal(window.missing, 1);
}

static void no_counter_has_such_numbers(void **state)
{
	(void)state;
	assert_int_equal(enter(0), WINDOW_TOO_OLD);
	assert_int_equal(enter(-5), WINDOW_TOO_OLD);
	assert_int_equal(enter(INT64_MAX), WINDOW_TOO_OLD);
	assert_int_equal(window.highest, 0);
}

/* Against a model that remembers everything. */
static void it_agrees_with_a_plain_list(void **state)
{
	(void)state;
	enum { MOST = 20000 };
	static bool seen[MOST + 1];
	int64_t first = 0, highest = 0;

	srand(7);
	memset(seen, 0, sizeof(seen));
	for (int i = 0; i < 200000; i++) {
		int64_t number = highest - 600 + rand() % 640;

		if (number < 1 || number > MOST)
			number = 1 + rand() % 64;
		enum window_verdict verdict = enter(number);

		if (verdict == WINDOW_TOO_OLD) {
			assert_true(number < highest - 1024);
			continue;
		}
		assert_int_equal(verdict,
				 seen[number] ? WINDOW_SEEN : WINDOW_NEW);
		seen[number] = true;
		first = first == 0 ? number : first;
		highest = number > highest ? number : highest;

		uint32_t missing = 0;

		for (int64_t n = window.low; i % 100 == 0 && n < highest; n++)
			missing += !seen[n];
		if (i % 100 == 0)
			assert_int_equal(window.missing, missing);
	}
	assert_true(highest > 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_came_once_is_seen_the_second_time,
				       setup),
		cmocka_unit_test_setup(a_late_one_is_new_and_fills_its_hole,
				       setup),
		cmocka_unit_test_setup(
			below_the_first_number_nothing_is_missing, setup),
		cmocka_unit_test_setup(
			a_thousand_and_twenty_four_below_are_remembered, setup),
		cmocka_unit_test_setup(a_jump_that_leaves_one_behind_is_told,
				       setup),
		cmocka_unit_test_setup(a_jump_over_more_than_the_window_is_told,
				       setup),
		cmocka_unit_test_setup(
			a_jump_that_leaves_only_seen_ones_behind_is_not, setup),
		cmocka_unit_test_setup(
			forgotten_holes_are_not_missing_but_still_new, setup),
		cmocka_unit_test_setup(
			after_a_skip_the_next_higher_leaves_no_hole, setup),
		cmocka_unit_test_setup(no_counter_has_such_numbers, setup),
		cmocka_unit_test_setup(it_agrees_with_a_plain_list, setup),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
