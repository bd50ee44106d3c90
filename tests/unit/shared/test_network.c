#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "network.h"

static bool valid(const char *text)
{
	return network_valid(text, strlen(text));
}

static void addresses_and_networks_are_told_from_other_texts(void **state)
{
	(void)state;
	assert_true(valid("192.0.2.1"));
	assert_true(valid("192.0.2.0/24"));
	assert_true(valid("0.0.0.0/0"));
	assert_true(valid("2001:db8::/32"));
	assert_true(valid("::1/128"));
	assert_true(network_valid("::1 and more", 3));
	assert_false(valid(""));
	assert_false(valid("192.0.2"));
	assert_false(valid("192.0.2.0/33"));
	assert_false(valid("192.0.2.0/"));
	assert_false(valid("192.0.2.0/-1"));
	assert_false(valid("192.0.2.0/8x"));
	assert_false(valid("::/129"));
	assert_false(valid("localhost"));
	assert_false(valid("1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:"
			   "1111:1111:1111"));
}

static void an_address_is_listed_by_itself_or_by_its_network(void **state)
{
	static const char list[] = " 10.0.0.0/8 192.0.2.7  2001:db8:1::/47 ::1";

	(void)state;
	assert_true(network_listed(list, "10.255.0.1"));
	assert_true(network_listed(list, "192.0.2.7"));
	assert_true(network_listed(list, "2001:db8:0::9"));
	assert_true(network_listed(list, "2001:db8:1::9"));
	assert_true(network_listed(list, "::1"));
	assert_false(network_listed(list, "11.0.0.1"));
	assert_false(network_listed(list, "192.0.2.8"));
	assert_false(network_listed(list, "2001:db8:2::9"));
	assert_false(network_listed(list, "::2"));
}

static void one_of_ipv4_is_the_same_when_it_is_mapped(void **state)
{
	(void)state;
	assert_true(network_listed("10.0.0.0/8", "::ffff:10.1.2.3"));
	assert_true(network_listed("::ffff:10.1.2.3", "10.1.2.3"));
	assert_false(network_listed("10.0.0.0/8", "::ffff:11.1.2.3"));
	assert_false(network_listed("0.0.0.0/0", "2001:db8::1"));
}

static void what_is_no_address_is_in_no_list(void **state)
{
	(void)state;
	assert_false(network_listed("0.0.0.0/0 ::/0", ""));
	assert_false(network_listed("0.0.0.0/0 ::/0", "unix:"));
	assert_false(network_listed("", "10.0.0.1"));
	assert_false(network_listed("  ", "10.0.0.1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			addresses_and_networks_are_told_from_other_texts),
		cmocka_unit_test(
			an_address_is_listed_by_itself_or_by_its_network),
		cmocka_unit_test(one_of_ipv4_is_the_same_when_it_is_mapped),
		cmocka_unit_test(what_is_no_address_is_in_no_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
