#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "refusals.h"

static void every_refusal_has_a_word_a_status_and_a_sentence(void **state)
{
	(void)state;
	for (int i = 0; i < REFUSAL_COUNT; i++) {
		const struct refusal_row *row = refusal_row((enum refusal)i);

		assert_non_null(row->code);
		assert_int_equal(
			strspn(row->code, "abcdefghijklmnopqrstuvwxyz_"),
			strlen(row->code));
		assert_in_range(row->status, 400, 599);
		assert_true(strlen(row->words) > 10);
	}
}

static void a_code_has_the_words_of_its_first_row(void **state)
{
	(void)state;
	assert_string_equal(refusal_words("forbidden"),
			    refusal_row(REFUSAL_FORBIDDEN)->words);
	assert_string_equal(refusal_words("no_such_code"),
			    "This did not work.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			every_refusal_has_a_word_a_status_and_a_sentence),
		cmocka_unit_test(a_code_has_the_words_of_its_first_row),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
