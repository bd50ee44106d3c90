#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "refused_origins.h"

#define NOW 5000
#define MINUTE 60000

static void each_is_told_once_a_minute(void **state)
{
	(void)state;
	struct refused_origins origins = {0};

	assert_true(refused_origins_tell(&origins, "http://a", NOW));
	assert_true(refused_origins_tell(&origins, "http://b", NOW + 1));
	assert_false(
		refused_origins_tell(&origins, "http://a", NOW + MINUTE - 1));
	assert_true(refused_origins_tell(&origins, "http://a", NOW + MINUTE));
	assert_false(refused_origins_tell(&origins, "http://b", NOW + MINUTE));
	assert_false(
		refused_origins_tell(&origins, "http://a", NOW + MINUTE + 1));
}

static void of_many_no_more_than_there_is_room_for_are_told(void **state)
{
	(void)state;
	struct refused_origins origins = {0};
	char origin[32];
	int told = 0;

	for (int i = 0; i < 10 * REFUSED_ORIGINS; i++) {
		snprintf(origin, sizeof(origin), "http://%d", i);
		told += refused_origins_tell(&origins, origin, NOW + i);
	}
	assert_int_equal(told, REFUSED_ORIGINS);
	/* Whose minute is over makes room, and nobody else. */
	assert_true(refused_origins_tell(&origins, "http://x", NOW + MINUTE));
	assert_false(refused_origins_tell(&origins, "http://y", NOW + MINUTE));
	assert_false(refused_origins_tell(&origins, "http://1", NOW + MINUTE));
}

static void a_long_one_is_known_by_its_beginning(void **state)
{
	(void)state;
	struct refused_origins origins = {0};
	char origin[2 * REFUSED_ORIGIN_SIZE];

	memset(origin, 'x', sizeof(origin));
	origin[sizeof(origin) - 1] = '\0';
	assert_true(refused_origins_tell(&origins, origin, NOW));
	origin[REFUSED_ORIGIN_SIZE] = 'y';
	assert_false(refused_origins_tell(&origins, origin, NOW));
	origin[0] = 'y';
	assert_true(refused_origins_tell(&origins, origin, NOW));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_told_once_a_minute),
		cmocka_unit_test(
			of_many_no_more_than_there_is_room_for_are_told),
		cmocka_unit_test(a_long_one_is_known_by_its_beginning),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
