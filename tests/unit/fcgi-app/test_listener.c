#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "listener.h"
#include "mem.h"

static char directory[] = "/tmp/palabre-lsn.XXXXXX";
static char path[64];

/* 0 when a process of its own can take the lock. */
static int lock_elsewhere(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		char *error;

		_exit(listener_lock(path, &error) >= 0 ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

static void a_second_supervisor_is_refused_until_the_first_is_gone(void **s)
{
	(void)s;
	char *error;
	int lock = listener_lock(path, &error);

	assert_true(lock >= 0);
	assert_int_equal(lock_elsewhere(), 1);
	close(lock);
	assert_int_equal(lock_elsewhere(), 0);
}

static void a_missing_directory_is_made_but_not_its_parents(void **state)
{
	(void)state;
	char *near = xasprintf("%s/a/x.sock", directory);
	char *far = xasprintf("%s/b/c/x.sock", directory);
	char *made = xasprintf("%s/a", directory);

	assert_null(listener_make_directory(near));
	assert_null(listener_make_directory(near));
	char *error = listener_make_directory(far);

	assert_non_null(strstr(error, "/b/c: No such file"));
	free(error);
	rmdir(made);
	free(near);
	free(far);
	free(made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_second_supervisor_is_refused_until_the_first_is_gone),
		cmocka_unit_test(
			a_missing_directory_is_made_but_not_its_parents),
	};

	if (mkdtemp(directory) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/t.sock", directory);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	char *lock = xasprintf("%s.lock", path);

	unlink(lock);
	free(lock);
	rmdir(directory);
	return failed;
}
