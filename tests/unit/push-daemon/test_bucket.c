#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bucket.h"

static int take_all(struct bucket *bucket, int64_t now_ms)
{
	int taken = 0;

	while (taken < 1000 && bucket_take(bucket, 1, 20, 100, now_ms))
		taken++;
	return taken;
}

static void a_burst_passes_and_then_nothing(void **state)
{
	(void)state;
	struct bucket bucket;

	bucket_init(&bucket, 100, 5);
	assert_int_equal(take_all(&bucket, 5), 100);
	assert_int_equal(take_all(&bucket, 5), 0);
}

static void it_fills_at_its_rate_up_to_the_burst(void **state)
{
	(void)state;
	struct bucket bucket;

	bucket_init(&bucket, 100, 0);
	take_all(&bucket, 0);
	assert_int_equal(take_all(&bucket, 49), 0);
	assert_int_equal(take_all(&bucket, 50), 1);
	assert_int_equal(take_all(&bucket, 1050), 20);
	assert_int_equal(take_all(&bucket, 3600 * 1000), 100);
	assert_int_equal(take_all(&bucket, INT64_MAX), 100);
}

static void a_clock_that_stands_still_gives_nothing(void **state)
{
	(void)state;
	struct bucket bucket;

	bucket_init(&bucket, 100, 1000);
	take_all(&bucket, 1000);
	assert_int_equal(take_all(&bucket, 500), 0);
	assert_int_equal(take_all(&bucket, 1000), 0);
}

static void it_says_how_long_until_there_is_one(void **state)
{
	(void)state;
	struct bucket bucket;

	bucket_init(&bucket, 100, 0);
	assert_int_equal(bucket_wait_ms(&bucket, 1, 20), 0);
	take_all(&bucket, 0);
	assert_int_equal(bucket_wait_ms(&bucket, 1, 20), 50);
	assert_int_equal(bucket_wait_ms(&bucket, 1, 3), 334);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_burst_passes_and_then_nothing),
		cmocka_unit_test(it_fills_at_its_rate_up_to_the_burst),
		cmocka_unit_test(it_says_how_long_until_there_is_one),
		cmocka_unit_test(a_clock_that_stands_still_gives_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
