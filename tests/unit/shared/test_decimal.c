#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "decimal.h"

static void assert_put(int64_t number)
{
	char want[DECIMAL_MAX + 1], got[DECIMAL_MAX];
	size_t len =
		(size_t)snprintf(want, sizeof(want), "%lld", (long long)number);

	assert_int_equal(decimal_put(got, number) - got, len);
	assert_memory_equal(got, want, len);
}

static void numbers_of_any_length_are_written_as_printf_does_it(void **state)
{
	(void)state;
	for (int64_t power = 1; power <= INT64_MAX / 10; power *= 10) {
		assert_put(power - 1);
		assert_put(power);
		assert_put(9 * power);
		assert_put(1 - power);
		assert_put(-power);
	}
	assert_put(INT64_MAX);
	assert_put(INT64_MIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			numbers_of_any_length_are_written_as_printf_does_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
