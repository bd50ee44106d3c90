#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "buf.h"
#include "percent.h"

static void assert_query(const char *text, const char *expected)
{
	char *query = percent_query(text);

	assert_string_equal(query, expected);
	free(query);
}

static void a_query_keeps_what_means_nothing_there(void **state)
{
	(void)state;
	assert_query("", "");
	assert_query("Az09-._~", "Az09-._~");
	assert_query("a b&c=d+e", "a%20b%26c%3Dd%2Be");
	assert_query("/?#%\n", "%2F%3F%23%25%0A");
	assert_query("\xc3\xa9", "%C3%A9");
}

static void others_say_what_stays(void **state)
{
	(void)state;
	struct buf out;

	buf_init(&out, 64);
	percent_add(&out, "a&b c~", "abc&");
	assert_string_equal(out.data, "a&b%20c%7E");
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_query_keeps_what_means_nothing_there),
		cmocka_unit_test(others_say_what_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
