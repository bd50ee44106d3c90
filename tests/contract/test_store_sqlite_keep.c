/* Housekeeping: who copies SQLite's log, how long it gets, who syncs when. */
#include "children.h"
#include "slow_vfs.h"
#include "sqlite_fault.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "mem.h"

#define MIB (1024 * 1024)
#define LONG_TEXT 100000
#define IN_TIME_MS 4000 /* 1.5 s are promised, of a machine of its own */

static int write_long(struct contract *c, int count)
{
	char *text = xcalloc(1, LONG_TEXT + 1);
	int refused = 0;

	memset(text, 'x', LONG_TEXT);
	for (int i = 0; i < count; i++) {
		const struct store_send send = {
			.sender_name = "n",
			.to = c->bob,
			.content = text,
			.now_ms = ++c->now,
		};
		struct store_sent sent;

		if (store_send(c->store, AS(c->ann), &send, &sent) == STORE_OK)
			store_sent_done(&sent);
		else
			refused++;
	}
	free(text);
	return refused;
}

/* ---- the log ---- */

static void no_commit_copies_the_log_and_housekeeping_does(void **state)
{
	struct contract *c = *state;
	struct store *keeper = contract_open(c);
	struct slow_counts before, after;

	fault_keep(keeper, c->now);
	slow_vfs_counts(&before);
	assert_int_equal(write_long(c, 300), 0);
	slow_vfs_counts(&after);
	assert_int_equal(after.file_writes, before.file_writes);
	assert_true(fault_size(c, "-wal") > 25 * MIB);
	assert_true(fault_size(c, "") < 5 * MIB);
	fault_keep(keeper, c->now);
	assert_true(fault_size(c, "") > 25 * MIB);
	/* Copied, it begins anew instead of growing on. */
	int64_t log = fault_size(c, "-wal");

	assert_int_equal(write_long(c, 100), 0);
	assert_int_equal(fault_size(c, "-wal"), log);
	store_free(keeper);
}

static int write_on(struct contract *c, int number, int report)
{
	(void)number;
	(void)report;
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* also of a test that failed */
	for (;;) {
		write_long(c, 1);
		usleep(500);
	}
	return 0;
}

static int read_on(struct contract *c, int number, int report)
{
	struct store_conversation seen;
	char direct[ID_SIZE];

	(void)number;
	(void)report;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	id_direct(c->ann, c->bob, direct);
	for (;;) {
		/* One state of the store, for a few milliseconds. */
		if (store_read_begin(c->store) != STORE_OK)
			continue;
		if (store_conversation_get(c->store, AS(c->ann), direct,
					   &seen) == STORE_OK)
			store_conversation_done(&seen);
		usleep(3000);
		store_read_end(c->store);
	}
	return 0;
}

static void end_children(struct children *children)
{
	for (int i = 0; i < children->count; i++) {
		kill(children->pid[i], SIGKILL);
		waitpid(children->pid[i], NULL, 0);
	}
}

static void the_log_stays_short_though_writing_and_reading_never_ends(void **s)
{
	struct contract *c = *s;
	struct children readers, writers;
	int64_t most = 0, written = 0;
	struct store *keeper;

	children_start(&writers, c, 1, write_on);
	children_start(&readers, c, 3, read_on);
	keeper = contract_open(c);
	while (written < 200 * MIB) {
		int64_t again_ms = fault_keep(keeper, c->now);
		struct slow_counts counts;
		int64_t log = fault_size(c, "-wal");

		slow_vfs_counts(&counts);
		written = counts.log_bytes;
		most = log > most ? log : most;
		usleep((useconds_t)again_ms * 1000);
	}
	end_children(&writers);
	end_children(&readers);
	store_free(keeper);
	contract_reopen(c);
	/* The machine may have had no time for us for a while. */
	assert_in_range(most, MIB, 140 * MIB);
}

static void a_long_reader_is_named_and_then_the_log_gets_short(void **state)
{
	struct contract *c = *state;
	struct store *keeper = contract_open(c), *reader = contract_open(c);

	assert_ok(store_read_begin(reader));
	assert_int_equal(write_long(c, 1000), 0);
	fault_keep(keeper, c->now);
	assert_non_null(
		strstr(store_notice(keeper), "somebody has been reading"));
	assert_non_null(strstr(store_notice(keeper), fault_path(c)));
	fault_keep(keeper, c->now);
	assert_string_equal(store_notice(keeper), ""); /* once a minute */
	store_read_end(reader);
	usleep(700000); /* it tries again after half a second */
	fault_keep(keeper, c->now);

	int64_t log = fault_size(c, "-wal");

	assert_int_equal(write_long(c, 100), 0);
	assert_int_equal(fault_size(c, "-wal") > log, 0);
	store_free(reader);
	store_free(keeper);
}

