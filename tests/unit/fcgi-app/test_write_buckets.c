#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypt.h"
#include "write_buckets.h"

#define SECOND 1000000
#define ANN "0190000000000000000000a1"
#define BOB "0190000000000000000000b2"

static const struct write_rate rate = {10, 5, 1};

static int set_up(void **state)
{
	crypt_init();
	*state = write_buckets_new();
	return 0;
}

static int tear_down(void **state)
{
	write_buckets_free(*state);
	return 0;
}

static int taken(struct write_buckets *buckets, const char *user,
		 int64_t now_us, int tries)
{
	int count = 0;

	for (int i = 0; i < tries; i++)
		count += write_buckets_take(buckets, user, &rate, now_us) == 0;
	return count;
}

static void a_burst_passes_and_then_the_rate(void **state)
{
	int64_t now = 1000 * SECOND;

	assert_int_equal(taken(*state, ANN, now, 20), 5);
	assert_int_equal(write_buckets_take(*state, ANN, &rate, now),
			 SECOND / 10);
	assert_int_equal(taken(*state, ANN, now + SECOND / 10, 3), 1);
	assert_int_equal(taken(*state, ANN, now + SECOND / 2, 9), 4);
	/* No more than a burst is saved up. */
	assert_int_equal(taken(*state, ANN, now + 1000 * SECOND, 20), 5);
}

static void everyone_has_their_own(void **state)
{
	assert_int_equal(taken(*state, ANN, SECOND, 20), 5);
	assert_int_equal(taken(*state, BOB, SECOND, 20), 5);
}

static void what_is_given_back_can_be_taken_again(void **state)
{
	assert_int_equal(taken(*state, ANN, SECOND, 20), 5);
	write_buckets_give_back(*state, ANN, &rate);
	assert_int_equal(taken(*state, ANN, SECOND, 20), 1);
	for (int i = 0; i < 50; i++)
		write_buckets_give_back(*state, ANN, &rate);
	assert_int_equal(taken(*state, ANN, SECOND, 20), 5);
}

/* Processes take at once; between them they get no more than there is. */
static void processes_share_it(void **state)
{
	enum { CHILDREN = 4, TRIES = 20000 };
	static const struct write_rate much = {10, 40000, 1};
	int sum = 0;

	for (int i = 0; i < CHILDREN; i++) {
		if (fork() != 0)
			continue;
		for (int n = 0; n < TRIES; n++)
			write_buckets_take(*state, ANN, &much, SECOND);
		_exit(0);
	}
	for (int i = 0; i < CHILDREN; i++)
		wait(NULL);
	for (int n = 0; n < TRIES; n++)
		sum += write_buckets_take(*state, ANN, &much, SECOND) == 0;
	assert_int_equal(sum, 0);
	write_buckets_give_back(*state, ANN, &much);
	assert_int_equal(write_buckets_take(*state, ANN, &much, SECOND), 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(a_burst_passes_and_then_the_rate),
		CASE(everyone_has_their_own),
		CASE(what_is_given_back_can_be_taken_again),
		CASE(processes_share_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
