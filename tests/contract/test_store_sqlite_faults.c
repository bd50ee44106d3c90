/*
 * What can happen to an SQLite file, and that it is UNAVAILABLE within 2 s
 * while it lasts and over as soon as the cause is. Includes sqlite3.h to play
 * the disturber.
 */
#include "contract.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sched.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "crypt.h"
#include "mem.h"

#define DEADLINE_MS 2000
#define NOBODY 65534

static const char *path_of(const struct contract *c)
{
	return c->uri + strlen("sqlite:");
}

static char *beside(const struct contract *c, const char *suffix)
{
	return xasprintf("%s%s", path_of(c), suffix);
}

static enum store_status send_text(struct contract *c, const char *client_id)
{
	struct store_send send = {.sender = c->ann,
				  .to = c->bob,
				  .content = "some text",
				  .client_id = client_id};

	return contract_try(c, &send);
}

static enum store_status look(struct contract *c)
{
	struct store_user user;
	enum store_status status = store_user_get(c->store, c->ann, &user);

	if (status == STORE_OK)
		store_user_done(&user);
	return status;
}

/* Whatever the verb, in time, and with a line that names the file. */
static void assert_unavailable(struct contract *c, bool reads_too)
{
	int64_t began = clock_mono_ms();

	assert_int_equal(send_text(c, "kept"), STORE_UNAVAILABLE);
	assert_true(clock_mono_ms() - began < DEADLINE_MS);
	assert_non_null(strstr(store_error(c->store), path_of(c)));
	assert_null(strchr(store_error(c->store), '\n'));
	began = clock_mono_ms();
	assert_int_equal(look(c), reads_too ? STORE_UNAVAILABLE : STORE_OK);
	assert_true(clock_mono_ms() - began < DEADLINE_MS);
	if (!reads_too)
		return;
	assert_int_equal(store_read_begin(c->store), STORE_UNAVAILABLE);
	assert_int_equal(store_batch_begin(c->store), STORE_UNAVAILABLE);
	assert_int_equal(look(c), STORE_UNAVAILABLE);
}

static void assert_back(struct contract *c)
{
	assert_ok(look(c));
	assert_ok(send_text(c, "kept"));
}

/* ---- locked ---- */

static sqlite3 *open_raw(const struct contract *c)
{
	sqlite3 *raw = NULL;

	assert_int_equal(
		sqlite3_open_v2(path_of(c), &raw, SQLITE_OPEN_READWRITE, NULL),
		SQLITE_OK);
	return raw;
}

static void run_raw(sqlite3 *raw, const char *sql)
{
	char *error = NULL;

	if (sqlite3_exec(raw, sql, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("%s: %s", sql, error);
}

static void a_write_lock_of_another_stops_writing_not_reading(void **state)
{
	struct contract *c = *state;
	sqlite3 *raw = open_raw(c);

	assert_back(c);
	run_raw(raw, "BEGIN IMMEDIATE");
	assert_unavailable(c, false);
	run_raw(raw, "ROLLBACK");
	assert_back(c);
	sqlite3_close(raw);
}

static void a_lock_that_is_soon_gone_is_waited_for(void **state)
{
	struct contract *c = *state;
	int locked[2];
	char byte;

	assert_back(c);
	store_free(c->store);
	assert_int_equal(pipe(locked), 0);
	pid_t pid = fork();

	if (pid == 0) {
		sqlite3 *raw = NULL;

		sqlite3_open(path_of(c), &raw);
		sqlite3_exec(raw, "BEGIN IMMEDIATE", NULL, NULL, NULL);
		(void)!write(locked[1], "x", 1);
		usleep(300000);
		_exit(sqlite3_exec(raw, "COMMIT", NULL, NULL, NULL));
	}
	c->store = contract_open(c);
	assert_ok(look(c));
	assert_int_equal(read(locked[0], &byte, 1), 1);
	assert_ok(send_text(c, "waited"));
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

	assert_back(c);
	contract_reopen(c);
	raw = open_raw(c);
	run_raw(raw, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;"
		     " UPDATE meta SET value = value; COMMIT");
	assert_unavailable(c, true);
	sqlite3_close(raw);
	assert_back(c);
}

static void a_checkpoint_under_readers_and_writers_disturbs_nobody(void **s)
{
	struct contract *c = *s;
	sqlite3 *raw = open_raw(c);

	assert_back(c);
	assert_ok(store_read_begin(c->store));
	run_raw(raw, "PRAGMA wal_checkpoint(PASSIVE)");
	assert_ok(look(c));
	store_read_end(c->store);
	run_raw(raw, "PRAGMA wal_checkpoint(TRUNCATE)");
	assert_ok(look(c));
	sqlite3_close(raw);
}

/* ---- another file ---- */

static void move_all(const struct contract *c, bool away)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};

	for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
		char *here = beside(c, suffixes[i]);
		char *there = xasprintf("%s.away", here);

		if (rename(away ? here : there, away ? there : here) != 0)
			assert_int_equal(errno, ENOENT);
		free(here);
		free(there);
	}
}

