#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "metrics.h"
#include "routes.h"

#define MINUTE 60000

static int setup(void **state)
{
	*state = metrics_new(1000, 2000);
	return 0;
}

static int teardown(void **state)
{
	metrics_free(*state);
	return 0;
}

static void every_route_has_a_row(void **state)
{
	size_t count = 0;

	(void)state;
	while (routes_table[count].method != NULL)
		count++;
	assert_in_range(count, 1, METRICS_ROUTES_MAX);
}

static void a_request_counts_once_by_status_and_by_time(void **state)
{
	struct metrics *metrics = *state;
	struct metrics_route *route = &metrics->routes[3];

	metrics_count_request(metrics, 3, 201, 250);
	metrics_count_request(metrics, 3, 200, 251);
	metrics_count_request(metrics, 3, 503, 2500001);
	assert_int_equal(route->statuses[1], 2);
	assert_int_equal(route->statuses[4], 1);
	assert_int_equal(route->took.counts[0], 1);
	assert_int_equal(route->took.counts[1], 1);
	assert_int_equal(route->took.counts[METRICS_BOUNDS], 1);
	assert_int_equal(route->took.sum_us, 250 + 251 + 2500001);
	assert_int_equal(metrics->routes[2].took.sum_us, 0);
}

static void one_that_nobody_was_answered_counts_by_time_alone(void **state)
{
	struct metrics *metrics = *state;

	metrics_count_request(metrics, METRICS_NO_ROUTE, 0, 10);
	for (size_t i = 0; i < METRICS_STATUSES; i++)
		assert_int_equal(metrics->routes[METRICS_NO_ROUTE].statuses[i],
				 0);
	assert_int_equal(metrics->routes[METRICS_NO_ROUTE].took.counts[0], 1);
}

static void bounds_grow(void **state)
{
	(void)state;
	for (size_t i = 1; i < METRICS_BOUNDS; i++)
		assert_true(metrics_bound_us(i) > metrics_bound_us(i - 1));
}

static void refusals_of_one_code_are_counted_together(void **state)
{
	struct metrics *metrics = *state;

	metrics_count_refusal(metrics, "invalid");
	metrics_count_refusal(metrics, "rate_limited");
	metrics_count_refusal(metrics, "rate_limited");
	metrics_count_refusal(metrics, NULL);
	assert_int_equal(metrics->refused[REFUSAL_INVALID], 1);
	assert_int_equal(metrics->refused[REFUSAL_RATE_LIMITED], 2);
	assert_int_equal(metrics->refused[REFUSAL_BAD_ADDRESS], 0);
}

static void minutes_keep_the_last_hour(void **state)
{
	struct metrics *metrics = *state;
	const struct metrics_minutes *minutes = &metrics->minute_messages;
	int64_t now = 1000 * MINUTE;

	metrics_count_message(metrics, now);
	metrics_count_message(metrics, now + MINUTE - 1);
	metrics_count_message(metrics, now + MINUTE);
	assert_int_equal(metrics_minute(minutes, 1, now + MINUTE), 2);
	assert_int_equal(metrics_minute(minutes, 0, now + MINUTE), 1);
	assert_int_equal(metrics_minute(minutes, 59, now + 59 * MINUTE), 2);
	/* Its place is another minute's by now. */
	assert_int_equal(metrics_minute(minutes, 0, now + 60 * MINUTE), 0);
	metrics_count_message(metrics, now + 60 * MINUTE);
	assert_int_equal(metrics_minute(minutes, 0, now + 60 * MINUTE), 1);
	assert_int_equal(metrics->messages, 4);
}

static void minutes_before_the_machine_was_up_are_empty(void **state)
{
	struct metrics *metrics = *state;

	metrics_count_message(metrics, 10);
	assert_int_equal(metrics_minute(&metrics->minute_messages, 0, 20), 1);
	assert_int_equal(metrics_minute(&metrics->minute_messages, 59, 20), 0);
}

static void of_writes_the_minute_knows_the_slowest(void **state)
{
	struct metrics *metrics = *state;
	uint64_t sum = 0, count = 0, slowest = 0;

	metrics_count_store(STORE_TIME_WRITE, 700, metrics);
	metrics_count_store(STORE_TIME_WRITE, 900, metrics);
	metrics_count_store(STORE_TIME_WRITE, 100, metrics);
	metrics_count_store(STORE_TIME_READ, 5000, metrics);
	/* The clock is the machine's: it may be another minute by now. */
	for (size_t i = 0; i < METRICS_MINUTES; i++) {
		sum += metrics->minute_write_us.at[i] & UINT32_MAX;
		count += metrics->minute_writes.at[i] & UINT32_MAX;
		if ((metrics->minute_slowest.at[i] & UINT32_MAX) > slowest)
			slowest = metrics->minute_slowest.at[i] & UINT32_MAX;
	}
	assert_int_equal(sum, 1700);
	assert_int_equal(count, 3);
	assert_int_equal(slowest, 900);
	assert_int_equal(metrics->stored[STORE_TIME_READ].sum_us, 5000);
	assert_int_equal(metrics->stored[STORE_TIME_COMMIT].sum_us, 0);
}

static void what_another_process_counts_is_known_here(void **state)
{
	struct metrics *metrics = *state;
	pid_t children[4];

	for (size_t i = 0; i < 4; i++) {
		children[i] = fork();
		if (children[i] != 0)
			continue;
		for (int n = 0; n < 1000; n++)
			metrics_count_message(metrics, 77 * MINUTE);
		_exit(0);
	}
	for (size_t i = 0; i < 4; i++)
		waitpid(children[i], NULL, 0);
	assert_int_equal(metrics->messages, 4000);
	assert_int_equal(
		metrics_minute(&metrics->minute_messages, 0, 77 * MINUTE),
		4000);
}

static void without_metrics_nothing_is_counted(void **state)
{
	(void)state;
	metrics_count_request(NULL, 0, 200, 1);
	metrics_count_refusal(NULL, "invalid");
	metrics_count_message(NULL, 1);
	metrics_count_store(STORE_TIME_READ, 1, NULL);
	metrics_count_end(NULL, 0, METRICS_DIED);
	metrics_free(NULL);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(every_route_has_a_row),
		CASE(a_request_counts_once_by_status_and_by_time),
		CASE(one_that_nobody_was_answered_counts_by_time_alone),
		CASE(bounds_grow),
		CASE(refusals_of_one_code_are_counted_together),
		CASE(minutes_keep_the_last_hour),
		CASE(minutes_before_the_machine_was_up_are_empty),
		CASE(of_writes_the_minute_knows_the_slowest),
		CASE(what_another_process_counts_is_known_here),
		CASE(without_metrics_nothing_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
