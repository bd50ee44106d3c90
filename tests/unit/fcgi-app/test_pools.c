/* With children that only wait for a signal, and a clock of its own. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "pools.h"

static void wait_for_signal(int pool, atomic_uint *moves, void *context)
{
	(void)pool;
	(void)moves;
	(void)context;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
}

static struct pools *pools_of(int64_t api_workers)
{
	const int64_t counts[POOLS_ALL] = {[POOL_API] = api_workers};
	struct pools *pools = pools_new(wait_for_signal, NULL, NULL);

	pools_want(pools, counts);
	pools_tend(pools, 0);
	assert_int_equal(pools_signal(pools, 0), api_workers);
	return pools;
}

static void want_again(struct pools *pools, int64_t api_workers, int64_t now_ms)
{
	const int64_t counts[POOLS_ALL] = {[POOL_API] = api_workers};

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
	const int64_t counts[POOLS_ALL] = {3, 2, 1, 1, 1};
	struct pools *pools = pools_new(wait_for_signal, NULL, NULL);

	pools_want(pools, counts);
	assert_int_equal(pools_next_turn(pools, 5), 0);
	pools_tend(pools, 5);
	assert_int_equal(pools_signal(pools, 0), 8);
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

/* Two that do not hear of it, and the first does not even end: as far as
 * anybody can see, for it is not collected. */
static void
one_that_cannot_be_killed_keeps_no_other_from_being_replaced(void **state)
{
	(void)state;
	signal(SIGHUP, SIG_IGN); /* which children inherit */
	struct pools *pools = pools_of(2);

	signal(SIGHUP, SIG_DFL);
	want_again(pools, 2, 1000);
	assert_int_equal(pools_signal(pools, 0), 3);
	pools_tend(pools, 1000 + POOLS_LEAVE_MS);
	pools_tend(pools, 1000 + POOLS_LEAVE_MS);
	assert_int_equal(pools_signal(pools, 0), 4);
	end(pools);
}

static void nobody_serves_while_the_only_worker_waits(void **state)
{
	(void)state;
	struct pools *pools = pools_of(1);

	for (int i = 0; i < 2; i++) {
		assert_true(pools_serves(pools, POOL_API, 0));
		pools_signal(pools, SIGKILL);
		collect(pools, 0);
		pools_tend(pools, 0);
	}
	assert_false(pools_serves(pools, POOL_API, 0));
	assert_false(pools_serves(pools, POOL_API, 99));
	assert_true(pools_serves(pools, POOL_API, 100));
	assert_false(pools_serves(pools, POOL_AUTH, 100));
	pools_free(pools);
}

/* ---- those that do not move ---- */

static void count_on(int pool, atomic_uint *moves, void *context)
{
	atomic_uint *seen = context;

	(void)pool;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		atomic_fetch_add(moves, 1);
		atomic_fetch_add(seen, 1);
		usleep(1000);
	}
}

/* Until a child has counted further. */
static void await_move(atomic_uint *seen)
{
	for (unsigned was = atomic_load(seen); atomic_load(seen) < was + 2;)
		usleep(1000);
}

static void
a_worker_that_does_not_move_is_replaced_after_ten_seconds(void **state)
{
	(void)state;
	struct pools *pools = pools_of(1);

	assert_int_equal(pools_next_turn(pools, 0), POOLS_LOOK_MS);
	for (int64_t now_ms = 0; now_ms < 10000; now_ms += 500) {
		pools_tend(pools, now_ms);
		assert_int_equal(pools_signal(pools, 0), 1);
	}
	pools_tend(pools, 10000);
	assert_int_equal(pools_signal(pools, 0), 2);
	collect(pools, 10000);
	assert_int_equal(pools_signal(pools, 0), 1);
	pools_tend(pools, 18000);
	assert_int_equal(pools_signal(pools, 0), 1);
	end(pools);
}

static void one_that_moves_stays_however_late_we_look(void **state)
{
	(void)state;
	const int64_t counts[POOLS_ALL] = {[POOL_RT] = 1};
	atomic_uint *seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct pools *pools = pools_new(count_on, seen, NULL);

	pools_want(pools, counts);
	pools_tend(pools, 0);
	for (int64_t now_ms = 2000; now_ms < 20000; now_ms += 2000) {
		await_move(seen);
		pools_tend(pools, now_ms);
		assert_int_equal(pools_signal(pools, 0), 1);
	}
	/* The machine slept. */
	pools_signal(pools, SIGSTOP);
	pools_tend(pools, 1000000);
	pools_tend(pools, 2000000);
	assert_int_equal(pools_signal(pools, 0), 1);
	end(pools);
	munmap(seen, sizeof(*seen));
}

static void who_makes_previews_may_be_still_but_not_stopped(void **state)
{
	(void)state;
	const int64_t counts[POOLS_ALL] = {[POOLS_PREVIEW] = 1};
	struct pools *pools = pools_new(wait_for_signal, NULL, NULL);
	siginfo_t info;

	pools_want(pools, counts);
	for (int64_t now_ms = 0; now_ms < 60000; now_ms += 1000)
		pools_tend(pools, now_ms);
	assert_int_equal(pools_signal(pools, 0), 1);
	pools_signal(pools, SIGSTOP);
	assert_int_equal(waitid(P_ALL, 0, &info, WSTOPPED | WNOWAIT), 0);
	for (pools_reap(pools, 60000); pools_signal(pools, 0) > 0;
	     pools_reap(pools, 60000))
		usleep(1000);
	pools_tend(pools, 60000);
	assert_int_equal(pools_signal(pools, 0), 1);
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
	assert_in_range(pools_next_turn(pools, 1000), 1, POOLS_LEAVE_MS);
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
		cmocka_unit_test(
			one_that_cannot_be_killed_keeps_no_other_from_being_replaced),
		cmocka_unit_test(nobody_serves_while_the_only_worker_waits),
		cmocka_unit_test(
			a_worker_that_does_not_move_is_replaced_after_ten_seconds),
		cmocka_unit_test(one_that_moves_stays_however_late_we_look),
		cmocka_unit_test(
			who_makes_previews_may_be_still_but_not_stopped),
		cmocka_unit_test(whom_nobody_wants_any_more_leaves),
		cmocka_unit_test(
			a_worker_that_does_not_leave_is_killed_in_time),
	};

	alarm(60); /* for a child that does not end as it should */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
