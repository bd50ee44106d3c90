/* The clock that tests may set on, and times as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "clock.h"
#include "mem.h"

#define YEAR_MS (INT64_C(365) * 86400 * 1000)

static void the_environment_sets_the_clock_on_and_leaves_the_other(void **state)
{
	int64_t real = (int64_t)time(NULL) * 1000;

	(void)state;
	/* Before the first look: there is but one. */
	setenv("PALABRE_TEST_CLOCK_OFFSET_MS", "31536000000", 1);
	assert_in_range(clock_now_ms(), real + YEAR_MS, real + YEAR_MS + 60000);
	setenv("PALABRE_TEST_CLOCK_OFFSET_MS", "0", 1);
	assert_in_range(clock_now_ms(), real + YEAR_MS, real + YEAR_MS + 60000);
	assert_true(clock_mono_ms() < real);
}

static void what_is_no_offset_changes_nothing(void **state)
{
	static const char *const texts[] = {
		NULL,
		"",
		"x",
		"1x",
		"1e9",
		"99999999999999",
		"-99999999999999",
		"99999999999999999999999",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++)
		assert_int_equal(clock_offset_parse(texts[i]), 0);
	assert_int_equal(clock_offset_parse("-5"), -5);
}

static void times_are_told_in_utc_with_milliseconds(void **state)
{
	char iso[CLOCK_ISO_SIZE];

	(void)state;
	clock_iso(0, iso);
	assert_string_equal(iso, "1970-01-01T00:00:00.000Z");
	clock_iso(1795253400007, iso);
	assert_string_equal(iso, "2026-11-21T09:30:00.007Z");
	clock_iso(-1, iso);
	assert_string_equal(iso, "1969-12-31T23:59:59.999Z");
}

static void every_digit_of_a_time_is_told(void **state)
{
	/* So that all of them change. */
	const int64_t step = INT64_C(86400000) * 37 + 4567891;

	(void)state;
	for (int64_t at = 0; at < 200 * YEAR_MS; at += step) {
		time_t seconds = (time_t)(at / 1000);
		char iso[CLOCK_ISO_SIZE], want[64];
		struct tm tm;

		gmtime_r(&seconds, &tm);
		strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%S", &tm);
		snprintf(want + strlen(want), 32, ".%03dZ", (int)(at % 1000));
		clock_iso(at, iso);
		assert_string_equal(iso, want);
	}
}

static void a_time_is_read_as_it_is_told(void **state)
{
	static const char *const wrong[] = {
		"",
		"2026-11-21",
		"2026-11-21T09:30:00",
		"2026-11-21T09:30:00.007",
		"2026-11-21T09:30:00.07Z",
		"2026-11-21T09:30:00.007+01:00",
		"2026-02-30T09:30:00Z",
		"2026-13-01T09:30:00Z",
		"2026-00-01T09:30:00Z",
		"0000-00-00T00:00:00Z",
		"9999-99-99T99:99:99.999Z",
		"2026-11-21T24:30:00Z",
		"2026-11-21T09:60:00Z",
		"2026-11-21 09:30:00Z",
		" 2026-11-21T09:30:00Z",
		"2026-11-21T09:30:00Z ",
	};
	int64_t at;

	(void)state;
	assert_true(clock_iso_parse("2026-11-21T09:30:00.007Z", &at));
	assert_int_equal(at, 1795253400007);
	assert_true(clock_iso_parse("2026-11-21T09:30:00Z", &at));
	assert_int_equal(at, 1795253400000);
	assert_true(clock_iso_parse("9999-12-31T23:59:59.999Z", &at));
	assert_int_equal(at, 253402300799999);
	assert_true(clock_iso_parse("2024-02-29T00:00:00Z", &at));
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_false(clock_iso_parse(wrong[i], &at));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_environment_sets_the_clock_on_and_leaves_the_other),
		cmocka_unit_test(what_is_no_offset_changes_nothing),
		cmocka_unit_test(times_are_told_in_utc_with_milliseconds),
		cmocka_unit_test(every_digit_of_a_time_is_told),
		cmocka_unit_test(a_time_is_read_as_it_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
