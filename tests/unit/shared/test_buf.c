#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "buf.h"

static void nothing_passes_the_maximum_however_it_is_added(void **state)
{
	static const size_t maxima[] = {1, 100, 127, 128, 129, 1000};

	(void)state;
	for (size_t i = 0; i < sizeof(maxima) / sizeof(maxima[0]); i++) {
		struct buf buf;

		buf_init(&buf, maxima[i]);
		for (size_t k = 0; k < maxima[i]; k++)
			buf_adds(&buf, "x");
		assert_false(buf.overflow);
		assert_int_equal(buf.len, maxima[i]);
		buf_adds(&buf, "x");
		assert_true(buf.overflow);
		assert_int_equal(buf.len, maxima[i]);
		buf_reset(&buf);
		assert_non_null(buf_room(&buf, maxima[i]));
		assert_null(buf_room(&buf, maxima[i] + 1));
		buf_done(&buf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			nothing_passes_the_maximum_however_it_is_added),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
