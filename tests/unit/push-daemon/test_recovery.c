#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "recovery.h"

/* Positions. */
#define P(digit) "00000000000000000000000" digit
#define NO_FLOOR ""

static struct recovery recovery;

static int setup(void **state)
{
	(void)state;
	recovery_init(&recovery, true);
	recovery_start(&recovery, P("1"));
	return 0;
}

static enum recovery_step next(void)
{
	return recovery_next(&recovery, 0, NO_FLOOR);
}

static void without_a_trigger_nothing_is_asked(void **state)
{
	(void)state;
	assert_int_equal(next(), RECOVERY_NOTHING);
}

static void triggers_are_coalesced_to_the_earliest_loss(void **state)
{
	(void)state;
	recovery_trigger(&recovery, P("7"));
	recovery_trigger(&recovery, P("3"));
	recovery_trigger(&recovery, P("6"));
	assert_int_equal(next(), RECOVERY_ASK);
	assert_string_equal(recovery.after, P("3"));
	assert_int_equal(next(), RECOVERY_NOTHING);
	assert_int_equal(recovery_answer(&recovery, NULL), RECOVERY_NOTHING);
	assert_int_equal(next(), RECOVERY_NOTHING);
	assert_int_equal(recovery.runs_done, 1);
}

static void nothing_from_before_the_first_who_came_is_asked_for(void **state)
{
	(void)state;
	recovery_trigger(&recovery, P("0"));
	next();
	assert_string_equal(recovery.after, P("1"));
	recovery_answer(&recovery, NULL);
	recovery_trigger(&recovery, NULL);
	next();
	assert_string_equal(recovery.after, P("1"));
	assert_int_equal(recovery_answer(&recovery, NULL), RECOVERY_NOTHING);
}

static void what_was_missed_before_anybody_came_waits_for_them(void **state)
{
	(void)state;
	recovery_init(&recovery, true);
	recovery_trigger(&recovery, P("5"));
	assert_int_equal(next(), RECOVERY_NOTHING);
	recovery_start(&recovery, P("3"));
	recovery_start(&recovery, P("8")); /* the first one counts */
	assert_int_equal(next(), RECOVERY_ASK);
	assert_string_equal(recovery.after, P("5"));
}

static void a_trigger_during_a_run_makes_another_run(void **state)
{
	(void)state;
	uint64_t first = recovery_trigger(&recovery, P("3"));

	next();

	uint64_t second = recovery_trigger(&recovery, P("4"));

	assert_true(second > first);
	recovery_answer(&recovery, NULL);
	assert_int_equal(recovery.runs_done, first);
	assert_int_equal(next(), RECOVERY_ASK);
	recovery_answer(&recovery, NULL);
	assert_int_equal(recovery.runs_done, second);
}

static void pages_follow_until_there_are_no_more(void **state)
{
	(void)state;
	recovery_trigger(&recovery, P("3"));
	next();
	assert_int_equal(recovery_answer(&recovery, P("5")), RECOVERY_ASK);
	assert_int_equal(recovery.runs_done, 0);
	assert_int_equal(next(), RECOVERY_ASK);
	assert_string_equal(recovery.after, P("5"));
	assert_int_equal(recovery_answer(&recovery, NULL), RECOVERY_NOTHING);
	assert_int_equal(recovery.runs_done, 1);
}

static void an_answer_that_does_not_move_on_ends_the_run(void **state)
{
	(void)state;
	recovery_trigger(&recovery, P("3"));
	next();
	recovery_answer(&recovery, P("5"));
	next();
	assert_int_equal(recovery_answer(&recovery, P("5")), RECOVERY_NOTHING);
	assert_int_equal(recovery.runs_done, 1);
}

static void too_many_pages_become_a_sync(void **state)
{
	(void)state;
	enum recovery_step step = RECOVERY_ASK;
	char page[ID_SIZE];
	int pages = 0;

	recovery_trigger(&recovery, P("3"));
	while (step == RECOVERY_ASK) {
		assert_int_equal(next(), RECOVERY_ASK);
		snprintf(page, sizeof(page), "%024x", 100 + pages++);
		step = recovery_answer(&recovery, page);
	}
	assert_int_equal(step, RECOVERY_SYNC);
	assert_int_equal(pages, RECOVERY_PAGES_MAX);
}

static void what_was_missed_below_the_floor_becomes_a_sync(void **state)
{
	(void)state;
	recovery_trigger(&recovery, P("3"));
	assert_int_equal(recovery_next(&recovery, 0, P("5")), RECOVERY_ASK);
	assert_string_equal(recovery.after, P("5"));
	assert_int_equal(recovery_answer(&recovery, NULL), RECOVERY_SYNC);
	recovery_trigger(&recovery, P("5"));
	assert_int_equal(recovery_next(&recovery, 0, P("5")), RECOVERY_ASK);
	assert_int_equal(recovery_answer(&recovery, NULL), RECOVERY_NOTHING);
}

static void a_floor_that_rises_above_the_run_becomes_a_sync(void **state)
{
	(void)state;
	recovery_trigger(&recovery, P("3"));
	next();
	recovery_answer(&recovery, P("5"));
	assert_int_equal(recovery_next(&recovery, 0, P("7")), RECOVERY_ASK);
	assert_string_equal(recovery.after, P("7"));
	assert_int_equal(recovery_answer(&recovery, NULL), RECOVERY_SYNC);
}

static void an_event_that_cannot_be_judged_becomes_a_sync(void **state)
{
	(void)state;
	recovery_trigger(&recovery, P("3"));
	next();
	recovery_doubt(&recovery);
	assert_int_equal(recovery_answer(&recovery, NULL), RECOVERY_SYNC);
}

static void it_tries_again_later_while_workers_are_away(void **state)
{
	(void)state;
	recovery_trigger(&recovery, P("3"));
	next();
	recovery_failed(&recovery, 0);
	assert_int_equal(next(), RECOVERY_NOTHING);
	assert_int_equal(
		recovery_next(&recovery, RECOVERY_RETRY_FIRST_MS, NO_FLOOR),
		RECOVERY_ASK);
	assert_string_equal(recovery.after, P("3"));
	for (int i = 0; i < 10; i++) {
		recovery_failed(&recovery, 0);
		assert_int_equal(recovery_next(&recovery, RECOVERY_RETRY_MAX_MS,
					       NO_FLOOR),
				 RECOVERY_ASK);
	}
	assert_int_equal(recovery_answer(&recovery, NULL), RECOVERY_NOTHING);
}

static void switched_off_it_never_asks(void **state)
{
	(void)state;
	recovery_init(&recovery, false);
	recovery_start(&recovery, P("1"));
	recovery_trigger(&recovery, P("3"));
	assert_int_equal(next(), RECOVERY_NOTHING);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_trigger_nothing_is_asked),
		TEST(triggers_are_coalesced_to_the_earliest_loss),
		TEST(nothing_from_before_the_first_who_came_is_asked_for),
		TEST(what_was_missed_before_anybody_came_waits_for_them),
		TEST(a_trigger_during_a_run_makes_another_run),
		TEST(pages_follow_until_there_are_no_more),
		TEST(an_answer_that_does_not_move_on_ends_the_run),
		TEST(too_many_pages_become_a_sync),
		TEST(what_was_missed_below_the_floor_becomes_a_sync),
		TEST(a_floor_that_rises_above_the_run_becomes_a_sync),
		TEST(an_event_that_cannot_be_judged_becomes_a_sync),
		TEST(it_tries_again_later_while_workers_are_away),
		TEST(switched_off_it_never_asks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
