/* The list of who is here: as it is told, and page by page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "hub_fixture.h"
#include "json.h"

#define DORA "dddddddddddddddddddddddd"
#define OPERATOR_ROLE ",\"role\":\"operator\",\"rooms\":[\"r:operator\"]"
#define PAGE 200
#define MANY 450

static void operators_are_told_who_is_here_once_a_second(void **state)
{
	(void)state;
	connect_as(&ann, ANN, OPERATOR_ROLE);
	pass(1100);
	assert_sees(&ann, "?clients_update total=1 clients.0.id=" ANN
			  " clients.0.status=hi clients.0.ip=10.0.0.1"
			  " clients.0.transport=polling clients.0.since");
	connect_as(&bob, BOB, "");
	connect_as(&other, DORA, "");
	pass(1100);
	assert_int_equal(count(&ann, "clients_update total=3"), 1);
	pass(5000);
	assert_int_equal(count(&ann, "clients_update"), 2);
	disconnect(&bob);
	pass(1100);
	assert_int_equal(count(&ann, "clients_update total=2"), 1);
	frame(NOTIFY_SETTINGS, "{\"userId\":\"" DORA "\",\"statusText\":"
			       "\"busy\",\"username\":\"dora\",\"avatar\":"
			       "\"D\",\"lastSeen\":0}");
	pass(1100);
	assert_int_equal(count(&ann, "clients_update total=2"), 2);
	assert_int_equal(count(&other, "clients_update"), 0);
}

static void operators_list_who_is_here_page_by_page(void **state)
{
	(void)state;
	connect_as(&ann, ANN, OPERATOR_ROLE);
	connect_as(&bob, BOB, "");
	connect_as(&other, BOB, "");
	pass(5000);
	event(&other, "watch-presence", "{\"ids\":[]}");
	event(&ann, "list-clients", "{}");
	assert_sees(&ann, "ack ok=true clients.0.id=" ANN
			  " clients.0.queue=7 clients.0.connections=1"
			  " clients.1.id=" BOB " clients.1.connections=2"
			  " clients.1.queue=14 clients.1.guest=false total=2"
			  " more=false");
	event(&ann, "list-clients", "{\"after\":\"" ANN "\"}");
	assert_sees(&ann, "ack ok=true clients.0.id=" BOB " total=2");
	event(&ann, "list-clients", "{\"after\":\"x\"}");
	assert_sees(&ann, "ack ok=false error.code=invalid");
	event(&bob, "list-clients", "{}");
	assert_sees(&bob, "ack ok=false error.code=forbidden");
}

static void the_lobby_is_told_who_but_not_from_where(void **state)
{
	(void)state;
	connect_as(&ann, ANN, ",\"rooms\":[\"r:lobby\"]");
	pass(1100);
	assert_sees(&ann, "clients_update total=1 clients.0.id=" ANN);
	assert_int_equal(count(&ann, "clients_update clients.0.ip"), 0);
}

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
		TEST(operators_are_told_who_is_here_once_a_second),
		TEST(operators_list_who_is_here_page_by_page),
		TEST(the_lobby_is_told_who_but_not_from_where),
		cmocka_unit_test_setup_teardown(
			each_page_goes_on_where_the_one_before_ended,
			hub_setup_large, many_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
