/* A client's way in, and how much it may say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "hub_fixture.h"
#include "mem.h"

/* ---- coming in ---- */

static void a_good_token_is_accepted_and_no_token_is_not(void **state)
{
	(void)state;
	const struct hub_hello empty = {
		.auth = "{}",
		.auth_len = 2,
		.query_token = "",
		.address = "",
		.agent = "",
		.request_id = "",
	};

	connect_as(&ann, ANN, "");
	assert_sees(&ann, "accepted");
	assert_sees(&ann, "!presence online.length=0");
	assert_asked("session payload.token=t");
	fake_new(&bob);
	hub_client_connect(hub, &bob.client, &empty);
	assert_sees(&bob, "refused message=Unauthorized "
			  "data.code=unauthorized");
	assert_int_equal(count(&bob, ""), 1);
}

static void no_worker_looks_at_a_token_longer_than_any(void **state)
{
	(void)state;
	char auth[6000] = "{\"token\":\"";
	size_t head = strlen(auth), len = head + 5000;
	const struct hub_hello hello = {
		.auth = auth,
		.auth_len = len + 2,
		.query_token = "",
		.address = "",
		.agent = "",
		.request_id = "",
	};

	memset(auth + head, 'x', 5000);
	memcpy(auth + len, "\"}", 3);
	fake_new(&ann);
	hub_client_connect(hub, &ann.client, &hello);
	assert_sees(&ann, "refused data.code=unauthorized");
	assert_int_equal(asked(""), 0);
}

static void a_client_without_a_good_request_id_gets_one(void **state)
{
	(void)state;
	static const char of_41[] = "01234567890123456789012345678901234567890";
	static const char *const bad[] = {"",	  "a\nb", "a b", "\x1b[2J",
					  "\xff", "a.1",  of_41};

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		const struct hub_hello hello = {
			.auth = "{\"token\":\"t\"}",
			.auth_len = 13,
			.query_token = "",
			.address = "",
			.agent = "",
			.request_id = bad[i],
		};

		workers_down = true;
		fake_new(&ann);
		hub_client_connect(hub, &ann.client, &hello);
		assert_true(id_valid(ann.client.name));
		disconnect(&ann);
	}
}

static void while_workers_are_away_a_client_is_dropped_not_refused(void **state)
{
	(void)state;
	workers_down = true;
	connect_as(&ann, ANN, "");
	assert_sees_not(&ann, "");
	pass(3100);
	assert_sees(&ann, "dropped");
	pass(3100);
	event(&ann, "send-message", "{}");
	assert_int_equal(count(&ann, ""), 1);
}

static void one_who_leaves_before_being_dropped_is_let_go(void **state)
{
	(void)state;
	workers_down = true;
	connect_as(&ann, ANN, "");
	disconnect(&ann);
	assert_int_equal(freed, 1);
	pass(3100);
	assert_sees_not(&ann, "");
}

#define CROWD 300

static void a_crowd_is_dropped_over_some_seconds_not_at_once(void **state)
{
	(void)state;
	struct fake *crowd = xcalloc(CROWD, sizeof(*crowd));
	int most = 0, dropped = 0;

	workers_down = true;
	for (int i = 0; i < CROWD; i++)
		connect_as(&crowd[i], ANN, "");
	for (int half = 0; half < 7; half++) {
		int before = dropped;

		pass(500);
		dropped = 0;
		for (int i = 0; i < CROWD; i++)
			dropped += count(&crowd[i], "dropped");
		most = dropped - before > most ? dropped - before : most;
	}
	assert_int_equal(dropped, CROWD);
	assert_in_range(most, 1, CROWD / 3);
	for (int i = 0; i < CROWD; i++)
		disconnect(&crowd[i]);
	free(crowd);
}

static void what_came_while_the_session_was_looked_up_is_given_then(void **s)
{
	(void)s;
	message(1, HUB_NOTIFY);
	now += 10;
	message(2, HUB_NOTIFY);
	connect_as(&ann, ANN, "");
	assert_sees_not(&ann, "message:new =1");
	assert_sees(&ann, "!message:new =2");
}

/* ---- how many and how much ---- */

static void one_socket_too_many_is_refused_until_another_goes(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	connect_as(&bob, ANN, "");
	connect_as(&other, ANN, "");
	assert_sees(&other, "refused message='Too many sockets' "
			    "data.retryAfter=46 data.code=too_many_sockets");
	assert_sees_not(&ann, "closed");
	assert_sees_not(&bob, "closed");
	disconnect(&ann);
	connect_as(&other, ANN, "");
	assert_sees(&other, "accepted");
}