static void a_file_that_is_gone_is_not_made_anew(void **state)
{
	struct contract *c = *state;
	struct stat st;

	assert_back(c);
	move_all(c, true);
	assert_unavailable(c, true);
	assert_int_equal(stat(path_of(c), &st), -1);
	move_all(c, false);
	assert_back(c);
}

static void a_folder_in_its_place_is_not_a_store(void **state)
{
	struct contract *c = *state;

	assert_back(c);
	move_all(c, true);
	assert_int_equal(mkdir(path_of(c), 0700), 0);
	assert_unavailable(c, true);
	assert_int_equal(rmdir(path_of(c)), 0);
	move_all(c, false);
	assert_back(c);
}

static void write_file(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), (ssize_t)len);
	close(fd);
}

static void neither_is_noise_nor_an_empty_nor_a_foreign_file(void **state)
{
	struct contract *c = *state;
	char noise[8192];
	sqlite3 *raw;

	assert_back(c);
	move_all(c, true);
	memset(noise, 'x', sizeof(noise));
	write_file(path_of(c), noise, sizeof(noise));
	assert_unavailable(c, true);
	write_file(path_of(c), "", 0);
	assert_unavailable(c, true);
	raw = open_raw(c);
	run_raw(raw, "CREATE TABLE theirs (x)");
	sqlite3_close(raw);
	assert_unavailable(c, true);

	char *error = store_prepare(c->store);

	assert_non_null(strstr(error, "is not a Palabre database"));
	free(error);
	unlink(path_of(c));
	move_all(c, false);
	assert_back(c);
}

static void a_file_that_was_replaced_is_opened_anew(void **state)
{
	struct contract *c = *state;
	char before[ID_SIZE], after[ID_SIZE];
	struct contract other = *c;

	assert_back(c);
	assert_ok(store_epoch(c->store, before));
	move_all(c, true);
	other.store = contract_open(&other);
	char *error = store_prepare(other.store);

	assert_null(error);
	assert_ok(store_epoch(c->store, after));
	assert_string_not_equal(before, after);
	assert_int_equal(look(c), STORE_NOT_FOUND);
	store_free(other.store);
	assert_int_equal(look(c), STORE_NOT_FOUND);
	/* With the replaced one goes its last connection. */
	contract_reopen(c);
	unlink(path_of(c));
	move_all(c, false);
	assert_back(c);
}

/* Root may read everything: give the files to somebody who may not. */
static void be_nobody(const struct contract *c, bool on)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	char *folder = xasprintf("%s/..", path_of(c));

	if (getuid() != 0)
		goto out;
	if (!on) {
		assert_int_equal(seteuid(0), 0);
		goto out;
	}
	*strrchr(folder, '/') = '\0';
	*strrchr(folder, '/') = '\0';
	assert_int_equal(chown(folder, NOBODY, NOBODY), 0);
	for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
		char *path = beside(c, suffixes[i]);

		if (chown(path, NOBODY, NOBODY) != 0)
			assert_int_equal(errno, ENOENT);
		free(path);
	}
	assert_int_equal(seteuid(NOBODY), 0);
