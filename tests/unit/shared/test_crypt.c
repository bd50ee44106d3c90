#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypt.h"

/* The vectors of SipHash-2-4's reference implementation: bytes 0, 1, 2... under
 * a key of 0 to 15. */
static void the_hash_of_a_key_depends_on_the_seed(void **state)
{
	(void)state;
	uint8_t seed[CRYPT_SEED_SIZE], data[15];

	for (size_t i = 0; i < sizeof(seed); i++)
		seed[i] = (uint8_t)i;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	assert_true(crypt_hash(data, 0, seed) == 0x726fdb47dd0e0e31);
	assert_true(crypt_hash(data, sizeof(data), seed) == 0xa129ca6149be45e5);
	seed[0] = 1;
	assert_true(crypt_hash(data, sizeof(data), seed) != 0xa129ca6149be45e5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_hash_of_a_key_depends_on_the_seed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
