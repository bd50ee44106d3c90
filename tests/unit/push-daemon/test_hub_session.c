/* Sessions of those who are connected: how one ends, and how it goes on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "hub_fixture.h"

static void many_come(enum notify_kind kind, const char *text)
{
	for (int i = 0; i < 10000; i++)
		frame(kind, text);
}

/* ---- how one ends ---- */

static void a_revocation_during_the_lookup_counts(void **state)
{
	(void)state;
	frame(NOTIFY_REVOKE, "{\"userId\":\"" ANN "\",\"sid\":\"s1\","
			     "\"reason\":\"logout\"}");
	connect_as(&ann, ANN, "");
	assert_sees(&ann, "!session-expired reason=logout");
	assert_ends(&ann, "closed");
}

/* More than is kept came meanwhile: the revocation is not remembered, and the
 * guest would be another one if they came again. */
static void a_guests_that_was_forgotten_by_then_counts_too(void **state)
{
	(void)state;
	const struct hub_hello hello = {
		.auth = "{\"username\":\"ann\"}",
		.auth_len = 18,
		.query_token = "",
		.address = "",
		.agent = "",
		.request_id = "",
	};
	struct api_command making;

	fake_new(&ann);
	hub_client_connect(hub, &ann.client, &hello);
	making = take_held();
	frame(NOTIFY_REVOKE, "{\"userId\":\"" ANN "\",\"sid\":\"s1\","
			     "\"reason\":\"logout\"}");
	many_come(NOTIFY_JOIN, "{\"userId\":\"" BOB "\",\"room\":\"c:x\"}");
	sessions_answer = "{\"ok\":true,\"gone\":[\"s1\"]}";
	answer(&making,
	       "{\"ok\":true,\"user\":{\"_id\":\"" ANN "\"},\"sessionId\":"
	       "\"s1\",\"expiresAt\":1800000000000,\"asOf\":\"" AS_OF "\"}",
	       NULL);
	assert_sees(&ann, "!sync");
	pass(1000);
	assert_sees(&ann, "session-expired");
	assert_sees(&ann, "closed");
}

static void a_revocation_that_was_missed_during_the_lookup_counts_too(void **s)
{
	(void)s;
	const struct hub_hello hello = {
		.auth = "{\"token\":\"t\"}",
		.auth_len = 13,
		.query_token = "",
		.address = "",
		.agent = "",
		.request_id = "",
	};
	struct api_command lookup;

	connect_as(&bob, BOB, ",\"sessionId\":\"s2\"");
	session_answer = "";
	fake_new(&ann);
	hub_client_connect(hub, &ann.client, &hello);
	lookup = take_held();
	hub_worker_lost(hub, AS_OF);
	pass(500); /* Bob is looked up again; nothing else is to be */
	sessions_answer = "{\"ok\":true,\"gone\":[\"s1\"]}";
	answer(&lookup,
	       "{\"ok\":true,\"user\":{\"_id\":\"" ANN "\"},\"sessionId\":"
	       "\"s1\",\"expiresAt\":1800000000000,\"asOf\":\"" AS_OF "\"}",
	       NULL);
	assert_sees(&ann, "accepted");
	pass(500);
	assert_sees(&ann, "session-expired");
	assert_sees_not(&bob, "session-expired");
}

static void at_the_tokens_expiry_the_socket_is_told_and_closed(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	now += 1000000;
	pass(1000);
	assert_int_equal(count(&ann, "session-expired"), 1);
	assert_sees(&ann, "closed");
}

static void only_the_revoked_session_is_closed(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	frame(NOTIFY_REVOKE, "{\"userId\":\"" ANN "\",\"sid\":\"s2\"}");
	assert_sees_not(&ann, "closed");
	frame(NOTIFY_REVOKE, "{\"userId\":\"" ANN "\"}");
	assert_sees(&ann, "closed");
}

static void all_sessions_but_one_are_closed(void **state)
{
	(void)state;
	connect_as(&ann, ANN, ",\"sessionId\":\"s1\"");
	connect_as(&other, ANN, ",\"sessionId\":\"s2\"");
	frame(NOTIFY_REVOKE, "{\"userId\":\"" ANN "\",\"except\":\"s2\","
			     "\"reason\":\"password\"}");
	assert_sees(&ann, "!session-expired reason=password");
	assert_ends(&ann, "closed");
	assert_sees_not(&other, "closed");
}