out:
	free(folder);
}

static void a_file_that_may_not_be_read_or_written(void **state)
{
	struct contract *c = *state;

	assert_back(c);
	contract_reopen(c);
	be_nobody(c, true);
	chmod(path_of(c), 0000);
	assert_unavailable(c, true);
	chmod(path_of(c), 0400);
	assert_unavailable(c, true);
	chmod(path_of(c), 0600);
	assert_back(c);
	be_nobody(c, false);
}

static void its_files_are_for_their_owner_alone(void **state)
{
	struct contract *c = *state;
	static const char *const suffixes[] = {"", "-wal", "-shm"};

	assert_back(c);
	for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
		char *path = beside(c, suffixes[i]);
		struct stat st;

		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
		free(path);
	}
}

/* ---- no room ---- */

/* Sends until it fails; gives how many were acknowledged. */
static int send_until_refused(struct contract *c, size_t size)
{
	char *text = xmalloc(size + 1);
	int sent = 0;

	memset(text, 'x', size);
	text[size] = '\0';
	for (; sent < 10000; sent++) {
		struct store_send send = {
			.sender = c->ann, .to = c->bob, .content = text};
		enum store_status status = contract_try(c, &send);

		if (status == STORE_OK)
			continue;
		assert_int_equal(status, STORE_UNAVAILABLE);
		break;
	}
	free(text);
	assert_true(sent < 10000);
	return sent;
}

/* A refusal can make room: the file takes over what its log held. Until there
 * is truly none. */
static int send_until_full(struct contract *c, size_t size)
{
	int total = 0;

	for (int sent = -1; sent != 0; total += sent)
		sent = send_until_refused(c, size);
	return total;
}

static void assert_holds(struct contract *c, int count)
{
	struct store_conversation seen;
	char direct[ID_SIZE];

	id_direct(c->ann, c->bob, direct);
	assert_ok(store_conversation_get(c->store, c->ann, direct, &seen));
	assert_int_equal(seen.last_seq, count);
	store_conversation_done(&seen);
	contract_assert_clean(c->store);
}

/* The limit stands for a full disk where none can be mounted. */
static void a_file_that_may_not_grow_keeps_what_it_has(void **state)
{
	struct contract *c = *state;
	struct rlimit before, tight = {.rlim_cur = 300000};
	int count;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	tight.rlim_max = before.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	count = send_until_full(c, 4000);

	/* A batch is refused as a whole. */
	if (store_batch_begin(c->store) == STORE_OK) {
		send_until_refused(c, 20000);
		assert_int_equal(store_batch_commit(c->store),
				 STORE_UNAVAILABLE);
	}
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_true(count > 5);
	assert_holds(c, count);
	assert_back(c);
	assert_holds(c, count + 1);
}

static int fill_disk(const char *folder)
{
	struct contract c = {.now = CONTRACT_NOW};
	char *filler = xasprintf("%s/filler", folder);
	char block[4096] = {1};

	c.uri = xasprintf("sqlite:%s/palabre.db", folder);
	c.store = contract_open(&c);
	char *error = store_prepare(c.store);

	assert_null(error);
	contract_add_user(&c, "Ann", c.ann);
	contract_add_user(&c, "Bob", c.bob);

	int fd = open(filler, O_WRONLY | O_CREAT, 0600);
	int filled = 0;

	while (write(fd, block, sizeof(block)) == (ssize_t)sizeof(block))
		filled++;
	assert_true(filled > 100);
	assert_int_equal(send_until_refused(&c, 4000), 0);
	assert_ok(look(&c)); /* what is there can be read */
	assert_int_equal(ftruncate(fd, (filled - 50) * 4096), 0);
	close(fd);

	int count = send_until_full(&c, 4000);

	assert_true(count > 0);
	assert_holds(&c, count);
	unlink(filler);
	assert_back(&c);
	assert_holds(&c, count + 1);
	store_free(c.store);
	free(c.uri);
	free(filler);
	return 0;
}

