#include "sqlite_fault.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "clock.h"
#include "mem.h"

#define DEADLINE_MS 4000 /* 1.5 s are promised, of a machine of its own */

const char *fault_path(const struct contract *c)
{
	return c->uri + strlen("sqlite:");
}

char *fault_beside(const struct contract *c, const char *suffix)
{
	return xasprintf("%s%s", fault_path(c), suffix);
}

int64_t fault_size(const struct contract *c, const char *suffix)
{
	char *path = fault_beside(c, suffix);
	struct stat st = {.st_size = 0};

	stat(path, &st);
	free(path);
	return st.st_size;
}

int64_t fault_keep(struct store *store, int64_t now_ms)
{
	int64_t again_ms = 0;

	assert_ok(store_keep(store, now_ms, &again_ms));
	assert_in_range(again_ms, 1, 60000);
	return again_ms;
}

enum store_status fault_send(struct contract *c, const char *client_id)
{
	struct store_send send = {
		.to = c->bob, .content = "some text", .client_id = client_id};

	return contract_try(c, c->ann, &send);
}

enum store_status fault_look(struct contract *c)
{
	struct store_user user;
	enum store_status status = store_user_get(c->store, c->ann, &user);

	if (status == STORE_OK)
		store_user_done(&user);
	return status;
}

/* Whatever the verb, in time, and with a line that names the file. */
void fault_assert_unavailable(struct contract *c, bool reads_too)
{
	int64_t began = clock_mono_ms();

	assert_int_equal(fault_send(c, "kept"), STORE_UNAVAILABLE);
	assert_true(clock_mono_ms() - began < DEADLINE_MS);
	assert_non_null(strstr(store_error(c->store), fault_path(c)));
	assert_null(strchr(store_error(c->store), '\n'));
	began = clock_mono_ms();
	assert_int_equal(fault_look(c),
			 reads_too ? STORE_UNAVAILABLE : STORE_OK);
	assert_true(clock_mono_ms() - began < DEADLINE_MS);
	if (!reads_too)
		return;
	assert_int_equal(store_read_begin(c->store), STORE_UNAVAILABLE);
	assert_int_equal(store_batch_begin(c->store), STORE_UNAVAILABLE);
	assert_int_equal(fault_look(c), STORE_UNAVAILABLE);
}

void fault_assert_back(struct contract *c)
{
	assert_ok(fault_look(c));
	assert_ok(fault_send(c, "kept"));
}

sqlite3 *fault_open_raw(const struct contract *c)
{
	sqlite3 *raw = NULL;

	assert_int_equal(sqlite3_open_v2(fault_path(c), &raw,
					 SQLITE_OPEN_READWRITE, NULL),
			 SQLITE_OK);
	return raw;
}

void fault_run_raw(sqlite3 *raw, const char *sql)
{
	char *error = NULL;

	if (sqlite3_exec(raw, sql, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("%s: %s", sql, error);
}

int64_t fault_ask(const struct contract *c, const char *sql)
{
	sqlite3 *raw = fault_open_raw(c);
	sqlite3_stmt *stmt = NULL;
	int64_t number;

	assert_int_equal(sqlite3_prepare_v2(raw, sql, -1, &stmt, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	number = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(raw);
	return number;
}
