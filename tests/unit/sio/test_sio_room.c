#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "sio_room.h"

#define CROWD 500

static struct sio_rooms *rooms;
static struct sio_member members[CROWD];
static int seen[CROWD];
static void (*on_visit)(int who);

static void any_seed(void *out, size_t len)
{
	memset(out, 7, len);
}

static int start(void **state)
{
	(void)state;
	rooms = sio_rooms_new(any_seed);
	on_visit = NULL;
	for (size_t i = 0; i < CROWD; i++) {
		seen[i] = 0;
		sio_member_init(&members[i], &seen[i]);
	}
	return 0;
}

static int stop(void **state)
{
	(void)state;
	for (size_t i = 0; i < CROWD; i++)
		sio_room_leave_all(rooms, &members[i]);
	assert_int_equal(sio_rooms_count(rooms), 0);
	sio_rooms_free(rooms);
	return 0;
}

static void visit(void *owner, void *user)
{
	int *count = owner;

	(void)user;
	(*count)++;
	if (on_visit != NULL)
		on_visit((int)(count - seen));
}

static size_t walk(const char *room)
{
	return sio_room_each(rooms, room, visit, NULL);
}

static char changes[200];

static void note_change(const char *name, bool occupied, void *user)
{
	(void)user;
	strcat(strcat(changes, occupied ? "+" : "-"), name);
}

static void leave_during_visit(int who)
{
	sio_room_leave(rooms, "a", &members[who]);
	sio_room_join(rooms, "a", &members[9]);
}

static void the_first_to_come_and_the_last_to_go_are_said(void **state)
{
	(void)state;
	changes[0] = '\0';
	sio_rooms_on_change(rooms, note_change, NULL);
	sio_room_join(rooms, "a", &members[0]);
	sio_room_join(rooms, "a", &members[0]);
	sio_room_join(rooms, "a", &members[1]);
	sio_room_join(rooms, "b", &members[1]);
	assert_string_equal(changes, "+a+b");
	sio_room_leave(rooms, "a", &members[0]);
	sio_room_leave_all(rooms, &members[1]);
	assert_string_equal(changes, "+a+b-b-a");
	changes[0] = '\0';
	sio_room_join(rooms, "a", &members[0]);
	on_visit = leave_during_visit;
	walk("a");
	assert_string_equal(changes, "+a-a+a");
	assert_int_equal(sio_room_size(rooms, "a"), 1);
	sio_room_leave_all(rooms, &members[9]);
	sio_rooms_on_change(rooms, NULL, NULL);
}

static void a_member_is_in_a_room_once(void **state)
{
	(void)state;
	assert_true(sio_room_join(rooms, "a", &members[0]));
	assert_false(sio_room_join(rooms, "a", &members[0]));
	assert_true(sio_room_has(rooms, "a", &members[0]));
	assert_int_equal(walk("a"), 1);
	assert_int_equal(seen[0], 1);
	assert_true(sio_room_leave(rooms, "a", &members[0]));
	assert_false(sio_room_leave(rooms, "a", &members[0]));
	assert_int_equal(walk("a"), 0);
}

static void a_room_exists_while_it_has_members(void **state)
{
	(void)state;
	assert_int_equal(sio_rooms_count(rooms), 0);
	assert_false(sio_room_leave(rooms, "a", &members[0]));
	sio_room_join(rooms, "a", &members[0]);
	sio_room_join(rooms, "a", &members[1]);
	assert_int_equal(sio_rooms_count(rooms), 1);
	assert_int_equal(sio_room_size(rooms, "a"), 2);
	sio_room_leave(rooms, "a", &members[0]);
	sio_room_leave(rooms, "a", &members[1]);
	assert_int_equal(sio_rooms_count(rooms), 0);
	assert_int_equal(sio_room_size(rooms, "a"), 0);
}

static void leaving_all_empties_a_member(void **state)
{
	char name[16];

	(void)state;
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "c:%d", i);
		sio_room_join(rooms, name, &members[7]);
		sio_room_join(rooms, name, &members[8]);
	}
	assert_int_equal(members[7].count, 100);
	sio_room_leave_all(rooms, &members[7]);
	assert_int_equal(members[7].count, 0);
	assert_int_equal(sio_rooms_count(rooms), 100);
	assert_true(sio_room_has(rooms, "c:42", &members[8]));
	assert_false(sio_room_has(rooms, "c:42", &members[7]));
}

static void everyone_is_visited_once_in_a_crowd(void **state)
{
	(void)state;
	for (int i = 0; i < CROWD; i++)
		sio_room_join(rooms, "all", &members[i]);
	for (int i = 0; i < CROWD; i += 3)
		sio_room_leave(rooms, "all", &members[i]);
	assert_int_equal(walk("all"), CROWD - (CROWD + 2) / 3);
	for (int i = 0; i < CROWD; i++)
		assert_int_equal(seen[i], i % 3 != 0);
}

static void leave_the_next(int who)
{
	if (who + 1 < CROWD)
		sio_room_leave(rooms, "all", &members[who + 1]);
}

static void who_left_during_the_walk_is_not_visited(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++)
		sio_room_join(rooms, "all", &members[i]);
	on_visit = leave_the_next;
	assert_int_equal(walk("all"), 5);
	for (int i = 0; i < 10; i++)
		assert_int_equal(seen[i], i % 2 == 0);
	on_visit = NULL;
	assert_int_equal(sio_room_size(rooms, "all"), 5);
	assert_int_equal(walk("all"), 5);
}

static void join_another(int who)
{
	sio_room_join(rooms, "all", &members[who + 100]);
}

static void who_joined_during_the_walk_is_not_visited(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++)
		sio_room_join(rooms, "all", &members[i]);
	on_visit = join_another;
	assert_int_equal(walk("all"), 10);
	on_visit = NULL;
	assert_int_equal(walk("all"), 20);
}

static void leave_everyone(int who)
{
	(void)who;
	for (int i = 0; i < 10; i++)
		sio_room_leave_all(rooms, &members[i]);
}

static void the_room_may_empty_during_the_walk(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++)
		sio_room_join(rooms, "all", &members[i]);
	on_visit = leave_everyone;
	assert_int_equal(walk("all"), 1);
	assert_int_equal(sio_rooms_count(rooms), 0);
}

static void walk_inside(int who)
{
	if (who == 3) {
		on_visit = NULL;
		sio_room_leave(rooms, "all", &members[0]);
		walk("all");
		sio_room_leave(rooms, "all", &members[9]);
	}
}

static void a_walk_may_start_inside_a_walk(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++)
		sio_room_join(rooms, "all", &members[i]);
	on_visit = walk_inside;
	assert_int_equal(walk("all"), 9);
	assert_int_equal(seen[0], 1);
	assert_int_equal(seen[5], 2);
	assert_int_equal(seen[9], 1);
	assert_int_equal(sio_room_size(rooms, "all"), 8);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_to_come_and_the_last_to_go_are_said),
		TEST(a_member_is_in_a_room_once),
		TEST(a_room_exists_while_it_has_members),
		TEST(leaving_all_empties_a_member),
		TEST(everyone_is_visited_once_in_a_crowd),
		TEST(who_left_during_the_walk_is_not_visited),
		TEST(who_joined_during_the_walk_is_not_visited),
		TEST(the_room_may_empty_during_the_walk),
		TEST(a_walk_may_start_inside_a_walk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
