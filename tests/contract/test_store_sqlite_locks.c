/* While another program holds the SQLite file. */
#include "sqlite_fault.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mem.h"

static void a_write_lock_of_another_stops_writing_not_reading(void **state)
{
	struct contract *c = *state;
	sqlite3 *raw = fault_open_raw(c);

	fault_assert_back(c);
	fault_run_raw(raw, "BEGIN IMMEDIATE");
	fault_assert_unavailable(c, false);
	fault_run_raw(raw, "ROLLBACK");
	fault_assert_back(c);
	sqlite3_close(raw);
}

static void a_lock_that_is_soon_gone_is_waited_for(void **state)
{
	struct contract *c = *state;
	int locked[2];
	char byte;

	fault_assert_back(c);
	store_free(c->store);
	assert_int_equal(pipe(locked), 0);
	pid_t pid = fork();

	if (pid == 0) {
		sqlite3 *raw = NULL;

		sqlite3_open(fault_path(c), &raw);
		sqlite3_exec(raw, "BEGIN IMMEDIATE", NULL, NULL, NULL);
		(void)!write(locked[1], "x", 1);
		usleep(100000);
		_exit(sqlite3_exec(raw, "COMMIT", NULL, NULL, NULL));
	}
	c->store = contract_open(c);
	assert_ok(fault_look(c));
	assert_int_equal(read(locked[0], &byte, 1), 1);
	assert_ok(fault_send(c, "waited"));
	int status;

	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	close(locked[0]);
	close(locked[1]);
}

/* As a program that keeps the whole file to itself: nothing is to be had, not
 * even by a connection that is opened now. */
static void an_exclusive_lock_of_another_stops_all(void **state)
{
	struct contract *c = *state;
	sqlite3 *raw;

	fault_assert_back(c);
	contract_reopen(c);
	raw = fault_open_raw(c);
	fault_run_raw(raw, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;"
			   " UPDATE meta SET value = value; COMMIT");
	fault_assert_unavailable(c, true);
	sqlite3_close(raw);
	fault_assert_back(c);
}

static void a_checkpoint_under_readers_and_writers_disturbs_nobody(void **s)
{
	struct contract *c = *s;
	sqlite3 *raw = fault_open_raw(c);

	fault_assert_back(c);
	assert_ok(store_read_begin(c->store));
	fault_run_raw(raw, "PRAGMA wal_checkpoint(PASSIVE)");
	assert_ok(fault_look(c));
	store_read_end(c->store);
	fault_run_raw(raw, "PRAGMA wal_checkpoint(TRUNCATE)");
	assert_ok(fault_look(c));
	sqlite3_close(raw);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(
			a_write_lock_of_another_stops_writing_not_reading),
		CONTRACT_TEST(a_lock_that_is_soon_gone_is_waited_for),
		CONTRACT_TEST(an_exclusive_lock_of_another_stops_all),
		CONTRACT_TEST(
			a_checkpoint_under_readers_and_writers_disturbs_nobody),
	};

	setenv("PALABRE_TEST_STORE", "sqlite", 1);
	return contract_run("SQLite's locks", tests, COUNT_OF(tests));
}