/* ---- how one goes on ---- */

static void renew(struct fake *fake, const char *head)
{
	event(fake, "renew", "{\"token\":\"t2\"}");
	answer(&held, head,
	       strstr(head, "true") != NULL ? "{\"ok\":true}"
					    : "{\"ok\":false}");
}

/* By another one of hers, which is good. */
static void renew_by_another(void)
{
	char head[200];

	snprintf(head, sizeof(head),
		 "{\"ok\":true,\"sessionId\":\"s2\",\"expiresAt\":%lld}",
		 (long long)(WALL + 2000000));
	renew(&ann, head);
}

static void a_renewed_token_moves_the_end_and_the_session(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	renew_by_another();
	assert_asked("renew userId=" ANN " sessionId=s1 "
		     "requestId=first-request.1 payload.token=t2");
	assert_sees(&ann, "ack ok=true");
	frame(NOTIFY_REVOKE, "{\"userId\":\"" ANN "\",\"sid\":\"s1\"}");
	pass(1500000);
	assert_sees_not(&ann, "closed");
	pass(1000000);
	assert_sees(&ann, "!session-expired reason=expired");
}

/* A session of 1000 s, then one of 2000 s. */
static void at_half_of_its_time_the_edge_is_asked_for_another_token(void **s)
{
	(void)s;
	char head[200];

	connect_as(&ann, ANN, "");
	pass(490000);
	assert_int_equal(count(&ann, "renew"), 0);
	pass(20000);
	assert_int_equal(count(&ann, "renew"), 1);
	pass(220000);
	assert_int_equal(count(&ann, "renew"), 1);
	pass(30000);
	assert_int_equal(count(&ann, "renew"), 2);
	snprintf(head, sizeof(head),
		 "{\"ok\":true,\"sessionId\":\"s1\",\"expiresAt\":%lld}",
		 (long long)(WALL + now + 2000000));
	renew(&ann, head);
	pass(980000);
	assert_int_equal(count(&ann, "renew"), 2);
	pass(40000);
	assert_int_equal(count(&ann, "renew"), 3);
	assert_sees_not(&ann, "session-expired");
}

static void what_the_old_session_could_not_do_does_not_end_the_new_one(void **s)
{
	(void)s;
	connect_as(&ann, ANN, "");
	event(&ann, "send-message", "{\"to\":\"" BOB "\",\"content\":\"x\"}");

	struct api_command sent = take_held();

	held.reply = NULL; /* answered below */

	renew_by_another();
	answer(&sent, "{\"ok\":false,\"code\":\"session_expired\"}",
	       "{\"ok\":false}");
	assert_sees(&ann, "ack ok=false");
	assert_sees_not(&ann, "closed");
}

static void a_token_that_is_refused_leaves_the_socket_as_it_was(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	renew(&ann, "{\"ok\":false,\"code\":\"session_expired\"}");
	assert_sees(&ann, "ack ok=false");
	assert_sees_not(&ann, "closed");
	frame(NOTIFY_REVOKE, "{\"userId\":\"" ANN "\",\"sid\":\"s1\"}");
	assert_sees(&ann, "closed");
}

static void its_revocation_comes(void)
{
	frame(NOTIFY_REVOKE, "{\"userId\":\"" ANN "\",\"sid\":\"s2\"}");
}

static void a_session_that_ended_while_it_was_looked_up_is_not_taken(void **s)
{
	(void)s;
	connect_as(&ann, ANN, "");
	its_revocation_comes();
	renew_by_another();
	assert_sees(&ann, "ack error.code=unavailable");
	assert_sees_not(&ann, "closed");
	pass(1100000);
	assert_sees(&ann, "closed");
}

static void nor_is_one_whose_end_may_be_forgotten(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	its_revocation_comes();
	many_come(NOTIFY_JOIN, "{\"userId\":\"" BOB "\",\"room\":\"c:x\"}");
	renew_by_another();
	assert_sees(&ann, "ack error.code=unavailable");
}

static void of_many_events_alone_none_is_an_end(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	many_come(NOTIFY_EVENT, "{\"rooms\":[\"c:x\"]}\n[\"e\",1]");
	renew_by_another();
	assert_sees(&ann, "ack ok=true");
}

/* ---- endings that were missed ---- */

