#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "palabre_limits.h"
#include "sync_plan.h"

static enum sync_step step(struct sync_plan *plan, int64_t seq, int64_t change,
			   int64_t our_seq, int64_t our_change)
{
	const struct sync_point client = {seq, change};
	const struct sync_point ours = {our_seq, our_change};

	return sync_plan_next(plan, &client, &ours, 1);
}

/* All of what is missed can be sent. */
static enum sync_step step_sent(struct sync_plan *plan, int64_t missed)
{
	enum sync_step next = step(plan, 0, 0, missed, 0);

	if (next == SYNC_FILL)
		sync_plan_sent(plan, missed);
	return next;
}

static enum sync_step alone(int64_t seq, int64_t change, int64_t our_seq,
			    int64_t our_change)
{
	struct sync_plan plan = sync_plan_new(true);

	return step(&plan, seq, change, our_seq, our_change);
}

static void a_gap_within_the_limit_is_filled(void **state)
{
	(void)state;
	assert_int_equal(alone(7, 3, 7, 3), SYNC_FILL);
	assert_int_equal(alone(0, 0, LIMIT_SYNC_CONVERSATION, 0), SYNC_FILL);
	assert_int_equal(alone(0, 0, 1, LIMIT_SYNC_CONVERSATION), SYNC_FILL);
}

static void one_more_than_the_limit_is_reset(void **state)
{
	(void)state;
	assert_int_equal(alone(0, 0, LIMIT_SYNC_CONVERSATION + 1, 0),
			 SYNC_RESET);
	assert_int_equal(alone(9, 0, 9, LIMIT_SYNC_CONVERSATION + 1),
			 SYNC_RESET);
}

static void a_client_ahead_of_us_is_reset(void **state)
{
	(void)state;
	assert_int_equal(alone(8, 0, 7, 0), SYNC_RESET);
	assert_int_equal(alone(7, 1, 7, 0), SYNC_RESET);
	assert_int_equal(alone(INT64_MAX, INT64_MAX, 7, 0), SYNC_RESET);
}

static void another_epoch_resets_everything(void **state)
{
	(void)state;
	struct sync_plan plan = sync_plan_new(false);

	assert_int_equal(step(&plan, 7, 3, 7, 3), SYNC_RESET);
}

static void what_does_not_fit_waits_and_what_is_smaller_does_not(void **state)
{
	(void)state;
	struct sync_plan plan = sync_plan_new(true);

	assert_int_equal(step_sent(&plan, 200), SYNC_FILL);
	assert_int_equal(step_sent(&plan, 200), SYNC_FILL);
	assert_int_equal(step(&plan, 0, 0, 100, 1), SYNC_LATER);
	assert_int_equal(step_sent(&plan, 100), SYNC_FILL);
	assert_int_equal(step_sent(&plan, 1), SYNC_LATER);
	assert_int_equal(step(&plan, 5, 5, 5, 5), SYNC_FILL);
	assert_int_equal(step(&plan, 0, 0, 201, 0), SYNC_RESET);
}

static void what_is_not_for_the_viewer_takes_no_room(void **state)
{
	(void)state;
	struct sync_plan plan = sync_plan_new(true);

	for (int i = 0; i < 10; i++) {
		assert_int_equal(step(&plan, 9, 0, 9, 200), SYNC_FILL);
		sync_plan_sent(&plan, 0);
	}
	assert_int_equal(plan.room, LIMIT_SYNC_TOTAL);
}

/* Or a client that asks for more would ask for ever. */
static void the_first_conversation_always_fits(void **state)
{
	(void)state;
	assert_true(2 * LIMIT_SYNC_CONVERSATION <= LIMIT_SYNC_TOTAL);
	assert_int_equal(
		alone(0, 0, LIMIT_SYNC_CONVERSATION, LIMIT_SYNC_CONVERSATION),
		SYNC_FILL);
}

/* A client would wait for ever for what is in between. */
static void who_joins_again_is_not_sent_what_was_meanwhile(void **state)
{
	(void)state;
	struct sync_plan plan = sync_plan_new(true);
	const struct sync_point before = {900, 0}, at = {989, 0};
	const struct sync_point ours = {1000, 0};

	assert_int_equal(sync_plan_next(&plan, &before, &ours, 990),
			 SYNC_RESET);
	assert_int_equal(sync_plan_next(&plan, &at, &ours, 990), SYNC_FILL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_gap_within_the_limit_is_filled),
		cmocka_unit_test(one_more_than_the_limit_is_reset),
		cmocka_unit_test(a_client_ahead_of_us_is_reset),
		cmocka_unit_test(another_epoch_resets_everything),
		cmocka_unit_test(
			what_does_not_fit_waits_and_what_is_smaller_does_not),
		cmocka_unit_test(what_is_not_for_the_viewer_takes_no_room),
		cmocka_unit_test(the_first_conversation_always_fits),
		cmocka_unit_test(
			who_joins_again_is_not_sent_what_was_meanwhile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
