/* A database that another version has made, or none, or another node uses. */
#include "copies.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "children.h"
#include "clock.h"
#include "mem.h"
#include "mongodb_fault.h"

static enum store_status look(struct store *store, const char *id)
{
	struct store_user user;
	enum store_status status = store_user_get(store, id, &user);

	if (status == STORE_OK)
		store_user_done(&user);
	return status;
}

static void assert_refuses(struct contract *c, const char *why)
{
	char *error = store_prepare(c->store);

	assert_non_null(error);
	if (strstr(error, why) == NULL)
		fail_msg("%s: not '%s'", error, why);
	assert_null(strchr(error, '\n'));
	free(error);
}

static void assert_prepares(struct contract *c)
{
	char *error = store_prepare(c->store);

	if (error != NULL)
		fail_msg("%s", error);
}

/* ---- versions ---- */

static void a_newer_schema_is_refused_in_one_line(void **state)
{
	struct contract *c = *state;

	mongodb_run(c, "{'update': 'meta', 'updates': [{'q': {'_id': 'store'},"
		       " 'u': {'$set': {'schema': 700}}}]}");
	contract_reopen(c);
	assert_refuses(c, "was written by a newer Palabre (schema 700; this "
			  "one knows ");
	contract_reopen(c);
	assert_int_equal(look(c->store, c->ann), STORE_UNAVAILABLE);
	assert_non_null(
		strstr(store_error(c->store), "by a newer Palabre (schema"));
	mongodb_run(c, "{'update': 'meta', 'updates': [{'q': {'_id': 'store'},"
		       " 'u': {'$set': {'schema': 2}}}]}");
	assert_ok(look(c->store, c->ann));
}

static void no_verb_makes_a_store(void **state)
{
	struct contract *c = *state;

	mongodb_run(c, "{'dropDatabase': 1}");
	contract_reopen(c);
	assert_int_equal(look(c->store, c->ann), STORE_UNAVAILABLE);
	assert_non_null(strstr(store_error(c->store), " is empty"));
	assert_int_equal(store_try_write(c->store), STORE_UNAVAILABLE);
	assert_prepares(c);
	assert_int_equal(look(c->store, c->ann), STORE_NOT_FOUND);
	assert_ok(look(c->store, ID_SERVER));
}

static void what_is_there_stays_when_it_is_prepared_again(void **state)
{
	struct contract *c = *state;
	char before[ID_SIZE], after[ID_SIZE];

	assert_ok(store_epoch(c->store, before));
	contract_reopen(c);
	assert_prepares(c);
	assert_ok(store_epoch(c->store, after));
	assert_string_equal(before, after);
	assert_ok(look(c->store, c->ann));
}

static void who_was_erased_before_it_was_remembered_is_found(void **state)
{
	struct contract *c = *state;
	char dan[ID_SIZE];

	contract_add_user(c, "dan", dan);
	contract_place(c, c->bob, c->ann, "his");
	contract_place(c, c->ann, dan, "who did not answer");
	contract_erase(c, c->bob);
	contract_erase(c, dan);
	assert_ok(store_erase_begin(c->store, c->cat, ++c->now));
	mongodb_run(c, "{'drop': 'erased'}");
	mongodb_run(c, "{'update': 'meta', 'updates': [{'q': {'_id': 'store'},"
		       " 'u': {'$set': {'schema': 1}}}]}");
	contract_reopen(c);
	assert_int_equal(look(c->store, c->ann), STORE_UNAVAILABLE);
	assert_prepares(c);
	assert_true(contract_was_erased(c->store, c->bob));
	assert_true(contract_was_erased(c->store, dan));
	assert_true(contract_was_erased(c->store, c->cat));
	assert_false(contract_was_erased(c->store, c->ann));
}

/* Each for itself, and ends without a word; but the lease they take in turn. */
static int prepare_and_die(struct contract *c, int number, int report)
{
	char *error = NULL;

	(void)number;
	(void)report;
	for (int tries = 0; tries < 100; tries++) {
		free(error);
		error = store_prepare(c->store);
		if (error == NULL)
			return 0;
		if (strstr(error, "another node") == NULL)
			break;
		usleep(20000);
	}
	fprintf(stderr, "%s\n", error);
	free(error);
	return 1;
}

static void several_prepare_a_database_at_once(void **state)
{
	struct contract *c = *state;
	struct children children;
	char epoch[ID_SIZE];

	mongodb_run(c, "{'dropDatabase': 1}");
	children_start(&children, c, 6, prepare_and_die);
	children_wait(&children, c, NULL);
	assert_ok(store_epoch(c->store, epoch));
	assert_true(id_valid(epoch));
	assert_ok(look(c->store, ID_SERVER));
}

/* ---- one node ---- */

/* As long as its pipe is open. */
static pid_t start_node(struct contract *c, int *stop)
{
	int ready[2], over[2];
	char byte;
	pid_t pid;

	store_free(c->store);
	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(over), 0);
	pid = fork();
	if (pid == 0) {
		struct store *store = mongodb_open(c->uri);
		char *error = store_prepare(store);

		close(over[1]);
		if (error == NULL && write(ready[1], "x", 1) == 1 &&
		    read(over[0], &byte, 1) == 1)
			store_leave(store);
		_exit(error != NULL);
	}
	close(over[0]);
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	*stop = over[1];
	c->store = contract_open(c);
	return pid;
}