static void a_revocation_that_was_missed_is_found_out(void **state)
{
	(void)state;
	connect_as(&ann, ANN, ",\"sessionId\":\"s1\"");
	connect_as(&bob, BOB, ",\"sessionId\":\"s2\"");
	pass(1000);
	workers_down = true;
	hub_worker_lost(hub, AS_OF);
	pass(500);
	workers_down = false;
	sessions_answer = "{\"ok\":true,\"gone\":[\"s2\"]}";
	forget_asked();
	pass(1500);
	assert_asked("sessions sessions.0.userId=" ANN
		     " sessions.0.sessionId=s1 sessions.1.userId=" BOB
		     " sessions.1.sessionId=s2 sessions.length=2 hidden=true");
	assert_sees(&bob, "!session-expired reason=session_expired");
	assert_ends(&bob, "closed");
	assert_sees_not(&ann, "closed");
	forget_asked();
	pass(5000);
	assert_int_equal(asked("sessions"), 0);
}

/* Whoever ends a session says so only once it is gone. */
static void one_that_is_found_gone_hears_the_reason_that_comes_behind(void **s)
{
	(void)s;
	connect_as(&ann, ANN, ",\"sessionId\":\"s1\"");
	pass(1000);
	sessions_answer = "{\"ok\":true,\"gone\":[\"s1\"]}";
	hub_worker_lost(hub, AS_OF);
	forget_asked();
	for (int i = 0; i < 50 && asked("sessions") == 0; i++)
		pass(10);
	pass(200);
	frame(NOTIFY_REVOKE, "{\"userId\":\"" ANN "\",\"sid\":\"s1\","
			     "\"reason\":\"password\"}");
	assert_sees(&ann, "!session-expired reason=password");
	assert_ends(&ann, "closed");
}

static void a_revocation_that_nobody_knows_of_is_found_within_a_minute(void **s)
{
	(void)s;
	connect_as(&ann, ANN, ",\"sessionId\":\"s1\"");
	connect_as(&bob, BOB, ",\"sessionId\":\"s2\"");
	pass(10000);
	sessions_answer = "{\"ok\":true,\"gone\":[\"s1\"]}";
	pass(50000);
	assert_ends(&ann, "closed");
	assert_sees_not(&bob, "closed");
	/* One batch in half a minute for the two of them. */
	assert_in_range(asked("sessions"), 1, 2);
}

/* ---- who blocks whom, where that was missed ---- */

#define NOBODY_GONE "{\"ok\":true,\"gone\":[],\"hidden\":"
#define APART                                                                  \
	NOBODY_GONE "{\"" ANN "\":[\"" BOB "\"],\"" BOB "\":[\"" ANN "\"]}}"
#define TOGETHER NOBODY_GONE "{}}"

static void lose(const char *answer)
{
	sessions_answer = answer;
	hub_worker_lost(hub, AS_OF);
	pass(1500);
}

static void whom_they_do_not_see_is_asked_where_that_was_missed(void **state)
{
	(void)state;
	connect_as(&ann, ANN, ",\"sessionId\":\"s1\"");
	connect_as(&bob, BOB, ",\"sessionId\":\"s2\"");
	pass(1000);
	lose(APART);
	assert_int_equal(count(&ann, "user-offline userId=" BOB), 1);
	assert_int_equal(count(&bob, "user-offline userId=" ANN), 1);
	event(&bob, "typing", "{\"to\":\"" ANN "\"}");
	assert_sees_not(&ann, "typing");
	lose(APART);
	assert_int_equal(count(&ann, "user-offline userId=" BOB), 1);
	lose(TOGETHER);
	assert_int_equal(count(&ann, "user-online userId=" BOB), 2);
	assert_int_equal(count(&bob, "user-online userId=" ANN), 1);
}

static void what_is_heard_while_that_is_asked_counts_more(void **state)
{
	(void)state;
	connect_as(&ann, ANN, ",\"sessionId\":\"s1\"");
	connect_as(&bob, BOB, ",\"sessionId\":\"s2\"");
	pass(1000);
	lose("");
	assert_true(frame(NOTIFY_HIDE,
			  "{\"userId\":\"" ANN "\",\"other\":\"" BOB
			  "\",\"hidden\":true}"));
	answer(&held, TOGETHER, NULL);
	held.reply = NULL;
	assert_int_equal(count(&ann, "user-offline userId=" BOB), 1);
	assert_int_equal(count(&ann, "user-online userId=" BOB), 1);
}

