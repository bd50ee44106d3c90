/* While another program holds the SQLite file. */
#include "sqlite_fault.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mem.h"
#include "store_sqlite.h"

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

/* Holds the file's lock for a while once it is told to, and says when it has
 * it. A process of its own, as SQLite's locks tell processes apart. */
struct holder {
	pid_t pid;
	int channel;
};

static _Noreturn void hold_for_a_while(const char *path, useconds_t us,
				       int channel)
{
	sqlite3 *raw = NULL;
	char byte;
	int rc = read(channel, &byte, 1) == 1 ? sqlite3_open(path, &raw)
					      : SQLITE_ABORT;

	if (rc == SQLITE_OK)
		rc = sqlite3_exec(raw, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	(void)!write(channel, "x", 1);
	usleep(us);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(raw, "COMMIT", NULL, NULL, NULL);
	_exit(rc);
}

static struct holder holder_start(struct contract *c, useconds_t us)
{
	struct holder holder;
	int channel[2];

	fault_assert_back(c);
	/* no connection may be carried into the other process */
	store_free(c->store);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, channel), 0);
	holder.pid = fork();
	if (holder.pid == 0) {
		close(channel[0]);
		hold_for_a_while(fault_path(c), us, channel[1]);
	}
	close(channel[1]);
	holder.channel = channel[0];
	c->store = contract_open(c);
	return holder;
}

static void holder_hold(const struct holder *holder)
{
	char byte;

	assert_int_equal(write(holder->channel, "x", 1), 1);
	assert_int_equal(read(holder->channel, &byte, 1), 1);
}

static void holder_end(const struct holder *holder)
{
	int status;

	waitpid(holder->pid, &status, 0);
	assert_int_equal(status, 0);
	close(holder->channel);
}

static void a_lock_that_is_soon_gone_is_waited_for(void **state)
{
	struct contract *c = *state;
	struct holder holder = holder_start(c, 100000);

	assert_ok(fault_look(c));
	holder_hold(&holder);
	assert_ok(fault_send(c, "waited"));
	holder_end(&holder);
}

static void whoever_prepares_it_waits_for_longer(void **state)
{
	struct contract *c = *state;
	struct holder holder = holder_start(c, 2000000);

	holder_hold(&holder);
	char *error = store_prepare(c->store);

	assert_null(error);
	holder_end(&holder);
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

/* ---- who is erased ---- */

static enum store_status erase_step(struct contract *c)
{
	struct store_erased erased;
	enum store_status status = store_erase_step(
		c->store, ++c->now, contract_no_hash, NULL, &erased);

	if (status == STORE_OK)
		store_erased_done(&erased);
	return status;
}

static void nobody_waits_for_a_lock_when_nobody_is_to_be_erased(void **state)
{
	struct contract *c = *state;
	sqlite3 *raw = fault_open_raw(c);

	fault_assert_back(c);
	fault_run_raw(raw, "BEGIN IMMEDIATE");
	assert_int_equal(erase_step(c), STORE_NOT_FOUND);
	fault_run_raw(raw, "ROLLBACK");
	sqlite3_close(raw);
}

struct reads {
	sqlite3 *handle;
	size_t free, locked;
};

/* Statements that go through messages. */
static int note_read(unsigned what, void *context, void *statement, void *sql)
{
	struct reads *reads = context;

	(void)what;
	(void)sql;
	if (strstr(sqlite3_sql(statement), "FROM message") == NULL)
		return 0;
	if (sqlite3_txn_state(reads->handle, "main") == SQLITE_TXN_WRITE)
		reads->locked++;
	else
		reads->free++;
	return 0;
}

static void messages_of_others_are_looked_through_without_a_lock(void **state)
{
	struct contract *c = *state;
	struct reads reads = {.free = 0};

	for (int i = 0; i < 10; i++)
		contract_place(c, c->ann, c->cat, "x");
	assert_ok(store_erase_begin(c->store, c->bob, ++c->now));
	reads.handle = store_sqlite_db(c->store)->handle;
	sqlite3_trace_v2(reads.handle, SQLITE_TRACE_STMT, note_read, &reads);
	while (erase_step(c) == STORE_OK)
		;
	sqlite3_trace_v2(reads.handle, 0, NULL, NULL);
	assert_true(reads.free > 0);
	assert_int_equal(reads.locked, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(
			a_write_lock_of_another_stops_writing_not_reading),
		CONTRACT_TEST(a_lock_that_is_soon_gone_is_waited_for),
		CONTRACT_TEST(whoever_prepares_it_waits_for_longer),
		CONTRACT_TEST(an_exclusive_lock_of_another_stops_all),
		CONTRACT_TEST(
			a_checkpoint_under_readers_and_writers_disturbs_nobody),
		CONTRACT_TEST(
			nobody_waits_for_a_lock_when_nobody_is_to_be_erased),
		CONTRACT_TEST(
			messages_of_others_are_looked_through_without_a_lock),
	};

	return contract_run_on("sqlite", "SQLite's locks", tests,
			       COUNT_OF(tests));
}
