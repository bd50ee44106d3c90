#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "delivery.h"
#include "frame_head.h"
#include "ring.h"

static const struct ring_config config = {1000, 4, 100000};
static char visited[100];

static struct delivery *join(int64_t at)
{
	const struct frame_head head = {.user = "aaaaaaaaaaaaaaaaaaaaaaaa",
					.room = "c"};

	return delivery_new(NOTIFY_JOIN, &head, NULL, 0, at);
}

static struct delivery *event(int64_t at, const char *room)
{
	static const char payload[] = "[\"x\",1]\n[\"y\",2]";
	const struct frame_head head = {.rooms = {room}, .room_count = 1};

	return delivery_new(NOTIFY_EVENT, &head, payload, sizeof(payload) - 1,
			    at);
}

static void visit(struct delivery *delivery, void *user)
{
	(void)user;
	assert_int_equal(delivery->message_count, 2);
	strcat(visited, delivery->rooms[0]);
}

static bool replay(const struct ring *ring, int64_t since)
{
	visited[0] = '\0';
	return ring_replay(ring, since, visit, NULL);
}

static void what_came_since_is_replayed_in_order(void **state)
{
	(void)state;
	struct ring *ring = ring_new(&config);

	ring_take(ring, event(100, "a"));
	ring_take(ring, event(200, "b"));
	ring_take(ring, event(300, "c"));
	assert_true(replay(ring, 200));
	assert_string_equal(visited, "bc");
	ring_free(ring);
}

static void what_is_too_old_goes_and_that_is_known(void **state)
{
	(void)state;
	struct ring *ring = ring_new(&config);

	ring_take(ring, event(100, "a"));
	ring_take(ring, event(200, "b"));
	ring_expire(ring, 1101);
	assert_int_equal(ring_count(ring), 1);
	assert_true(replay(ring, 101));
	assert_false(replay(ring, 100));
	assert_string_equal(visited, "b");
	ring_free(ring);
}

static void a_full_ring_drops_the_oldest_and_that_is_known(void **state)
{
	(void)state;
	struct ring *ring = ring_new(&config);
	char room[2] = "a";

	for (int i = 0; i < 6; i++) {
		room[0] = (char)('a' + i);
		ring_take(ring, event(100 + i, room));
	}
	assert_int_equal(ring_count(ring), 4);
	assert_false(replay(ring, 101));
	assert_true(replay(ring, 102));
	assert_string_equal(visited, "cdef");
	ring_free(ring);
}

static void that_no_event_went_but_others_is_known(void **state)
{
	(void)state;
	struct ring *ring = ring_new(&config);

	ring_take(ring, event(100, "a"));
	ring_take(ring, join(101));
	ring_take(ring, event(102, "b"));
	ring_expire(ring, 1101);
	assert_int_equal(ring_count(ring), 2);
	assert_true(ring_has_all_but_events(ring, 100));
	ring_expire(ring, 1103);
	assert_false(ring_has_all_but_events(ring, 101));
	assert_true(ring_has_all_but_events(ring, 102));
	ring_free(ring);
}

static void its_bytes_are_bounded(void **state)
{
	(void)state;
	const struct ring_config small = {1000, 4, 1};
	struct ring *ring = ring_new(&small);

	ring_take(ring, event(100, "a"));
	ring_take(ring, event(101, "b"));
	assert_int_equal(ring_count(ring), 1);
	ring_free(ring);
}

static void whom_an_event_excepts_counts_among_them(void **state)
{
	(void)state;
	static char except[24 * 1000 + 1];
	const struct frame_head head = {
		.rooms = {"a"}, .room_count = 1, .except = except};
	const struct ring_config large = {1000, 100, 100000};
	struct ring *ring = ring_new(&large);

	memset(except, 'a', sizeof(except) - 1);
	for (int i = 0; i < 10; i++)
		ring_take(ring, delivery_new(NOTIFY_EVENT, &head, "", 0, i));
	assert_in_range(ring_count(ring), 1, 4);
	ring_free(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_came_since_is_replayed_in_order),
		cmocka_unit_test(what_is_too_old_goes_and_that_is_known),
		cmocka_unit_test(
			a_full_ring_drops_the_oldest_and_that_is_known),
		cmocka_unit_test(that_no_event_went_but_others_is_known),
		cmocka_unit_test(its_bytes_are_bounded),
		cmocka_unit_test(whom_an_event_excepts_counts_among_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
