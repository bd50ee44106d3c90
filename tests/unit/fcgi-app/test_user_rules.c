#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mem.h"
#include "common_passwords.h"
#include "network.h"
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

static void a_new_password_has_so_many_characters_of_any_kind(void **state)
{
	(void)state;
	char text[130];

	memset(text, ' ', sizeof(text));
	text[129] = '\0';
	assert_non_null(user_rule_new_password(text, 8));
	text[128] = '\0';
	assert_null(user_rule_new_password(text, 8));
	assert_null(user_rule_new_password("éééééééé", 8));
	assert_non_null(user_rule_new_password("ééééééé", 8));
	/* Seven letters, written as fourteen. */
	assert_non_null(user_rule_new_password(
		"e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301", 8));
	assert_null(user_rule_new_password("éééééé", 6));
}

static void one_that_was_allowed_once_or_elsewhere_is_looked_at(void **state)
{
	(void)state;
	char text[514];

	memset(text, 'x', sizeof(text));
	text[513] = '\0';
	assert_non_null(user_rule_password(text));
	text[512] = '\0';
	assert_null(user_rule_password(text));
	assert_null(user_rule_password("12"));
	assert_non_null(user_rule_password(""));
}

static void the_passwords_tried_first_are_known_in_any_case(void **state)
{
	(void)state;
	static const char *const common[] = {
		"123456",   "12345678", "password", "PassWord", "qwertyuiop",
		"iLoveYou", "zzzzzzzz", "        ", "éééééé"};
	static const char *const free_ones[] = {
		"secret123", "correct horse", "password of mine", "", "ééééèé"};

	for (size_t i = 0; i < COUNT_OF(common); i++)
		assert_true(common_passwords_has(common[i]));
	for (size_t i = 0; i < COUNT_OF(free_ones); i++)
		assert_false(common_passwords_has(free_ones[i]));
}

static void a_network_is_an_address_or_half_of_one(void **state)
{
	(void)state;
	static const struct {
		const char *address, *network;
	} cases[] = {
		{"192.0.2.1", "192.0.2.1"},
		{"::ffff:192.0.2.1", "192.0.2.1"},
		{"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"},
		{"2001:DB8:1:2::9", "2001:db8:1:2::"},
		{"::1", "::"},
		{"", ""},
		{"no address at all, and longer than one could ever be, too",
		 "no address at all, and longer than one could "},
	};
	char network[NETWORK_SIZE];

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		network_of(cases[i].address, network);
		assert_string_equal(network, cases[i].network);
	}
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
			a_new_password_has_so_many_characters_of_any_kind),
		cmocka_unit_test(
			one_that_was_allowed_once_or_elsewhere_is_looked_at),
		cmocka_unit_test(
			the_passwords_tried_first_are_known_in_any_case),
		cmocka_unit_test(a_network_is_an_address_or_half_of_one),
		cmocka_unit_test(an_avatar_is_short_and_no_script),
		cmocka_unit_test(a_display_name_is_nothing_or_visible),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