/* ---- syncs ---- */

static int write_some(struct contract *c, int number, int report)
{
	const char *from = number % 2 ? c->ann : c->bob;
	const char *to = number % 2 ? c->bob : c->ann;

	(void)report;
	for (int i = 0; i < 20; i++) {
		const struct store_send send = {
			.sender_name = "n",
			.to = to,
			.content = "x",
			.now_ms = ++c->now,
		};
		struct store_sent sent;

		if (store_send(c->store, AS(from), &send, &sent) != STORE_OK)
			return 1;
		store_sent_done(&sent);
	}
	return 0;
}

/* Each waits for a sync of its own, but not for those of the others. */
static void writers_sync_beside_each_other_and_each_before_its_answer(void **s)
{
	struct contract *c = *s;
	struct slow_counts before, after;
	struct children children;

	slow_vfs_use(5000);
	slow_vfs_reset();
	slow_vfs_counts(&before);
	children_start(&children, c, 4, write_some);
	children_wait(&children, c, NULL);
	slow_vfs_counts(&after);
	slow_vfs_use(0);
	assert_true(after.syncs - before.syncs >= 4 * 20);
	assert_in_range(after.most_syncing, 2, 4);
}

static int write_once(struct contract *c, int number, int report)
{
	const struct store_send send = {
		.sender_name = "n",
		.to = number % 2 ? c->bob : c->ann,
		.content = "x",
		.now_ms = ++c->now,
	};
	struct store_sent sent;
	int64_t began = clock_mono_ms();

	(void)report;
	if (store_send(c->store, AS(number % 2 ? c->ann : c->bob), &send,
		       &sent) != STORE_OK)
		return 1;
	store_sent_done(&sent);
	return clock_mono_ms() - began < IN_TIME_MS ? 0 : 2;
}

/* One behind the other they would take over five seconds, or be refused. */
static void on_a_disk_that_takes_long_for_a_sync_all_write_in_time(void **s)
{
	struct contract *c = *s;
	struct children children;

	slow_vfs_use(700000);
	children_start(&children, c, 8, write_once);
	children_wait(&children, c, NULL);
	slow_vfs_use(0);
}

/* It may be there, it may be gone: whoever wrote asks again. */
static void a_commit_that_could_not_be_synced_is_not_acknowledged(void **state)
{
	struct contract *c = *state;
	struct slow_counts before, after;

	assert_ok(fault_send(c, "one"));
	slow_vfs_break(true);
	assert_int_equal(fault_send(c, "two"), STORE_UNAVAILABLE);
	assert_non_null(strstr(store_error(c->store), fault_path(c)));
	assert_int_equal(fault_send(c, "two"), STORE_UNAVAILABLE);
	slow_vfs_break(false);
	/* Not by the log alone, which may have a hole now. */
	slow_vfs_counts(&before);
	assert_ok(fault_send(c, "two"));
	slow_vfs_counts(&after);
	assert_true(after.file_writes > before.file_writes);
	assert_ok(fault_send(c, "three"));
	slow_vfs_counts(&before);
	assert_int_equal(after.file_writes, before.file_writes);
	contract_assert_clean(c->store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(no_commit_copies_the_log_and_housekeeping_does),
		CONTRACT_TEST(
			the_log_stays_short_though_writing_and_reading_never_ends),
		CONTRACT_TEST(
			a_long_reader_is_named_and_then_the_log_gets_short),
		CONTRACT_TEST(
			writers_sync_beside_each_other_and_each_before_its_answer),
		CONTRACT_TEST(
			on_a_disk_that_takes_long_for_a_sync_all_write_in_time),
		CONTRACT_TEST(
			a_commit_that_could_not_be_synced_is_not_acknowledged),
	};

	slow_vfs_use(0);
	return contract_run_on("sqlite", "SQLite's housekeeping", tests,
			       COUNT_OF(tests));
}
