#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "typing.h"

#define ANN "aaaaaaaaaaaaaaaaaaaaaaaa"
#define BOB "bbbbbbbbbbbbbbbbbbbbbbbb"
#define ONE "111111111111111111111111"
#define TWO "222222222222222222222222"

static struct typing *typing;
static struct typing_owner owner, other;
static char stops[200];

static void stopped(const char *from, const char *conversation,
		    const char *room, void *user)
{
	(void)user;
	snprintf(stops + strlen(stops), sizeof(stops) - strlen(stops),
		 "%.1s%.1s>%s ", from, conversation, room);
}

static int setup(void **state)
{
	(void)state;
	const struct typing_config config = {3000, 3, stopped, NULL};

	typing = typing_new(&config);
	typing_owner_init(&owner);
	typing_owner_init(&other);
	stops[0] = '\0';
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	typing_free(typing);
	return 0;
}

static void it_stops_three_seconds_after_the_last_typing(void **state)
{
	(void)state;
	typing_start(typing, &owner, ANN, ONE, "u:b", 0);
	typing_start(typing, &owner, ANN, ONE, "u:b", 2000);
	typing_tick(typing, 4999);
	assert_string_equal(stops, "");
	typing_tick(typing, 5000);
	assert_string_equal(stops, "a1>u:b ");
	typing_tick(typing, 9000);
	assert_string_equal(stops, "a1>u:b ");
}

static void it_stops_in_the_room_in_which_it_was_last_heard(void **state)
{
	(void)state;
	typing_start(typing, &owner, ANN, ONE, "r:operator", 0);
	typing_start(typing, &owner, ANN, ONE, "c:1", 1000);
	typing_tick(typing, 4000);
	assert_string_equal(stops, "a1>c:1 ");
}

static void sending_stops_it_there_and_nowhere_else(void **state)
{
	(void)state;
	typing_start(typing, &owner, ANN, ONE, "u:b", 0);
	typing_start(typing, &owner, ANN, TWO, "c:2", 0);
	typing_start(typing, &owner, BOB, ONE, "u:a", 0);
	typing_stop(typing, ANN, ONE);
	assert_string_equal(stops, "a1>u:b ");
	typing_stop(typing, ANN, ONE);
	assert_string_equal(stops, "a1>u:b ");
	assert_int_equal(typing_count(typing), 2);
}

static void on_the_tick_a_socket_that_went_stops_all_it_typed(void **state)
{
	(void)state;
	typing_start(typing, &owner, ANN, ONE, "u:b", 0);
	typing_start(typing, &owner, ANN, TWO, "c:2", 0);
	typing_start(typing, &other, BOB, ONE, "u:a", 0);
	typing_owner_gone(typing, &owner);
	assert_string_equal(stops, "");
	typing_tick(typing, 1);
	assert_string_equal(stops, "a2>c:2 a1>u:b ");
	assert_int_equal(typing_count(typing), 1);
}

static void the_socket_that_typed_last_counts(void **state)
{
	(void)state;
	typing_start(typing, &owner, ANN, ONE, "u:b", 0);
	typing_start(typing, &other, ANN, ONE, "u:b", 10);
	typing_owner_gone(typing, &owner);
	typing_tick(typing, 20);
	assert_string_equal(stops, "");
	typing_owner_gone(typing, &other);
	typing_tick(typing, 21);
	assert_string_equal(stops, "a1>u:b ");
}

static void whoever_types_on_elsewhere_has_not_stopped(void **state)
{
	(void)state;
	typing_start(typing, &owner, ANN, ONE, "u:b", 0);
	typing_owner_gone(typing, &owner);
	typing_start(typing, &other, ANN, ONE, "u:b", 10);
	typing_tick(typing, 20);
	assert_string_equal(stops, "");
	assert_int_equal(typing_count(typing), 1);
}

static void more_than_the_maximum_do_not_type(void **state)
{
	(void)state;
	assert_true(typing_start(typing, &owner, ANN, ONE, "r", 0));
	assert_true(typing_start(typing, &owner, ANN, TWO, "r", 0));
	assert_true(typing_start(typing, &owner, BOB, ONE, "r", 0));
	assert_false(typing_start(typing, &owner, BOB, TWO, "r", 0));
	assert_true(typing_start(typing, &owner, BOB, ONE, "r", 0));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_stops_three_seconds_after_the_last_typing),
		TEST(it_stops_in_the_room_in_which_it_was_last_heard),
		TEST(sending_stops_it_there_and_nowhere_else),
		TEST(on_the_tick_a_socket_that_went_stops_all_it_typed),
		TEST(the_socket_that_typed_last_counts),
		TEST(whoever_types_on_elsewhere_has_not_stopped),
		TEST(more_than_the_maximum_do_not_type),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
