#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "mem.h"

/* Where the compiler can know the size of what is allocated: gcc from 12 on. */
#if defined(__OPTIMIZE__) && defined(__GNUC__) && __GNUC__ >= 12
#define MAY_FORTIFY 1
#else
#define MAY_FORTIFY 0
#endif

/* Whether to write so many bytes into so many is survived. */
static int write_in_child(size_t room, size_t bytes)
{
	pid_t child = fork();

	if (child == 0) {
		volatile size_t size = room;
		char *block = xmalloc(size);

		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(1);
		memset(block, 1, bytes);
		_exit(block[0] == 1 ? 0 : 1);
	}
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void who_writes_past_what_was_allocated_is_ended(void **state)
{
	(void)state;
	volatile size_t room = 24; /* one more would still be in the block */

	assert_int_equal(write_in_child(room, room), 0);
	if (MAY_FORTIFY)
		assert_int_not_equal(write_in_child(room, room + 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_writes_past_what_was_allocated_is_ended),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
