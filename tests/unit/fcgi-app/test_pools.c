/* With children that only wait for a signal, and a clock of its own. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "pools.h"

static void wait_for_signal(enum route_pool pool, void *context)
{
	(void)pool;
	(void)context;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
}

static struct pools *pools_of(int64_t api_workers)
{
	const int64_t counts[POOLS] = {[POOL_API] = api_workers};
	struct pools *pools = pools_new(wait_for_signal, NULL);

	pools_want(pools, counts);
	pools_tend(pools, 0);
	assert_int_equal(pools_signal(pools, 0), api_workers);
	return pools;
}

static void want_again(struct pools *pools, int64_t api_workers, int64_t now_ms)
{
	const int64_t counts[POOLS] = {[POOL_API] = api_workers};

	pools_want(pools, counts);
	pools_tend(pools, now_ms);
}

/* One that was told to has ended. */
static void collect(struct pools *pools, int64_t now_ms)
{
	siginfo_t info;

	assert_int_equal(waitid(P_ALL, 0, &info, WEXITED | WNOWAIT), 0);
	pools_reap(pools, now_ms);
}

static void end(struct pools *pools)
{
	for (pools_signal(pools, SIGKILL); pools_signal(pools, 0) > 0;)
		collect(pools, 0);
	pools_free(pools);
}

static void every_pool_gets_its_workers(void **state)
{
	(void)state;
	const int64_t counts[POOLS] = {3, 2, 1};
	struct pools *pools = pools_new(wait_for_signal, NULL);

	pools_want(pools, counts);
	assert_int_equal(pools_next_turn(pools, 5), 0);
	pools_tend(pools, 5);
	assert_int_equal(pools_signal(pools, 0), 6);
	assert_true(pools_next_turn(pools, 5) > 1000);
	end(pools);
}

static void a_worker_that_keeps_dying_waits_ever_longer(void **state)
{
	(void)state;
	static const int64_t pauses[] = {0,    100,  200,  400, 800,
					 1600, 3200, 5000, 5000};
	struct pools *pools = pools_of(1);
	int64_t now_ms = 0;

	for (size_t i = 0; i < sizeof(pauses) / sizeof(*pauses); i++) {
		pools_signal(pools, SIGKILL);
		collect(pools, now_ms);
		assert_int_equal(pools_next_turn(pools, now_ms), pauses[i]);
		pools_tend(pools, now_ms + pauses[i] - 1);
		assert_int_equal(pools_signal(pools, 0), 0);
		now_ms += pauses[i];
		pools_tend(pools, now_ms);
		assert_int_equal(pools_signal(pools, 0), 1);
	}
	/* It lived for long: all is forgiven. */
	now_ms += 10000;
	pools_signal(pools, SIGKILL);
	collect(pools, now_ms);
	assert_int_equal(pools_next_turn(pools, now_ms), 0);
	end(pools);
}

static void they_are_replaced_one_at_a_time(void **state)
{
	(void)state;
	struct pools *pools = pools_of(2);

	want_again(pools, 2, 1000);
	for (int i = 0; i < 2; i++) {
		pools_tend(pools, 1000);
		assert_int_equal(pools_signal(pools, 0), 3);
		collect(pools, 1000);
		assert_int_equal(pools_signal(pools, 0), 2);
	}
	pools_tend(pools, 1000);
	assert_int_equal(pools_signal(pools, 0), 2);
	end(pools);
}

static void whom_nobody_wants_any_more_leaves(void **state)
{
	(void)state;
	struct pools *pools = pools_of(2);

	want_again(pools, 1, 1000);
	collect(pools, 1000);
	pools_tend(pools, 1000);
	collect(pools, 1000);
	assert_int_equal(pools_signal(pools, 0), 1);
	end(pools);
}

static void a_worker_that_does_not_leave_is_killed_in_time(void **state)
{
	(void)state;
	signal(SIGHUP, SIG_IGN); /* which children inherit */
	struct pools *pools = pools_of(1);

	signal(SIGHUP, SIG_DFL);
	want_again(pools, 1, 1000);
	assert_int_equal(pools_next_turn(pools, 1000), POOLS_LEAVE_MS);
	pools_tend(pools, 1000 + POOLS_LEAVE_MS - 1);
	assert_int_equal(pools_signal(pools, 0), 2);
	pools_tend(pools, 1000 + POOLS_LEAVE_MS);
	collect(pools, 1000 + POOLS_LEAVE_MS);
	assert_int_equal(pools_signal(pools, 0), 1);
	end(pools);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pool_gets_its_workers),
		cmocka_unit_test(a_worker_that_keeps_dying_waits_ever_longer),
		cmocka_unit_test(they_are_replaced_one_at_a_time),
		cmocka_unit_test(whom_nobody_wants_any_more_leaves),
		cmocka_unit_test(
			a_worker_that_does_not_leave_is_killed_in_time),
	};

	alarm(60); /* for a child that does not end as it should */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