static void past_the_rate_one_is_told_when_to_try_again(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	for (int i = 0; i < 5; i++)
		event(&ann, "watch-presence", "{\"ids\":[]}");
	assert_sees_not(&ann, "ack ok=false");
	event(&ann, "watch-presence", "{\"ids\":[]}");
	assert_sees(&ann, "ack ok=false error.code=rate_limited "
			  "error.message error.retryAfter=1");
	pass(1000);
	event(&ann, "watch-presence", "{\"ids\":[]}");
	assert_int_equal(count(&ann, "ack ok=false"), 1);
}

static void an_event_counts_by_its_bytes_too(void **state)
{
	(void)state;
	size_t len = 64 * 1024;
	char *text = xcalloc(1, len);

	memset(text, ' ', len - 1);
	memcpy(text, "{\"ids\":[]}", 10);
	connect_as(&ann, ANN, "");
	event(&ann, "watch-presence", text); /* costs 4 of 5 */
	event(&ann, "watch-presence", text);
	assert_int_equal(count(&ann, "ack ok=true"), 1);
	assert_sees(&ann, "ack error.code=rate_limited");
	free(text);
}

static void an_event_larger_than_any_may_be_is_not_read(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	assert_false(hub_client_admit(hub, &ann.client, 1000000, 1));
	assert_sees(&ann, "ack ok=false error.code=invalid");
	pass(1000);
	assert_false(hub_client_admit(hub, &ann.client, 1000000, -1));
	assert_int_equal(count(&ann, "ack"), 1);
}

/* ---- guests ---- */

#define GUEST_AUTH "{\"username\":\"Zoe\",\"statusText\":\"hi\"}"

static void connect_guest(struct fake *fake)
{
	const struct hub_hello hello = {
		.auth = GUEST_AUTH,
		.auth_len = sizeof(GUEST_AUTH) - 1,
		.query_token = "",
		.address = "10.0.0.1",
		.agent = "test",
		.request_id = "",
	};

	fake_new(fake);
	hub_client_connect(hub, &fake->client, &hello);
}

static void a_name_without_a_token_is_a_guest_who_first_hears_so(void **state)
{
	(void)state;
	connect_guest(&ann);
	assert_asked("guest payload.username=Zoe payload.statusText=hi "
		     "address=10.0.0.1 agent=test sessionId");
	struct api_command asking = take_held();

	answer(&asking,
	       "{\"ok\":true,\"user\":{\"_id\":\"" ANN
	       "\",\"statusText\":\"\"},\"role\":\"guest\","
	       "\"sessionId\":\"s1\",\"expiresAt\":1700000001000,"
	       "\"token\":\"abc\",\"asOf\":\"" AS_OF "\"}",
	       NULL);
	assert_sees(&ann, "accepted");
	assert_sees(&ann, "guest token=abc user._id=" ANN
			  " expiresAt=2023-11-14T22:13:21.000Z");
	assert_ends(&ann, "presence online.length=0");
}

static void a_guest_who_may_not_come_hears_why(void **state)
{
	(void)state;
	connect_guest(&ann);
	struct api_command asking = take_held();

	answer(&asking,
	       "{\"ok\":false,\"code\":\"taken\",\"field\":\"username\","
	       "\"message\":\"Somebody.\"}",
	       NULL);
	assert_sees(&ann, "refused message=Somebody. data.code=taken "
			  "data.field=username");
	connect_guest(&bob);
	asking = take_held();
	answer(&asking,
	       "{\"ok\":false,\"code\":\"rate_limited\","
	       "\"retryAfter\":7}",
	       NULL);
	assert_sees(&bob, "refused data.code=rate_limited data.retryAfter=7");
}

static void a_guest_whom_no_worker_heard_is_dropped_not_refused(void **state)
{
	(void)state;
	workers_down = true;
	connect_guest(&ann);
	pass(3100);
	assert_sees(&ann, "dropped");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_name_without_a_token_is_a_guest_who_first_hears_so),
		TEST(a_guest_who_may_not_come_hears_why),
		TEST(a_guest_whom_no_worker_heard_is_dropped_not_refused),
		TEST(a_good_token_is_accepted_and_no_token_is_not),
		TEST(no_worker_looks_at_a_token_longer_than_any),
		TEST(a_client_without_a_good_request_id_gets_one),
		TEST(while_workers_are_away_a_client_is_dropped_not_refused),
		TEST(one_who_leaves_before_being_dropped_is_let_go),
		TEST(a_crowd_is_dropped_over_some_seconds_not_at_once),
		TEST(what_came_while_the_session_was_looked_up_is_given_then),
		TEST(one_socket_too_many_is_refused_until_another_goes),
		TEST(past_the_rate_one_is_told_when_to_try_again),
		TEST(an_event_counts_by_its_bytes_too),
		TEST(an_event_larger_than_any_may_be_is_not_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
