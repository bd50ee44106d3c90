#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "map.h"

static int numbers[1000];

static void every_key_of_a_thousand_is_found_again(void **state)
{
	(void)state;
	struct map map;
	char key[16];

	map_init(&map);
	for (int i = 0; i < 1000; i++) {
		snprintf(key, sizeof(key), "key%d", i);
		assert_null(map_put(&map, key, &numbers[i]));
	}
	for (int i = 0; i < 1000; i++) {
		snprintf(key, sizeof(key), "key%d", i);
		assert_ptr_equal(map_get(&map, key), &numbers[i]);
	}
	assert_int_equal(map.count, 1000);
	assert_null(map_get(&map, "key1000"));
	map_done(&map, NULL);
}

static void putting_again_gives_the_old_value_back(void **state)
{
	(void)state;
	struct map map;

	map_init(&map);
	map_put(&map, "a", &numbers[1]);
	assert_ptr_equal(map_put(&map, "a", &numbers[2]), &numbers[1]);
	assert_ptr_equal(map_get(&map, "a"), &numbers[2]);
	assert_int_equal(map.count, 1);
	map_done(&map, NULL);
}

struct visit {
	struct map *map;
	int seen;
};

static int remove_it(const char *key, void *value, void *user)
{
	struct visit *visit = user;

	visit->seen++;
	assert_ptr_equal(map_remove(visit->map, key), value);
	return 1;
}

static void a_visit_may_remove_what_it_visits(void **state)
{
	(void)state;
	struct map map;
	struct visit visit = {&map, 0};
	char key[16];

	map_init(&map);
	for (int i = 0; i < 100; i++) {
		snprintf(key, sizeof(key), "%d", i);
		map_put(&map, key, &numbers[i]);
	}
	map_each(&map, remove_it, &visit);
	assert_int_equal(visit.seen, 100);
	assert_int_equal(map.count, 0);
	assert_null(map_remove(&map, "1"));
	map_done(&map, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_of_a_thousand_is_found_again),
		cmocka_unit_test(putting_again_gives_the_old_value_back),
		cmocka_unit_test(a_visit_may_remove_what_it_visits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
