/* Who is here, of more than a page has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "hub_fixture.h"
#include "json.h"

#define PAGE 200
#define MANY 450

static struct fake fakes[MANY];

/* In no order: 7 and 450 have no common divisor. */
static void many_connect(void)
{
	char id[ID_SIZE];

	for (int i = 0; i < MANY; i++) {
		snprintf(id, sizeof(id), "%024x", 1 + i * 7 % MANY);
		connect_as(&fakes[i], id, "");
	}
}

static int many_go(void **state)
{
	for (int i = 0; i < MANY; i++)
		disconnect(&fakes[i]);
	return hub_teardown(state);
}

/* That the page behind number `after` has these, in order, and no others. */
static void assert_page(int after, int count, bool more)
{
	char behind[ID_SIZE] = "", expected[ID_SIZE];
	struct json_object *page, *clients = NULL;
	const char *id = "";
	int64_t total = 0;
	bool says_more = false;

	if (after > 0)
		snprintf(behind, sizeof(behind), "%024x", after);
	page = hub_list_clients(hub, behind);
	json_get_array(page, "clients", &clients);
	json_get_int(page, "total", &total);
	json_get_bool(page, "more", &says_more);
	assert_int_equal(json_length(clients), count);
	for (int i = 0; i < count; i++) {
		snprintf(expected, sizeof(expected), "%024x", after + 1 + i);
		json_get_string(json_at(clients, (size_t)i), "id", &id);
		assert_string_equal(id, expected);
	}
	assert_int_equal(total, MANY);
	assert_int_equal(says_more, more);
	json_free(page);
}

static void each_page_goes_on_where_the_one_before_ended(void **state)
{
	(void)state;
	many_connect();
	for (int after = 0; after <= MANY; after++) {
		int left = MANY - after;

		assert_page(after, left < PAGE ? left : PAGE, left > PAGE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			each_page_goes_on_where_the_one_before_ended,
			hub_setup_large, many_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
