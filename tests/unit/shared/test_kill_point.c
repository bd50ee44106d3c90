#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kill_point.h"
#include "mem.h"

static void a_rule_by_count_fires_once_at_that_passage(void **state)
{
	(void)state;
	struct kill_rule rule;

	assert_true(kill_rule_parse("before-commit:@3", &rule));
	for (int i = 1; i < 10; i++) {
		assert_false(kill_rule_fires(&rule, "after-commit", 0));
		assert_false(kill_rule_fires(&rule, "before", 0));
		assert_false(kill_rule_fires(&rule, "before-commit-", 0));
		assert_int_equal(kill_rule_fires(&rule, "before-commit", 0),
				 i == 3);
	}
}

static void a_rule_by_chance_fires_once_in_so_many(void **state)
{
	(void)state;
	struct kill_rule rule;
	int fired = 0;

	assert_true(kill_rule_parse("x:1/20", &rule));
	for (unsigned long dice = 0; dice < 2000; dice++)
		fired += kill_rule_fires(&rule, "x", dice);
	assert_int_equal(fired, 100);
	assert_true(kill_rule_parse("x:1/1", &rule));
	assert_true(kill_rule_fires(&rule, "x", 12345));
}

static void what_is_no_rule_never_fires(void **state)
{
	(void)state;
	static const char *const texts[] = {
		NULL,	 "",	  "x",	 "x:",	  "x:@",   "x:@0",  "x:1/",
		"x:1/0", "x:2/3", ":@1", "x:@-1", "x:@1x", "x:1/+", "x:1/ 2",
	};
	struct kill_rule rule;

	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		assert_false(kill_rule_parse(texts[i], &rule));
		assert_false(kill_rule_fires(&rule, "x", 0));
		assert_false(kill_rule_fires(&rule, "", 0));
	}
}

static void without_the_variable_a_point_does_nothing(void **state)
{
	(void)state;
	kill_point("before-commit");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_by_count_fires_once_at_that_passage),
		cmocka_unit_test(a_rule_by_chance_fires_once_in_so_many),
		cmocka_unit_test(what_is_no_rule_never_fires),
		cmocka_unit_test(without_the_variable_a_point_does_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
