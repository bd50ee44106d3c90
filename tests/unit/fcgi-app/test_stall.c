/* With two members in this process, and children, and a clock of its own. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "stall.h"

static int64_t now = 1000000;

static int64_t clock_of_test(void)
{
	return now;
}

struct scene {
	struct stall *stall;
	struct stall_member one, other;
	struct store_watch ones, others;
};

static void join(struct stall_member *member, struct stall *stall)
{
	stall_join(member, stall);
	member->mono_ms = clock_of_test;
}

static int setup(void **state)
{
	static struct scene scene;

	scene = (struct scene){.stall = stall_new()};
	join(&scene.one, scene.stall);
	join(&scene.other, scene.stall);
	scene.ones = stall_watch(&scene.one);
	scene.others = stall_watch(&scene.other);
	*state = &scene;
	return 0;
}

static int teardown(void **state)
{
	struct scene *scene = *state;

	stall_free(scene->stall);
	return 0;
}

static bool enter(const struct store_watch *watch)
{
	return watch->enter(watch->context);
}

static void commit(const struct store_watch *watch)
{
	watch->commit(watch->context);
}

static void leave(const struct store_watch *watch, bool durable)
{
	watch->leave(durable, watch->context);
}

static int64_t age_of(const struct scene *scene)
{
	int64_t age;

	stall_look(scene->stall, now, &age);
	return age;
}

static void while_commits_end_everybody_writes(void **state)
{
	const struct scene *scene = *state;

	assert_true(enter(&scene->ones));
	commit(&scene->ones);
	now += STALL_MS - 1;
	assert_true(enter(&scene->others));
	assert_int_equal(age_of(scene), 0);
	assert_false(stall_is_on(scene->stall, now));
	leave(&scene->others, false);
	leave(&scene->ones, true);
}

static void a_commit_that_does_not_end_keeps_others_from_writing(void **state)
{
	const struct scene *scene = *state;

	assert_true(enter(&scene->ones));
	commit(&scene->ones);
	now += STALL_MS;
	assert_false(enter(&scene->others));
	assert_true(stall_is_on(scene->stall, now));
	assert_int_equal(age_of(scene), STALL_MS);
	assert_true(stall_holds(scene->stall, getpid(), now));
	assert_false(stall_holds(scene->stall, 1, now));
	/* The disk answers after all. */
	leave(&scene->ones, true);
	assert_false(stall_is_on(scene->stall, now));
	assert_true(enter(&scene->others));
	assert_true(enter(&scene->ones));
}

/* A write that waits for a lock has not begun to commit. */
static void waiting_for_a_lock_is_no_stall(void **state)
{
	const struct scene *scene = *state;

	assert_true(enter(&scene->ones));
	now += 10 * STALL_MS;
	assert_int_equal(age_of(scene), 0);
	assert_true(enter(&scene->others));
}

/* Begins a commit, and hangs. */
static pid_t start_hanging(struct stall *stall)
{
	int ready[2];
	char byte;

	assert_int_equal(pipe(ready), 0);
	pid_t child = fork();

	if (child == 0) {
		struct stall_member member = {.metrics = NULL};

		join(&member, stall);
		const struct store_watch watch = stall_watch(&member);

		if (enter(&watch))
			commit(&watch);
		(void)!write(ready[1], "x", 1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return child;
}

static void end_hanging(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static void when_who_hung_is_killed_one_at_a_time_tries(void **state)
{
	const struct scene *scene = *state;
	pid_t child = start_hanging(scene->stall);

	now += STALL_MS;
	assert_true(stall_holds(scene->stall, child, now));
	assert_false(enter(&scene->ones));
	end_hanging(child);
	assert_int_equal(age_of(scene), 0);
	assert_false(stall_holds(scene->stall, child, now));
	assert_true(stall_is_on(scene->stall, now));
	assert_true(enter(&scene->ones));
	assert_false(enter(&scene->others));
	/* It was refused, which says nothing of the disk. */
	leave(&scene->ones, false);
	assert_true(stall_is_on(scene->stall, now));
	assert_true(enter(&scene->others));
	commit(&scene->others);
	leave(&scene->others, true);
	assert_false(stall_is_on(scene->stall, now));
	assert_true(enter(&scene->ones));
	assert_true(enter(&scene->others));
}

static void who_tries_and_hangs_keeps_the_others_from_it(void **state)
{
	const struct scene *scene = *state;
	pid_t child = start_hanging(scene->stall);

	now += STALL_MS;
	assert_int_equal(age_of(scene), STALL_MS);
	end_hanging(child);
	child = start_hanging(scene->stall);
	assert_false(enter(&scene->ones));
	now += STALL_MS;
	assert_false(enter(&scene->ones));
	end_hanging(child);
	assert_true(enter(&scene->ones));
}

static void places_of_those_that_ended_are_taken_again(void **state)
{
	const struct scene *scene = *state;

	for (int i = 0; i < 600; i++) {
		pid_t child = fork();

		if (child == 0) {
			struct stall_member member = {.metrics = NULL};

			join(&member, scene->stall);
			_exit(member.place < 10 ? 0 : 1);
		}
		int status;

		waitpid(child, &status, 0);
		assert_int_equal(status, 0);
	}
}

static void who_shares_nothing_writes(void **state)
{
	struct stall_member member = {.metrics = NULL};

	(void)state;
	stall_join(&member, NULL);
	const struct store_watch watch = stall_watch(&member);

	assert_true(enter(&watch));
	commit(&watch);
	leave(&watch, true);
	assert_false(stall_is_on(NULL, now));
	stall_free(NULL);
}

/* Or whoever gets its number later would be taken for one that hangs. */
static void what_ended_in_a_commit_is_late_no_more(void **state)
{
	const struct scene *scene = *state;

	assert_true(enter(&scene->ones));
	commit(&scene->ones);
	now += STALL_MS;
	assert_true(stall_holds(scene->stall, getpid(), now));
	stall_forget(scene->stall, getpid() + 1);
	assert_true(stall_holds(scene->stall, getpid(), now));
	stall_forget(scene->stall, getpid());
	assert_false(stall_holds(scene->stall, getpid(), now));
	assert_int_equal(age_of(scene), 0);
	assert_true(enter(&scene->others));
}

static void who_is_kept_from_writing_knows_it_was_by_this(void **state)
{
	const struct scene *scene = *state;

	assert_true(enter(&scene->ones));
	assert_false(scene->one.refused);
	commit(&scene->ones);
	now += STALL_MS;
	assert_false(enter(&scene->others));
	assert_true(scene->other.refused);
	leave(&scene->ones, false);
	assert_true(enter(&scene->others));
	assert_false(scene->other.refused);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(while_commits_end_everybody_writes),
		CASE(a_commit_that_does_not_end_keeps_others_from_writing),
		CASE(waiting_for_a_lock_is_no_stall),
		CASE(when_who_hung_is_killed_one_at_a_time_tries),
		CASE(who_tries_and_hangs_keeps_the_others_from_it),
		CASE(places_of_those_that_ended_are_taken_again),
		CASE(what_ended_in_a_commit_is_late_no_more),
		CASE(who_is_kept_from_writing_knows_it_was_by_this),
		CASE(who_shares_nothing_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
