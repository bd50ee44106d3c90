/* When the SQLite file goes, is another one or may not be opened. */
#include "sqlite_fault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"

#define NOBODY 65534

static void move_all(const struct contract *c, bool away)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};

	for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
		char *here = fault_beside(c, suffixes[i]);
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

	bool kept = false;

	fault_assert_back(c);
	move_all(c, true);
	fault_assert_unavailable(c, true);
	/* Bytes whose file may be there stay. */
	assert_int_equal(store_file_is_kept(c->store, "none", &kept),
			 STORE_UNAVAILABLE);
	assert_true(kept);
	assert_int_equal(stat(fault_path(c), &st), -1);
	move_all(c, false);
	fault_assert_back(c);
}

static void a_folder_in_its_place_is_not_a_store(void **state)
{
	struct contract *c = *state;

	fault_assert_back(c);
	move_all(c, true);
	assert_int_equal(mkdir(fault_path(c), 0700), 0);
	fault_assert_unavailable(c, true);
	assert_int_equal(rmdir(fault_path(c)), 0);
	move_all(c, false);
	fault_assert_back(c);
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

	fault_assert_back(c);
	move_all(c, true);
	memset(noise, 'x', sizeof(noise));
	write_file(fault_path(c), noise, sizeof(noise));
	fault_assert_unavailable(c, true);
	write_file(fault_path(c), "", 0);
	fault_assert_unavailable(c, true);
	raw = fault_open_raw(c);
	fault_run_raw(raw, "CREATE TABLE theirs (x)");
	sqlite3_close(raw);
	fault_assert_unavailable(c, true);

	char *error = store_prepare(c->store);

	assert_non_null(strstr(error, "is not a Palabre database"));
	free(error);
	unlink(fault_path(c));
	move_all(c, false);
	fault_assert_back(c);
}

static void a_file_that_was_replaced_is_opened_anew(void **state)
{
	struct contract *c = *state;
	char before[ID_SIZE], after[ID_SIZE];
	struct contract other = *c;

	fault_assert_back(c);
	assert_ok(store_epoch(c->store, before));
	move_all(c, true);
	other.store = contract_open(&other);
	char *error = store_prepare(other.store);

	assert_null(error);
	assert_ok(store_epoch(c->store, after));
	assert_string_not_equal(before, after);
	assert_int_equal(fault_look(c), STORE_NOT_FOUND);
	store_free(other.store);
	assert_int_equal(fault_look(c), STORE_NOT_FOUND);
	/* With the replaced one goes its last connection. */
	contract_reopen(c);
	unlink(fault_path(c));
	move_all(c, false);
	fault_assert_back(c);
}

/* Root may read everything: give the files to somebody who may not. */
static void be_nobody(const struct contract *c, bool on)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	char *folder = xasprintf("%s/..", fault_path(c));

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
		char *path = fault_beside(c, suffixes[i]);

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

	fault_assert_back(c);
	contract_reopen(c);
	be_nobody(c, true);
	chmod(fault_path(c), 0000);
	fault_assert_unavailable(c, true);
	chmod(fault_path(c), 0400);
	fault_assert_unavailable(c, true);
	chmod(fault_path(c), 0600);
	fault_assert_back(c);
	be_nobody(c, false);
}

static void its_files_are_for_their_owner_alone(void **state)
{
	struct contract *c = *state;
	static const char *const suffixes[] = {"", "-wal", "-shm"};

	fault_assert_back(c);
	for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
		char *path = fault_beside(c, suffixes[i]);
		struct stat st;

		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
		free(path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TEST(a_file_that_is_gone_is_not_made_anew),
		CONTRACT_TEST(a_folder_in_its_place_is_not_a_store),
		CONTRACT_TEST(neither_is_noise_nor_an_empty_nor_a_foreign_file),
		CONTRACT_TEST(a_file_that_was_replaced_is_opened_anew),
		CONTRACT_TEST(a_file_that_may_not_be_read_or_written),
		CONTRACT_TEST(its_files_are_for_their_owner_alone),
	};

	return contract_run_on("sqlite", "SQLite's files", tests,
			       COUNT_OF(tests));
}
