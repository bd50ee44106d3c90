#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox.h"

/* How a process ends that does this once it is shut in. */
static int end_of(void (*act)(void), unsigned long memory)
{
	const struct sandbox_limits limits = {memory, 1, 4096};
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		if (!sandbox_enter(&limits))
			_exit(9);
		act();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void compute(void)
{
	char *bytes = malloc(100000);

	if (bytes == NULL)
		_exit(8);
	memset(bytes, 1, 100000);
	free(bytes);
}

static void open_a_file(void)
{
	if (open("/etc/passwd", O_RDONLY) >= 0)
		_exit(7);
}

static void open_a_socket(void)
{
	if (socket(AF_UNIX, SOCK_STREAM, 0) >= 0)
		_exit(7);
}

static void start_a_process(void)
{
	if (fork() >= 0)
		_exit(7);
}

#ifndef __SANITIZE_ADDRESS__
static void take_much_memory(void)
{
	if (malloc(256UL << 20) != NULL)
		_exit(7);
}
#endif

static void never_end(void)
{
	for (volatile unsigned n = 0;; n++)
		;
}

static void it_may_compute(void **state)
{
	(void)state;
	assert_int_equal(end_of(compute, 1UL << 30), 0);
}

static void it_opens_and_starts_nothing(void **state)
{
	void (*const acts[])(void) = {open_a_file, open_a_socket,
				      start_a_process};

	(void)state;
#ifdef __SANITIZE_ADDRESS__
	skip(); /* it needs more than a sandbox gives */
#endif
	for (size_t i = 0; i < 3; i++) {
		int status = end_of(acts[i], 1UL << 30);

		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGSYS);
	}
}

static void its_memory_and_time_are_limited(void **state)
{
	(void)state;
#ifndef __SANITIZE_ADDRESS__
	assert_int_equal(end_of(take_much_memory, 128UL << 20), 0);
#endif
	assert_true(WIFSIGNALED(end_of(never_end, 1UL << 30)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_may_compute),
		cmocka_unit_test(it_opens_and_starts_nothing),
		cmocka_unit_test(its_memory_and_time_are_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
