#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "delivery.h"
#include "mem.h"
#include "receipts.h"

#define ANN "aaaaaaaaaaaaaaaaaaaaaaaa"
#define BOB "bbbbbbbbbbbbbbbbbbbbbbbb"
#define ONE "111111111111111111111111"
#define TWO "222222222222222222222222"

static struct receipts *receipts;
static char told[200];

/* A delivery whose wall_ms is its seq. */
static void tell(struct delivery *delivery, void *user)
{
	(void)user;
	snprintf(told + strlen(told), sizeof(told) - strlen(told), "%d ",
		 (int)delivery->at_ms);
	delivery_free(delivery);
}

static int setup(void **state)
{
	const struct receipts_config config = {1000, 3, tell, NULL};

	(void)state;
	receipts = receipts_new(&config);
	told[0] = '\0';
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	receipts_free(receipts);
	return 0;
}

static void take(enum receipt_kind kind, const char *conversation,
		 const char *user, int64_t seq, int64_t now_ms)
{
	const struct receipt receipt = {kind, conversation, user, seq, false};
	struct delivery *delivery = xcalloc(1, sizeof(*delivery));

	delivery->at_ms = seq;
	receipts_take(receipts, &receipt, delivery, now_ms);
}

static void read_to(int64_t seq, int64_t now_ms)
{
	take(RECEIPT_READ, ONE, ANN, seq, now_ms);
}

static void the_first_is_told_at_once_and_the_last_after_a_second(void **state)
{
	(void)state;
	read_to(1, 0);
	assert_string_equal(told, "1 ");
	read_to(2, 100);
	read_to(3, 999);
	receipts_tick(receipts, 999);
	assert_string_equal(told, "1 ");
	receipts_tick(receipts, 1000);
	assert_string_equal(told, "1 3 ");
}

static void a_steady_reader_is_told_of_once_a_second(void **state)
{
	(void)state;
	for (int64_t now = 0; now < 5000; now += 50) {
		read_to(now / 50 + 1, now);
		receipts_tick(receipts, now);
	}
	assert_string_equal(told, "1 21 41 61 81 ");
	receipts_tick(receipts, 5000);
	assert_string_equal(told, "1 21 41 61 81 100 ");
}

static void what_comes_late_or_again_is_not_told(void **state)
{
	(void)state;
	read_to(5, 0);
	read_to(5, 10);
	read_to(4, 20);
	receipts_tick(receipts, 1000);
	assert_string_equal(told, "5 ");
	read_to(7, 1000);
	read_to(9, 1100);
	read_to(8, 1200);
	receipts_tick(receipts, 2000);
	assert_string_equal(told, "5 7 9 ");
}

static void kinds_people_and_conversations_do_not_wait_for_each_other(void **s)
{
	(void)s;
	take(RECEIPT_READ, ONE, ANN, 1, 0);
	take(RECEIPT_RECEIVED, ONE, ANN, 2, 0);
	take(RECEIPT_READ, ONE, BOB, 3, 0);
	assert_string_equal(told, "1 2 3 ");
	receipts_tick(receipts, 1000);
	take(RECEIPT_READ, TWO, ANN, 4, 1000);
	assert_string_equal(told, "1 2 3 4 ");
}

static void what_others_are_told_waits_for_nothing_of_ones_own(void **state)
{
	const struct receipt own = {RECEIPT_READ, ONE, ANN, 4, true};
	struct delivery *delivery = xcalloc(1, sizeof(*delivery));

	(void)state;
	delivery->at_ms = 4;
	read_to(1, 0);
	read_to(2, 1);
	receipts_take(receipts, &own, delivery, 2);
	read_to(3, 3);
	assert_string_equal(told, "1 4 ");
	receipts_tick(receipts, 1000);
	assert_string_equal(told, "1 4 3 ");
}

static void quiet_ones_are_forgotten(void **state)
{
	(void)state;
	read_to(1, 0);
	read_to(2, 1);
	receipts_tick(receipts, 1000);
	assert_int_equal(receipts_count(receipts), 1);
	receipts_tick(receipts, 1999);
	assert_int_equal(receipts_count(receipts), 1);
	receipts_tick(receipts, 2000);
	assert_int_equal(receipts_count(receipts), 0);
	read_to(3, 2000);
	assert_string_equal(told, "1 2 3 ");
}

static void what_is_too_much_to_remember_goes_out_at_once(void **state)
{
	(void)state;
	take(RECEIPT_READ, ONE, ANN, 1, 0);
	take(RECEIPT_RECEIVED, ONE, ANN, 2, 0);
	take(RECEIPT_READ, ONE, BOB, 3, 0);
	take(RECEIPT_READ, TWO, BOB, 4, 0);
	take(RECEIPT_READ, TWO, BOB, 5, 0);
	assert_string_equal(told, "1 2 3 4 5 ");
	assert_int_equal(receipts_count(receipts), 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_is_told_at_once_and_the_last_after_a_second),
		TEST(a_steady_reader_is_told_of_once_a_second),
		TEST(what_comes_late_or_again_is_not_told),
		TEST(kinds_people_and_conversations_do_not_wait_for_each_other),
		TEST(what_others_are_told_waits_for_nothing_of_ones_own),
		TEST(quiet_ones_are_forgotten),
		TEST(what_is_too_much_to_remember_goes_out_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
