#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tar.h"

static void a_head_is_what_tar_writes(void **state)
{
	char head[TAR_BLOCK];

	(void)state;
	tar_head("files/x", 1234, 1700000000999, head);
	assert_string_equal(head, "files/x");
	assert_string_equal(head + 100, "0000600");
	assert_string_equal(head + 124, "00000002322");
	assert_string_equal(head + 136, "14524770400");
	assert_int_equal(head[156], '0');
	assert_memory_equal(head + 257, "ustar\00000", 8);
	assert_int_equal(head[155], ' ');
}

static void
the_checksum_is_the_sum_of_the_head_with_blanks_for_itself(void **state)
{
	char head[TAR_BLOCK];
	unsigned sum = 0, said = 0;

	(void)state;
	tar_head("a", 0, 0, head);
	for (int i = 0; i < TAR_BLOCK; i++)
		sum += i >= 148 && i < 156 ? ' ' : (unsigned char)head[i];
	for (const char *at = head + 148; *at != '\0'; at++)
		said = 8 * said + (unsigned)(*at - '0');
	assert_int_equal(said, sum);
}

static void a_name_may_fill_its_field(void **state)
{
	char name[TAR_NAME_MAX + 1], head[TAR_BLOCK];

	(void)state;
	memset(name, 'n', TAR_NAME_MAX);
	name[TAR_NAME_MAX] = '\0';
	tar_head(name, 0, 0, head);
	assert_memory_equal(head, name, TAR_NAME_MAX);
	assert_string_equal(head + 100, "0000600");
}

static void a_file_is_filled_up_to_a_block(void **state)
{
	(void)state;
	assert_int_equal(tar_padding(0), 0);
	assert_int_equal(tar_padding(1), 511);
	assert_int_equal(tar_padding(512), 0);
	assert_int_equal(tar_padding(513), 511);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_head_is_what_tar_writes),
		cmocka_unit_test(
			the_checksum_is_the_sum_of_the_head_with_blanks_for_itself),
		cmocka_unit_test(a_name_may_fill_its_field),
		cmocka_unit_test(a_file_is_filled_up_to_a_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
