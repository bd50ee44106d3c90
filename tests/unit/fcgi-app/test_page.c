#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "page.h"

static void assert_range(struct page_range got, int64_t first, int64_t last,
			 bool more)
{
	assert_int_equal(got.first, first);
	assert_int_equal(got.last, last);
	assert_int_equal(got.more, more);
}

static struct page_range ask(int64_t before, int64_t after, int64_t limit)
{
	const struct page_query query = {before, after, limit};

	return page_by_seq(&query, 1, 100);
}

static void a_page_without_a_place_is_the_newest(void **state)
{
	(void)state;
	assert_range(ask(-1, -1, 30), 71, 100, true);
	assert_range(ask(-1, -1, 100), 1, 100, false);
}

static void before_gives_the_newest_below_it(void **state)
{
	(void)state;
	assert_range(ask(71, -1, 30), 41, 70, true);
	assert_range(ask(11, -1, 30), 1, 10, false);
	assert_range(ask(5000, -1, 30), 71, 100, true);
}

static void after_gives_the_oldest_above_it(void **state)
{
	(void)state;
	assert_range(ask(-1, 0, 30), 1, 30, true);
	assert_range(ask(-1, 70, 30), 71, 100, false);
	assert_range(ask(80, 70, 30), 71, 79, false);
	assert_range(ask(80, 70, 5), 71, 75, true);
}

static bool is_empty(struct page_range range)
{
	return range.first > range.last && !range.more;
}

static void a_place_beyond_either_end_is_an_empty_page(void **state)
{
	(void)state;
	assert_true(is_empty(ask(0, -1, 30)));
	assert_true(is_empty(ask(1, -1, 30)));
	assert_true(is_empty(ask(-1, 100, 30)));
	assert_true(is_empty(ask(-1, INT64_MAX, 30)));
	assert_true(is_empty(ask(10, 20, 30)));
}

static void nobody_sees_below_his_floor(void **state)
{
	(void)state;
	const struct page_query newest = {-1, -1, 30};
	const struct page_query oldest = {-1, 0, 30};

	assert_range(page_by_seq(&newest, 90, 100), 90, 100, false);
	assert_range(page_by_seq(&oldest, 90, 100), 90, 100, false);
}

static void numbered_pages_cover_everything_once(void **state)
{
	(void)state;
	assert_range(page_by_number(1, 30, 1, 100), 71, 100, true);
	assert_range(page_by_number(2, 30, 1, 100), 41, 70, true);
	assert_range(page_by_number(4, 30, 1, 100), 1, 10, false);
	assert_true(is_empty(page_by_number(5, 30, 1, 100)));
	assert_true(is_empty(page_by_number(5, 25, 1, 100)));
	assert_true(is_empty(page_by_number(1000000000, 100, 1, 100)));
	assert_true(is_empty(page_by_number(1, 30, 1, 0)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_without_a_place_is_the_newest),
		cmocka_unit_test(before_gives_the_newest_below_it),
		cmocka_unit_test(after_gives_the_oldest_above_it),
		cmocka_unit_test(a_place_beyond_either_end_is_an_empty_page),
		cmocka_unit_test(nobody_sees_below_his_floor),
		cmocka_unit_test(numbered_pages_cover_everything_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
