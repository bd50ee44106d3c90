#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mem.h"
#include "user_rules.h"

static const char *username(const char *name)
{
	return user_rule_username(name, 3);
}

struct judged {
	const char *text;
	bool fine;
};

static void judge(const char *(*rule)(const char *text),
		  const struct judged *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if ((rule(cases[i].text) == NULL) != cases[i].fine)
			fail_msg("%s", cases[i].text);
	}
}

static void a_name_is_3_to_32_visible_characters_without_at(void **state)
{
	(void)state;
	static const struct judged cases[] = {
		{"Ann", true},
		{"Zoë", true},
		{"李小龙", true},
		{"👩‍🚀42", true},
		{"abcdefghijklmnopqrstuvwxyz012345", true},
		{"abcdefghijklmnopqrstuvwxyz0123456", false},
		{"al", false},
		{"", false},
		{"a b", false},
		{"a\u00a0b", false},
		{"a@b", false},
		{"ab\n", false},
		{"abc\u202e", false},	       /* turns the text around */
		{"abc\u200b", false},	       /* no width: looks like abc */
		{"\u3164\u115f\u3164", false}, /* fillers: look like nothing */
		{"an\u200d", false},
		{"\u200d\u200d\u200d", false},
	};

	judge(username, cases, COUNT_OF(cases));
	assert_null(user_rule_username("X", 1));
}

static void an_email_has_one_at_with_something_on_both_sides(void **state)
{
	(void)state;
	static const struct judged cases[] = {
		{"a@b", true},	  {"ann.x+y@mail.example", true},
		{"@b", false},	  {"a@", false},
		{"a", false},	  {"a@b@c", false},
		{"a b@c", false}, {"a@b\n", false},
		{"", false},
	};
	char long_one[300];

	judge(user_rule_email, cases, COUNT_OF(cases));
	memset(long_one, 'a', sizeof(long_one));
	long_one[10] = '@';
	long_one[255] = '\0';
	assert_non_null(user_rule_email(long_one));
	long_one[254] = '\0';
	assert_null(user_rule_email(long_one));
}

static void a_password_has_6_to_128_characters_of_any_kind(void **state)
{
	(void)state;
	char text[130];

	memset(text, ' ', sizeof(text));
	text[129] = '\0';
	assert_non_null(user_rule_password(text));
	text[128] = '\0';
	assert_null(user_rule_password(text));
	assert_null(user_rule_password("éééééé"));
	assert_non_null(user_rule_password("ééééé"));
}

static void an_avatar_is_short_and_no_script(void **state)
{
	(void)state;
	static const struct judged cases[] = {
		{"", true},
		{"🦊", true},
		{"0123456789abcdef01234567", true},
		{"https://x.example/a.png", true},
		{"javascript:alert(1)", false},
		{"data:text/html,x", false},
		{"a b", false},
	};

	judge(user_rule_avatar, cases, COUNT_OF(cases));
}

static void a_display_name_is_nothing_or_visible(void **state)
{
	(void)state;
	static const struct judged cases[] = {
		{"", true},	      {"  ", true}, /* none, once trimmed */
		{"Ann B.", true},     {"\u3164", false}, {" \u200d ", false},
		{"Ann\u202e", false}, {"Ann\n", false},
	};

	judge(user_rule_display_name, cases, COUNT_OF(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_name_is_3_to_32_visible_characters_without_at),
		cmocka_unit_test(
			an_email_has_one_at_with_something_on_both_sides),
		cmocka_unit_test(
			a_password_has_6_to_128_characters_of_any_kind),
		cmocka_unit_test(an_avatar_is_short_and_no_script),
		cmocka_unit_test(a_display_name_is_nothing_or_visible),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
