#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "clock.h"
#include "crypt.h"
#include "ids.h"

static void zeros(void *out, size_t len)
{
	memset(out, 0, len);
}

static void ids_sort_by_time(void **state)
{
	(void)state;
	char early[ID_SIZE], late[ID_SIZE], least[ID_SIZE];

	id_new(1700000000000, crypt_random, early);
	id_new(1700000000001, zeros, late);
	id_floor(1700000000001, least);
	assert_true(strcmp(early, late) < 0);
	assert_string_equal(late, least);
	assert_true(id_valid(early));
	assert_memory_equal(early, "018bcfe56800", 12);
	assert_int_equal(id_time(early), 1700000000000);
	assert_int_equal(id_time(least), 1700000000001);
}

static void a_direct_conversation_has_one_id_for_both_orders(void **state)
{
	(void)state;
	static const char ann[] = "0123456789abcdef01234567";
	static const char bob[] = "fedcba9876543210fedcba98";
	char one[ID_SIZE], other[ID_SIZE];

	id_direct(ann, bob, one);
	id_direct(bob, ann, other);
	assert_string_equal(one, other);
	assert_true(id_valid(one));
	id_direct(ann, ann, other);
	assert_string_not_equal(one, other);
}

static void only_24_lower_case_hexadecimal_digits_are_an_id(void **state)
{
	(void)state;
	assert_false(id_valid(""));
	assert_false(id_valid("0123456789abcdef0123456"));
	assert_false(id_valid("0123456789abcdef012345678"));
	assert_false(id_valid("0123456789ABCDEF01234567"));
	assert_false(id_valid("0123456789abcdeg01234567"));
}

static void times_are_iso_8601_with_milliseconds(void **state)
{
	(void)state;
	char iso[CLOCK_ISO_SIZE];

	clock_iso(1763717400123, iso);
	assert_string_equal(iso, "2025-11-21T09:30:00.123Z");
	clock_iso(-1, iso);
	assert_string_equal(iso, "1969-12-31T23:59:59.999Z");
}

static void a_password_is_verified_by_its_hash_alone(void **state)
{
	(void)state;
	char hash[CRYPT_PASSWORD_HASH_SIZE];

	crypt_password_hash("correct horse", hash);
	assert_memory_equal(hash, "$argon2id$", 10);
	assert_true(crypt_password_verify(hash, "correct horse"));
	assert_false(crypt_password_verify(hash, "correct horsf"));
	assert_false(crypt_password_verify(NULL, "correct horse"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_sort_by_time),
		cmocka_unit_test(
			a_direct_conversation_has_one_id_for_both_orders),
		cmocka_unit_test(
			only_24_lower_case_hexadecimal_digits_are_an_id),
		cmocka_unit_test(times_are_iso_8601_with_milliseconds),
		cmocka_unit_test(a_password_is_verified_by_its_hash_alone),
	};

	if (!crypt_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