static void a_second_node_is_refused_until_the_first_has_left(void **state)
{
	struct contract *c = *state;
	int64_t began = clock_mono_ms();
	int stop;

	assert_ok(store_leave(c->store));
	pid_t pid = start_node(c, &stop);

	assert_refuses(c, " is used by another node (");
	assert_true(clock_mono_ms() - began < 10000);
	assert_ok(look(c->store, c->ann)); /* palabrectl's, say */
	assert_int_equal(write(stop, "x", 1), 1);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(stop);
	assert_prepares(c);
}

static void one_of_this_machine_that_was_killed_is_seen_to_be_gone(void **s)
{
	struct contract *c = *s;
	int stop;

	assert_ok(store_leave(c->store));
	pid_t pid = start_node(c, &stop);

	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(stop);
	int64_t began = clock_mono_ms();

	assert_prepares(c);
	assert_true(clock_mono_ms() - began < 10000);
}

static void be_elsewhere(struct contract *c)
{
	mongodb_run(c, "{'update': 'meta', 'updates': [{'q': {'_id': 'lease'},"
		       " 'u': {'$set': {'owner': 'elsewhere a b 1 2'}}}]}");
}

static void one_elsewhere_that_moves_is_alive(void **state)
{
	struct contract *c = *state;
	pid_t pid;

	be_elsewhere(c);
	pid = fork();
	if (pid == 0) {
		usleep(1000000);
		mongodb_run(c, "{'update': 'meta', 'updates':"
			       " [{'q': {'_id': 'lease'},"
			       " 'u': {'$inc': {'beat': 1}}}]}");
		_exit(0);
	}
	assert_refuses(c, " is used by another node (elsewhere)");
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void one_elsewhere_that_moves_no_more_is_gone(void **state)
{
	struct contract *c = *state;
	int64_t began = clock_mono_ms(), again_ms;

	be_elsewhere(c);
	assert_prepares(c);
	assert_true(clock_mono_ms() - began >= 15000);
	assert_ok(store_keep(c->store, c->now, &again_ms));
	assert_string_equal(store_notice(c->store), "");
}

static void housekeeping_says_when_another_node_has_taken_it(void **state)
{
	struct contract *c = *state;
	int64_t again_ms;

	be_elsewhere(c);
	assert_ok(store_keep(c->store, c->now, &again_ms));
	assert_non_null(
		strstr(store_notice(c->store), "is used by another node, too"));
}

/* Which goes on for longer than a lease that nobody keeps. */
static void a_copy_ends_when_another_node_has_taken_it(void **state)
{
	struct contract *c = *state;
	struct copies_place there = copies_open(contract_backend());

	be_elsewhere(c);
	copies_assert_refused(c->store, there.c.store, INT64_MAX,
			      " is used by another node (elsewhere)");
	copies_close(&there);
}

/* Somebody removed it, say, or restored a dump that has none. */
static void a_lease_that_is_gone_is_taken_again(void **state)
{
	struct contract *c = *state;
	int64_t again_ms;

	mongodb_run(c, "{'delete': 'meta', 'deletes':"
		       " [{'q': {'_id': 'lease'}, 'limit': 1}]}");
	assert_ok(store_keep(c->store, c->now, &again_ms));
	assert_string_equal(store_notice(c->store), "");
	assert_refuses(c, " is used by another node (");
}

/* ---- what is secret ---- */

static void assert_never_says(const char *uri, const char *secret)
{
	struct store *store = mongodb_open(uri);
	char *error = store_prepare(store);

	assert_non_null(error);
	assert_null(strchr(error, '\n'));
	assert_null(strstr(error, secret));
	assert_int_equal(look(store, ID_SERVER), STORE_UNAVAILABLE);
	assert_null(strstr(store_error(store), secret));
	assert_non_null(strstr(store_error(store), "MongoDB"));
	free(error);
	store_free(store);
}

static void no_error_names_a_password(void **state)
{
	struct contract *c = *state;
	char *wrong = mongodb_uri_with(c, "ann:s3cr3t@", "authSource=admin");

	assert_never_says(wrong, "s3cr3t");
	assert_never_says("mongodb://ann:s3cr3t@127.0.0.1:1/x", "s3cr3t");
	assert_never_says("mongodb://ann:s3cr3t@host.invalid/x", "s3cr3t");
	free(wrong);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(a_newer_schema_is_refused_in_one_line),
		CONTRACT_TEST(no_verb_makes_a_store),
		CONTRACT_TEST(what_is_there_stays_when_it_is_prepared_again),
		CONTRACT_TEST(who_was_erased_before_it_was_remembered_is_found),
		CONTRACT_TEST(several_prepare_a_database_at_once),
		CONTRACT_TEST(
			a_second_node_is_refused_until_the_first_has_left),
		CONTRACT_TEST(
			one_of_this_machine_that_was_killed_is_seen_to_be_gone),
		CONTRACT_TEST(one_elsewhere_that_moves_is_alive),
		CONTRACT_TEST(one_elsewhere_that_moves_no_more_is_gone),
		CONTRACT_TEST(housekeeping_says_when_another_node_has_taken_it),
		CONTRACT_TEST(a_copy_ends_when_another_node_has_taken_it),
		CONTRACT_TEST(a_lease_that_is_gone_is_taken_again),
		CONTRACT_TEST(no_error_names_a_password),
	};

	return contract_run_on("mongodb", "MongoDB's opening", tests,
			       COUNT_OF(tests));
}
