/*
 * next-schema - the schema with one step more, which takes as many milliseconds
 * as PALABRE_TEST_UPDATE says, and which tests then find in the store.
 */
#define SCHEMA_TEST_STEP                                                       \
	"CREATE TABLE next (said TEXT NOT NULL) STRICT;"                       \
	"INSERT INTO next VALUES (test_update())"

/* NOLINTNEXTLINE(bugprone-suspicious-include): the same file, and a step. */
#include "sqlite_schema_steps.c"

#include <sqlite3.h>
#include <stdlib.h>
#include <time.h>

static void test_update(sqlite3_context *context, int argc,
			sqlite3_value **argv)
{
	const char *text = getenv("PALABRE_TEST_UPDATE");
	long ms = text != NULL ? strtol(text, NULL, 10) : 0;
	const struct timespec wait = {ms / 1000, ms % 1000 * 1000000};

	(void)argc;
	(void)argv;
	nanosleep(&wait, NULL);
	sqlite3_result_text(context, "done", -1, SQLITE_STATIC);
}

static int add_function(sqlite3 *db, char **error, const void *api)
{
	(void)error;
	(void)api;
	return sqlite3_create_function(db, "test_update", 0, SQLITE_UTF8, NULL,
				       test_update, NULL, NULL);
}

/* Of every connection that is made. */
__attribute__((constructor)) static void at_start(void)
{
	sqlite3_auto_extension((void (*)(void))add_function);
}