/* Workers may send two of them in another order than that in which they were
 * written. */
static void behind_one_that_came_it_is_asked_too(void **state)
{
	(void)state;
	connect_as(&ann, ANN, ",\"sessionId\":\"s1\"");
	connect_as(&bob, BOB, ",\"sessionId\":\"s2\"");
	pass(1000);
	sessions_answer = APART;
	forget_asked();
	assert_true(frame(NOTIFY_HIDE,
			  "{\"userId\":\"" ANN "\",\"other\":\"" BOB
			  "\",\"hidden\":true}"));
	assert_true(frame(NOTIFY_HIDE,
			  "{\"userId\":\"" ANN "\",\"other\":\"" BOB
			  "\",\"hidden\":false}"));
	pass(1000);
	assert_asked("sessions sessions.0.userId=" ANN
		     " sessions.length=1 hidden=true");
	assert_int_equal(asked("sessions"), 1);
	assert_int_equal(count(&ann, "user-online userId=" BOB), 2);
	assert_int_equal(count(&ann, "user-offline userId=" BOB), 2);
	assert_sees_not(&bob, "user-offline userId=" ANN);
}

static void too_many_to_say_change_nothing(void **state)
{
	(void)state;
	connect_as(&ann, ANN, ",\"sessionId\":\"s1\",\"hidden\":[\"" BOB "\"]");
	connect_as(&bob, BOB, ",\"sessionId\":\"s2\"");
	pass(1000);
	lose(NOBODY_GONE "{\"" ANN "\":false}}");
	assert_sees_not(&ann, "user-online userId=" BOB);
	lose(TOGETHER);
	assert_sees(&ann, "user-online userId=" BOB);
}

static void a_session_that_is_gone_says_nothing_of_whom_they_hide(void **state)
{
	(void)state;
	connect_as(&ann, ANN, ",\"sessionId\":\"s1\",\"hidden\":[\"" BOB "\"]");
	connect_as(&bob, BOB, ",\"sessionId\":\"s2\",\"hidden\":[\"" ANN "\"]");
	pass(1000);
	sessions_answer = "{\"ok\":true,\"gone\":[\"s1\"],\"hidden\":{\"" BOB
			  "\":[\"" ANN "\"]}}";
	hub_worker_lost(hub, AS_OF);
	/* Too late to be asked about. */
	connect_as(&other, ANN,
		   ",\"sessionId\":\"s3\",\"hidden\":[\"" BOB "\"]");
	forget_asked();
	pass(1500);
	assert_asked("sessions sessions.0.sessionId=s1 sessions.length=2");
	assert_ends(&ann, "closed");
	assert_sees_not(&other, "closed");
	assert_sees_not(&other, "user-online userId=" BOB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_revocation_during_the_lookup_counts),
		TEST(a_guests_that_was_forgotten_by_then_counts_too),
		TEST(a_revocation_that_was_missed_during_the_lookup_counts_too),
		TEST(at_the_tokens_expiry_the_socket_is_told_and_closed),
		TEST(only_the_revoked_session_is_closed),
		TEST(all_sessions_but_one_are_closed),
		TEST(a_renewed_token_moves_the_end_and_the_session),
		TEST(at_half_of_its_time_the_edge_is_asked_for_another_token),
		TEST(what_the_old_session_could_not_do_does_not_end_the_new_one),
		TEST(a_token_that_is_refused_leaves_the_socket_as_it_was),
		TEST(a_session_that_ended_while_it_was_looked_up_is_not_taken),
		TEST_LARGE(nor_is_one_whose_end_may_be_forgotten),
		TEST_LARGE(of_many_events_alone_none_is_an_end),
		TEST(a_revocation_that_was_missed_is_found_out),
		TEST(one_that_is_found_gone_hears_the_reason_that_comes_behind),
		TEST(a_revocation_that_nobody_knows_of_is_found_within_a_minute),
		TEST(whom_they_do_not_see_is_asked_where_that_was_missed),
		TEST(what_is_heard_while_that_is_asked_counts_more),
		TEST(behind_one_that_came_it_is_asked_too),
		TEST(too_many_to_say_change_nothing),
		TEST(a_session_that_is_gone_says_nothing_of_whom_they_hide),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