static void write_line(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		_exit(77);
	close(fd);
}

/* A mount that is this process's alone and goes with it; an ordinary user
 * becomes root of a namespace of his own for that, where he may. */
static void mount_disk(const char *folder)
{
	char *users = xasprintf("0 %d 1", (int)geteuid());
	char *groups = xasprintf("0 %d 1", (int)getegid());

	if (unshare(CLONE_NEWNS) != 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
			_exit(77);
		write_line("/proc/self/setgroups", "deny");
		write_line("/proc/self/uid_map", users);
		write_line("/proc/self/gid_map", groups);
	}
	free(users);
	free(groups);
	mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
	if (mount("palabre", folder, "tmpfs", 0, "size=2m") != 0)
		_exit(77);
}

static void a_full_disk_keeps_what_it_has(void **state)
{
	struct contract *c = *state;
	char *folder = beside(c, ".disk");
	int status;

	assert_int_equal(mkdir(folder, 0700), 0);
	pid_t pid = fork();

	if (pid == 0) {
		mount_disk(folder);
		_exit(fill_disk(folder));
	}
	waitpid(pid, &status, 0);
	rmdir(folder);
	free(folder);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

/* ---- another schema ---- */

static void a_newer_schema_is_refused_in_one_line(void **state)
{
	struct contract *c = *state;
	sqlite3 *raw = open_raw(c);
	char *error;

	store_free(c->store);
	run_raw(raw, "PRAGMA user_version = 700");
	c->store = contract_open(c);
	error = store_prepare(c->store);
	assert_non_null(error);
	assert_non_null(strstr(error, path_of(c)));
	assert_non_null(strstr(error, "was written by a newer Palabre"
				      " (schema 700; this one knows 2)"));
	assert_null(strchr(error, '\n'));
	free(error);
	assert_unavailable(c, true);
	run_raw(raw, "PRAGMA user_version = 2");
	assert_back(c);
	sqlite3_close(raw);
}

static void a_store_of_the_first_schema_is_brought_up_to_date(void **state)
{
	struct contract *c = *state;
	sqlite3 *raw = open_raw(c);
	struct store_guesses guesses;
	struct store_user user;

	store_free(c->store);
	run_raw(raw, "DROP TABLE guess; PRAGMA user_version = 1");
	sqlite3_close(raw);
	c->store = contract_open(c);
	assert_null(store_prepare(c->store));
	assert_ok(store_guesses_get(c->store, "nobody", &guesses));
	assert_ok(store_user_get(c->store, c->ann, &user));
	store_user_done(&user);
}

static void a_store_in_no_folder_cannot_be_made(void **state)
{
	(void)state;
	struct contract c = {.uri = xstrdup("sqlite:/nowhere/at/all.db")};
	char *error;

	c.store = contract_open(&c);
	error = store_prepare(c.store);
	assert_string_equal(error, "cannot open /nowhere/at/all.db: "
				   "No such file or directory");
	free(error);
	store_free(c.store);
	free(c.uri);
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
		CONTRACT_TEST(a_file_that_is_gone_is_not_made_anew),
		CONTRACT_TEST(a_folder_in_its_place_is_not_a_store),
		CONTRACT_TEST(neither_is_noise_nor_an_empty_nor_a_foreign_file),
		CONTRACT_TEST(a_file_that_was_replaced_is_opened_anew),
		CONTRACT_TEST(a_file_that_may_not_be_read_or_written),
		CONTRACT_TEST(its_files_are_for_their_owner_alone),
		CONTRACT_TEST(a_file_that_may_not_grow_keeps_what_it_has),
		CONTRACT_TEST(a_full_disk_keeps_what_it_has),
		CONTRACT_TEST(a_newer_schema_is_refused_in_one_line),
		CONTRACT_TEST(
			a_store_of_the_first_schema_is_brought_up_to_date),
		CONTRACT_TEST(a_store_in_no_folder_cannot_be_made),
	};

	setenv("PALABRE_TEST_STORE", "sqlite", 1);
	return contract_run("SQLite's faults", tests, COUNT_OF(tests));
}
