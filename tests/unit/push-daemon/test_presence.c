#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "json.h"
#include "presence.h"
#include "presence_queue.h"
#include "transcript.h"

static struct presence presence;
static struct presence_person ann, bob;

static int setup(void **state)
{
	(void)state;
	presence_init(&presence, 8000);
	ann = bob = (struct presence_person){0};
	return 0;
}

static void the_first_socket_makes_online_and_the_second_nothing(void **state)
{
	(void)state;
	assert_true(presence_up(&presence, &ann));
	assert_false(presence_up(&presence, &ann));
	presence_down(&presence, &ann, 0, 0);
	assert_null(presence_next_offline(&presence, 100000));
	assert_int_equal(presence.online, 1);
}

static void offline_comes_a_grace_after_the_last_socket(void **state)
{
	(void)state;
	presence_up(&presence, &ann);
	presence_down(&presence, &ann, 1000, 77);
	assert_null(presence_next_offline(&presence, 8999));
	assert_ptr_equal(presence_next_offline(&presence, 9000), &ann);
	assert_null(presence_next_offline(&presence, 9000));
	assert_false(ann.online);
	assert_int_equal(ann.last_seen_ms, 77);
	assert_int_equal(presence.online, 0);
}

static void who_comes_back_within_the_grace_was_never_away(void **state)
{
	(void)state;
	presence_up(&presence, &ann);
	presence_down(&presence, &ann, 0, 0);
	assert_false(presence_up(&presence, &ann));
	assert_null(presence_next_offline(&presence, 100000));
	assert_true(ann.online);
}

static void they_go_offline_in_the_order_they_left(void **state)
{
	(void)state;
	presence_up(&presence, &ann);
	presence_up(&presence, &bob);
	presence_down(&presence, &bob, 0, 0);
	presence_down(&presence, &ann, 10, 0);
	assert_ptr_equal(presence_next_offline(&presence, 9000), &bob);
	assert_ptr_equal(presence_next_offline(&presence, 9000), &ann);
}

static void who_is_present_is_looked_at_once_a_round(void **state)
{
	(void)state;
	presence_up(&presence, &ann);
	assert_null(presence_next_present(&presence));
	presence_start_round(&presence);
	presence_up(&presence, &bob); /* they came after it began */
	presence_up(&presence, &ann); /* no coming */
	assert_ptr_equal(presence_next_present(&presence), &ann);
	assert_null(presence_next_present(&presence));
	presence_start_round(&presence);
	assert_ptr_equal(presence_next_present(&presence), &bob);
	presence_down(&presence, &ann, 0, 0);
	assert_ptr_equal(presence_next_present(&presence), &ann);
	presence_down(&presence, &ann, 0, 0);
	presence_start_round(&presence);
	assert_ptr_equal(presence_next_present(&presence), &bob);
	assert_null(presence_next_present(&presence)); /* she is leaving */
}

static void ten_changes_a_second_pass_and_the_rest_come_as_one(void **state)
{
	(void)state;
	struct presence_queue queue;
	struct transcript said = {NULL};
	struct json_object *event;
	char id[4];
	size_t len;

	presence_queue_init(&queue);
	for (int i = 0; i < 13; i++) {
		snprintf(id, sizeof(id), "%d", i);
		assert_int_equal(
			presence_queue_pass(&queue, id, PRESENCE_ONLINE, i),
			i < PRESENCE_PER_SECOND);
	}
	/* The latest word on somebody counts. */
	presence_queue_pass(&queue, "11", 0, 20);
	presence_queue_pass(&queue, "10", 0, 20);
	presence_queue_pass(&queue, "10", PRESENCE_ONLINE, 30);
	assert_false(presence_queue_due(&queue, 999));
	assert_true(presence_queue_due(&queue, 1000));

	char *text = presence_queue_take(&queue, 1000, &len);

	assert_int_equal(strlen(text), len);
	assert_int_equal(json_parse(text, len, JSON_OURS(8), &event), JSON_OK);
	assert_string_equal(json_text_of(json_at(event, 0)), "presence");
	transcript_add(&said, 0, "presence", true, json_ref(json_at(event, 1)));
	assert_true(
		transcript_ends(&said, 0, 0,
				"presence online.length=2 offline.length=1 "
				"offline.0.userId=11 "
				"offline.0.lastSeen=1970-01-01T00:00:00.000Z"));
	transcript_clear(&said);
	json_free(event);
	free(text);
	assert_false(presence_queue_due(&queue, 5000));
	presence_queue_done(&queue);
}

static void no_change_overtakes_one_that_waits(void **state)
{
	(void)state;
	struct presence_queue queue;
	char id[4];

	presence_queue_init(&queue);
	for (int i = 0; i <= PRESENCE_PER_SECOND; i++) {
		snprintf(id, sizeof(id), "%d", i);
		presence_queue_pass(&queue, id, PRESENCE_ONLINE, 0);
	}
	assert_false(presence_queue_pass(&queue, "10", 5, 1500));
	presence_queue_done(&queue);
}

static void a_storm_costs_one_event_a_second_until_it_is_over(void **state)
{
	(void)state;
	struct presence_queue queue;
	char id[8];
	int64_t now = 0;
	int passed = 0, taken = 0;
	size_t len;

	presence_queue_init(&queue);
	for (; now < 10000; now += 10) {
		snprintf(id, sizeof(id), "%d", (int)now);
		passed += presence_queue_pass(&queue, id, PRESENCE_ONLINE, now);
		if (presence_queue_due(&queue, now)) {
			free(presence_queue_take(&queue, now, &len));
			taken++;
		}
	}
	assert_int_equal(passed, PRESENCE_PER_SECOND);
	assert_in_range(taken, 8, 10);
	free(presence_queue_take(&queue, now, &len));
	assert_false(
		presence_queue_pass(&queue, "a", PRESENCE_ONLINE, now + 500));
	free(presence_queue_take(&queue, now + 1000, &len));
	assert_true(
		presence_queue_pass(&queue, "b", PRESENCE_ONLINE, now + 2000));
	presence_queue_done(&queue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			the_first_socket_makes_online_and_the_second_nothing,
			setup),
		cmocka_unit_test_setup(
			offline_comes_a_grace_after_the_last_socket, setup),
		cmocka_unit_test_setup(
			who_comes_back_within_the_grace_was_never_away, setup),
		cmocka_unit_test_setup(they_go_offline_in_the_order_they_left,
				       setup),
		cmocka_unit_test_setup(who_is_present_is_looked_at_once_a_round,
				       setup),
		cmocka_unit_test(
			ten_changes_a_second_pass_and_the_rest_come_as_one),
		cmocka_unit_test(no_change_overtakes_one_that_waits),
		cmocka_unit_test(
			a_storm_costs_one_event_a_second_until_it_is_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
