/*
 * What a password hash costs besides itself: it maps 19 MiB, which are 4,864
 * pages, and gets the same ones again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypt.h"
#include "password.h"

#define PASSWORD "correct horse"

static char hash[CRYPT_PASSWORD_HASH_SIZE];

static void a_hash_is_the_same_in_memory_that_was_used_before(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_true(password_verify(hash, PASSWORD));
		assert_false(password_verify(hash, "correct horsf"));
		assert_false(password_verify(NULL, PASSWORD));
		password_rest();
	}
}

/* A sanitizer has an mmap() of its own. */
#ifndef __SANITIZE_ADDRESS__

#define HASH_BYTES (19L * 1024 * 1024)

static long page_faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt;
}

/* Bytes of ours that are in memory. */
static long resident(void)
{
	long all, pages = 0;
	FILE *file = fopen("/proc/self/statm", "re");

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%ld %ld", &all, &pages), 2);
	fclose(file);
	return pages * sysconf(_SC_PAGESIZE);
}

static void one_hash_after_another_takes_no_new_pages(void **state)
{
	(void)state;
	assert_true(password_verify(hash, PASSWORD));

	long before = page_faults();

	assert_true(password_verify(hash, PASSWORD));
	assert_in_range(page_faults() - before, 0, 100);
}

static void who_rests_keeps_none_of_them(void **state)
{
	(void)state;
	assert_true(password_verify(hash, PASSWORD));

	long before = resident();

	password_rest();
	assert_true(before - resident() > HASH_BYTES - 1024 * 1024);
	password_rest();
}

#endif

/* "e\xcc\x81 tu", which is typed otherwise on another keyboard, by bcrypt. */
static void a_hash_of_bcrypt_is_of_the_bytes_as_typed(void **state)
{
	static const char foreign[] =
		"$2a$04$abcdefghijklmnopqrstuudauBCfE80u/QwcB17FCtNtxy6X0gseq";

	(void)state;
	assert_true(password_is_foreign(foreign));
	assert_false(password_is_foreign(hash));
	assert_false(password_is_foreign(NULL));
	assert_true(password_verify(foreign, "e\xcc\x81 tu"));
	assert_false(password_verify(foreign, "\xc3\xa9 tu"));
	assert_false(password_verify(foreign, PASSWORD));
	assert_false(password_verify("$2b$", PASSWORD));
	assert_false(password_verify("$2b$10$tooshort", PASSWORD));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_hash_is_the_same_in_memory_that_was_used_before),
		cmocka_unit_test(a_hash_of_bcrypt_is_of_the_bytes_as_typed),
#ifndef __SANITIZE_ADDRESS__
		cmocka_unit_test(one_hash_after_another_takes_no_new_pages),
		cmocka_unit_test(who_rests_keeps_none_of_them),
#endif
	};

	if (!crypt_init())
		return 1;
	password_hash(PASSWORD, hash);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
