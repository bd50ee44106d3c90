#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "heal.h"

#define START 1000000
#define LATER (START + 50000)

static struct heal heal;
static int64_t since;

static int setup(void **state)
{
	(void)state;
	heal_init(&heal, true, START);
	return 0;
}

static void without_a_trigger_nothing_is_asked(void **state)
{
	(void)state;
	assert_int_equal(heal_next(&heal, 0, LATER, &since), HEAL_NOTHING);
}

static void triggers_are_coalesced_to_the_earliest_loss(void **state)
{
	(void)state;
	heal_trigger(&heal, LATER);
	heal_trigger(&heal, LATER - 3000);
	heal_trigger(&heal, LATER - 100);
	assert_int_equal(heal_next(&heal, 0, LATER, &since), HEAL_ASK);
	assert_int_equal(since, LATER - 3000);
	assert_int_equal(heal_next(&heal, 0, LATER, &since), HEAL_NOTHING);
	assert_int_equal(heal_answer(&heal, NULL), HEAL_NOTHING);
	assert_int_equal(heal_next(&heal, 0, LATER, &since), HEAL_NOTHING);
	assert_int_equal(heal.runs_done, 1);
}

static void nothing_older_than_our_own_start_is_asked_for(void **state)
{
	(void)state;
	heal_trigger(&heal, START + 2000);
	heal_next(&heal, 0, START + 2000, &since);
	assert_int_equal(since - HEAL_MARGIN_MS, START);
}

static void a_trigger_during_a_run_makes_another_run(void **state)
{
	(void)state;
	uint64_t first = heal_trigger(&heal, LATER);

	heal_next(&heal, 0, LATER, &since);

	uint64_t second = heal_trigger(&heal, LATER + 10);

	assert_true(second > first);
	heal_answer(&heal, NULL);
	assert_int_equal(heal.runs_done, first);
	assert_int_equal(heal_next(&heal, 0, LATER + 20, &since), HEAL_ASK);
	heal_answer(&heal, NULL);
	assert_int_equal(heal.runs_done, second);
}

static void pages_follow_until_there_are_no_more(void **state)
{
	(void)state;
	heal_trigger(&heal, LATER);
	heal_next(&heal, 0, LATER, &since);
	assert_int_equal(heal_answer(&heal, "p1"), HEAL_ASK);
	assert_int_equal(heal.runs_done, 0);
	assert_int_equal(heal_next(&heal, 0, LATER, &since), HEAL_ASK);
	assert_string_equal(heal.after, "p1");
	assert_int_equal(heal_answer(&heal, NULL), HEAL_NOTHING);
	assert_int_equal(heal.runs_done, 1);
}

static void an_answer_that_does_not_move_on_ends_the_run(void **state)
{
	(void)state;
	heal_trigger(&heal, LATER);
	heal_next(&heal, 0, LATER, &since);
	heal_answer(&heal, "p1");
	heal_next(&heal, 0, LATER, &since);
	assert_int_equal(heal_answer(&heal, "p1"), HEAL_NOTHING);
	assert_int_equal(heal.runs_done, 1);
}

static void too_many_pages_become_a_sync(void **state)
{
	(void)state;
	enum heal_step step = HEAL_ASK;
	char page[8] = "p0";
	int pages = 0;

	heal_trigger(&heal, LATER);
	while (step == HEAL_ASK) {
		assert_int_equal(heal_next(&heal, 0, LATER, &since), HEAL_ASK);
		page[1] = (char)('A' + pages++);
		step = heal_answer(&heal, page);
	}
	assert_int_equal(step, HEAL_SYNC);
	assert_int_equal(pages, HEAL_PAGES_MAX);
}

static void it_tries_again_later_while_workers_are_away(void **state)
{
	(void)state;
	heal_trigger(&heal, LATER);
	heal_next(&heal, 0, LATER, &since);
	heal_failed(&heal, 0);
	assert_int_equal(heal_next(&heal, 0, LATER, &since), HEAL_NOTHING);
	assert_int_equal(heal_next(&heal, HEAL_RETRY_FIRST_MS, LATER, &since),
			 HEAL_ASK);
	assert_int_equal(since, LATER);
	for (int i = 0; i < 10; i++) {
		heal_failed(&heal, 0);
		assert_int_equal(
			heal_next(&heal, HEAL_RETRY_MAX_MS, LATER, &since),
			HEAL_ASK);
	}
}

static void workers_away_for_too_long_become_a_sync_when_they_are_back(void **s)
{
	(void)s;
	int64_t back = LATER + HEAL_REACH_MS + 30000;

	heal_trigger(&heal, LATER);
	heal_next(&heal, 0, LATER, &since);
	heal_failed(&heal, 0);
	assert_int_equal(heal_next(&heal, 100000, back, &since), HEAL_ASK);
	assert_int_equal(since, back - HEAL_REACH_MS);
	assert_int_equal(heal_answer(&heal, NULL), HEAL_SYNC);
	assert_int_equal(heal.runs_done, 1);
}

static void switched_off_it_never_asks(void **state)
{
	(void)state;
	heal_init(&heal, false, START);
	heal_trigger(&heal, LATER);
	assert_int_equal(heal_next(&heal, 0, LATER, &since), HEAL_NOTHING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(without_a_trigger_nothing_is_asked,
				       setup),
		cmocka_unit_test_setup(
			triggers_are_coalesced_to_the_earliest_loss, setup),
		cmocka_unit_test_setup(
			nothing_older_than_our_own_start_is_asked_for, setup),
		cmocka_unit_test_setup(a_trigger_during_a_run_makes_another_run,
				       setup),
		cmocka_unit_test_setup(pages_follow_until_there_are_no_more,
				       setup),
		cmocka_unit_test_setup(
			an_answer_that_does_not_move_on_ends_the_run, setup),
		cmocka_unit_test_setup(too_many_pages_become_a_sync, setup),
		cmocka_unit_test_setup(
			it_tries_again_later_while_workers_are_away, setup),
		cmocka_unit_test_setup(
			workers_away_for_too_long_become_a_sync_when_they_are_back,
			setup),
		cmocka_unit_test_setup(switched_off_it_never_asks, setup),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
