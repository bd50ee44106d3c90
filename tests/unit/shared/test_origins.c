#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mem.h"
#include "origins.h"

static void
the_host_asked_for_is_the_same_with_or_without_its_own_port(void **s)
{
	(void)s;
	static const struct {
		const char *origin, *host;
		bool same;
	} cases[] = {
		{"https://chat.example", "chat.example", true},
		{"https://chat.example", "chat.example:443", true},
		{"https://chat.example:443", "chat.example", true},
		{"https://CHAT.example", "chat.Example:443", true},
		{"http://chat.example", "chat.example:80", true},
		{"wss://chat.example", "chat.example:443", true},
		{"http://a.org:8080", "a.org:8080", true},
		{"http://[::1]:8080", "[::1]:8080", true},
		{"http://[::1]", "[::1]", true},
		{"http://[::1]", "[::1]:80", true},
		{"capacitor://localhost", "localhost", true},
		{"https://chat.example", "chat.example:80", false},
		{"https://chat.example", "chat.example:8443", false},
		{"https://chat.example:8443", "chat.example", false},
		{"https://chat.example.evil", "chat.example", false},
		{"https://evil.chat.example", "chat.example", false},
		{"https://chat.example:443.evil", "chat.example", false},
		{"https://", "", false},
		{"file://", "", false},
		{"null", "null", false},
		{"", "", false},
		{"chat.example", "chat.example", false},
		{"http://chat.example/", "chat.example", true},
		{"http://chat.example:80/", "chat.example", true},
		{"http://chat.example//", "chat.example", false},
		{"http://chat.example/chat", "chat.example", false},
		{"http:///", "", false},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		if (origins_same_host(cases[i].origin, cases[i].host) !=
		    cases[i].same)
			fail_msg("%s and %s", cases[i].origin, cases[i].host);
}

static void a_list_names_origins_with_or_without_their_own_port(void **state)
{
	(void)state;
	static const char list[] = " https://x.org\thttps://y.org:443 "
				   "http://z.org:81 null file://";
	static const struct {
		const char *origin;
		bool listed;
	} cases[] = {
		{"https://x.org", true},
		{"https://x.org:443", true},
		{"https://y.org", true},
		{"HTTPS://Y.org:443", true},
		{"http://z.org:81", true},
		{"null", true},
		{"file://", true},
		{"https://x.or", false},
		{"https://x.org.evil", false},
		{"http://x.org", false},
		{"https://x.org:444", false},
		{"http://z.org", false},
		{"https://x.org https://y.org", false},
		{"", false},
		{"file:///etc", false},
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		if (origins_listed(list, cases[i].origin) != cases[i].listed)
			fail_msg("%s", cases[i].origin);
	assert_false(origins_listed("", "null"));
	assert_false(origins_listed("", ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_host_asked_for_is_the_same_with_or_without_its_own_port),
		cmocka_unit_test(
			a_list_names_origins_with_or_without_their_own_port),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
