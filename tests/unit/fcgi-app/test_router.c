#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "router_find.h"

/* Told apart by their patterns: nothing is called here. */
static const struct route routes[] = {
	{"GET", "/api/users", POOL_API, 0, ROUTE_JSON, NULL},
	{"GET", "/api/users/me", POOL_API, 0, ROUTE_JSON, NULL},
	{"GET", "/api/users/:id", POOL_API, 0, ROUTE_JSON, NULL},
	{"PUT", "/api/users/:id", POOL_API, 0, ROUTE_JSON, NULL},
	{"POST", "/api/rooms/:room/users/:user", POOL_API, 0, ROUTE_JSON, NULL},
	{"POST", "/api/auth/login", POOL_AUTH, 0, ROUTE_JSON, NULL},
	{.method = NULL},
};

struct lookup {
	struct request_in in;
	struct router_found found;
};

static void look_up(struct lookup *lookup, const char *method,
		    const char *target)
{
	const struct request_source source = {.method = method,
					      .target = target};

	assert_true(request_in_init(&lookup->in, &source));
	router_find(routes, POOL_API, &lookup->in, &lookup->found);
}

static void assert_found(const char *method, const char *target,
			 const char *pattern)
{
	struct lookup lookup;

	look_up(&lookup, method, target);
	assert_non_null(lookup.found.route);
	assert_string_equal(lookup.found.route->pattern, pattern);
	request_in_done(&lookup.in);
}

static void assert_refused(const char *method, const char *target,
			   const char *allow)
{
	struct lookup lookup;

	look_up(&lookup, method, target);
	assert_null(lookup.found.route);
	assert_string_equal(lookup.found.allow, allow);
	request_in_done(&lookup.in);
}

static void the_first_match_wins(void **state)
{
	(void)state;
	assert_found("GET", "/api/users/me", "/api/users/me");
	assert_found("GET", "/api/users/mel", "/api/users/:id");
}

static void a_fixed_word_is_no_parameter_of_another_method(void **state)
{
	(void)state;
	assert_refused("PUT", "/api/users/me", "GET, HEAD, OPTIONS");
	assert_found("PUT", "/api/users/mel", "/api/users/:id");
}

static void a_query_and_a_last_slash_change_nothing(void **state)
{
	(void)state;
	assert_found("GET", "/api/users?page=2", "/api/users");
	assert_found("GET", "/api/users/", "/api/users");
}

static void head_is_answered_as_get(void **state)
{
	(void)state;
	assert_found("HEAD", "/api/users", "/api/users");
}

static void parts_of_the_path_are_decoded(void **state)
{
	(void)state;
	struct lookup lookup;

	look_up(&lookup, "POST", "/api/rooms/a%20b/users/%C3%A9");
	assert_non_null(lookup.found.route);
	assert_string_equal(request_param(&lookup.in.request, "room"), "a b");
	assert_string_equal(request_param(&lookup.in.request, "user"), "é");
	assert_null(request_param(&lookup.in.request, "roo"));
	assert_null(request_param(&lookup.in.request, "nobody"));
	request_in_done(&lookup.in);
}

static void an_encoded_word_is_the_word(void **state)
{
	(void)state;
	assert_found("GET", "/%61pi/users", "/api/users");
}

static void another_method_is_told_which_ones_there_are(void **state)
{
	(void)state;
	assert_refused("POST", "/api/users", "GET, HEAD, OPTIONS");
	assert_refused("DELETE", "/api/users/1", "GET, HEAD, PUT, OPTIONS");
}

static void a_path_of_nobody_allows_nothing(void **state)
{
	(void)state;
	assert_refused("GET", "/api/nothing", "");
	assert_refused("GET", "/api/users/1/2", "");
	assert_refused("GET", "/", "");
}

static void a_route_of_another_pool_is_not_there(void **state)
{
	(void)state;
	assert_refused("POST", "/api/auth/login", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_match_wins),
		cmocka_unit_test(
			a_fixed_word_is_no_parameter_of_another_method),
		cmocka_unit_test(a_query_and_a_last_slash_change_nothing),
		cmocka_unit_test(head_is_answered_as_get),
		cmocka_unit_test(parts_of_the_path_are_decoded),
		cmocka_unit_test(an_encoded_word_is_the_word),
		cmocka_unit_test(another_method_is_told_which_ones_there_are),
		cmocka_unit_test(a_path_of_nobody_allows_nothing),
		cmocka_unit_test(a_route_of_another_pool_is_not_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
