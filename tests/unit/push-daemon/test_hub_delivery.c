/* What workers say, and whom it reaches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "buf.h"
#include "hub_fixture.h"
#include "palabre_limits.h"

/* ---- delivery ---- */

static void both_sides_get_an_announced_message_exactly_once(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	connect_as(&bob, BOB, "");
	message(1, HUB_ANSWER);
	message(1, HUB_NOTIFY);
	message(1, HUB_RECENT);
	assert_int_equal(count(&ann, "message:new =1"), 1);
	assert_int_equal(count(&bob, "message:new =1"), 1);
}

static void read_to(int seq)
{
	char text[400];

	snprintf(text, sizeof(text),
		 "{\"rooms\":[\"u:" ANN "\",\"u:" BOB
		 "\"],\"conversationId\":\"" CONVERSATION "\",\"userId\":\"" BOB
		 "\",\"read\":%d}\n[\"message:read\",%d]",
		 seq, seq);
	assert_true(frame(NOTIFY_EVENT, text));
}

static void receipts_are_told_once_a_second_and_the_last_is_told(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	for (int seq = 1; seq <= 20; seq++)
		read_to(seq);
	assert_int_equal(count(&ann, "message:read"), 1);
	assert_sees(&ann, "message:read =1");
	pass(1000);
	assert_int_equal(count(&ann, "message:read"), 1);
	hub_tick(hub);
	assert_int_equal(count(&ann, "message:read"), 2);
	assert_sees(&ann, "message:read =20");
	/* It came now, for one whose session was looked up meanwhile. */
	connect_as(&bob, BOB, "");
	assert_int_equal(count(&bob, "message:read"), 1);
	assert_sees(&bob, "message:read =20");
}

static void what_one_alone_is_told_stands_for_nothing_of_others(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	read_to(1);
	read_to(2);
	assert_true(frame(
		NOTIFY_EVENT,
		"{\"rooms\":[\"u:" BOB "\"],\"conversationId\":\"" CONVERSATION
		"\",\"userId\":\"" BOB "\",\"read\":3}\n[\"message:read\",3]"));
	pass(1000);
	hub_tick(hub);
	assert_int_equal(count(&ann, "message:read"), 2);
	assert_sees(&ann, "message:read =2");
}

static void who_is_in_two_of_the_rooms_gets_it_once(void **state)
{
	(void)state;
	connect_as(&ann, ANN, ",\"rooms\":[\"c:x\"]");
	frame(NOTIFY_EVENT,
	      "{\"rooms\":[\"u:" ANN "\",\"c:x\"]}\n[\"e\",1]\n[\"f\",2]");
	assert_int_equal(count(&ann, "!e =1"), 1);
	assert_int_equal(count(&ann, "!f =2"), 1);
	assert_ends(&ann, "f");
}

static void who_is_excepted_gets_nothing_of_it_on_any_connection(void **state)
{
	(void)state;
	connect_as(&ann, ANN, ",\"rooms\":[\"c:x\"]");
	connect_as(&bob, BOB, ",\"rooms\":[\"c:x\"]");
	frame(NOTIFY_EVENT, "{\"rooms\":[\"u:" BOB
			    "\",\"c:x\"],\"except\":\"" BOB "\"}\n[\"e\",1]");
	frame(NOTIFY_EVENT,
	      "{\"rooms\":[\"c:x\"],\"except\":\"" CONVERSATION ANN
	      "\"}\n[\"e\",2]");
	/* Nor does one whose session was looked up meanwhile. */
	connect_as(&other, BOB, ",\"rooms\":[\"c:x\"]");
	assert_sees(&ann, "e =1");
	assert_sees_not(&ann, "e =2");
	assert_sees_not(&bob, "e =1");
	assert_sees(&bob, "e =2");
	assert_sees_not(&other, "e =1");
	assert_sees(&other, "e =2");
}

static void nobody_gets_it_twice_though_another_dies_of_it(void **state)
{
	(void)state;
	connect_as(&ann, ANN, ",\"rooms\":[\"c:" CONVERSATION "\"]");
	connect_as(&bob, BOB, ",\"rooms\":[\"c:" CONVERSATION "\"]");
	event(&ann, "typing", "{\"conversationId\":\"" CONVERSATION "\"}");
	ann.dies = true;
	frame(NOTIFY_EVENT, "{\"rooms\":[\"u:" BOB "\",\"u:" ANN
			    "\",\"c:" CONVERSATION "\"]}\n[\"e\",1]");
	assert_int_equal(count(&bob, "e =1"), 1);
	hub_tick(hub);
	assert_int_equal(count(&bob, "typing-stopped"), 1);
}

static void joining_and_leaving_move_every_socket_of_the_user(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	connect_as(&other, ANN, "");
	frame(NOTIFY_JOIN, "{\"userId\":\"" ANN "\",\"room\":\"c:x\"}");
	frame(NOTIFY_EVENT, "{\"rooms\":[\"c:x\"]}\n[\"e\",1]");
	frame(NOTIFY_LEAVE, "{\"userId\":\"" ANN "\",\"room\":\"c:x\"}");
	frame(NOTIFY_EVENT, "{\"rooms\":[\"c:x\"]}\n[\"e\",2]");
	assert_sees(&ann, "e =1");
	assert_sees(&other, "e =1");
	assert_sees_not(&ann, "e =2");
}

static void rooms_say_when_somebody_is_in_them(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	connect_as(&other, ANN, "");
	frame(NOTIFY_JOIN, "{\"userId\":\"" ANN "\",\"room\":\"c:x\"}");
	assert_int_equal(rooms_noted("occupied room=u:" ANN), 1);
	assert_int_equal(rooms_noted("occupied room=c:x"), 1);
	disconnect(&ann);
	assert_int_equal(rooms_noted("empty"), 0);
	frame(NOTIFY_LEAVE, "{\"userId\":\"" ANN "\",\"room\":\"c:x\"}");
	assert_int_equal(rooms_noted("empty room=c:x"), 1);
	disconnect(&other);
	assert_int_equal(rooms_noted("empty room=u:" ANN), 1);
}

static void two_in_a_room_or_a_conversation_are_no_contacts_by_that(void **s)
{
	(void)s;
	connect_as(&ann, ANN, "");
	connect_as(&bob, BOB, "");
	message(1, HUB_NOTIFY);
	disconnect(&bob);
	pass(8100);
	assert_sees_not(&ann, "user-offline");
}

static void who_is_in_ten_thousand_rooms_hears_of_each(void **state)
{
	(void)state;
	struct buf answer;

	buf_init(&answer, NOTIFY_BODY_MAX);
	buf_addf(&answer, "{\"ok\":true,\"user\":{\"_id\":\"" ANN "\"},"
			  "\"sessionId\":\"s1\",\"expiresAt\":1800000000000,"
			  "\"asOf\":\"" AS_OF "\",\"rooms\":[\"r:lobby\"");
	for (int i = 0; i < LIMIT_ROOMS; i++)
		buf_addf(&answer, ",\"c:%024x\"", (unsigned)i);
	buf_addf(&answer, "]}");
	assert_false(answer.overflow);
	connect_with(&ann, answer.data);
	frame(NOTIFY_EVENT, "{\"rooms\":[\"r:lobby\"]}\n[\"e\",1]");
	frame(NOTIFY_EVENT,
	      "{\"rooms\":[\"c:00000000000000000000270f\"]}\n[\"e\",2]");
	assert_int_equal(count(&ann, "e"), 2);
	buf_done(&answer);
}

static void a_malformed_head_is_refused(void **state)
{
	(void)state;
	assert_false(frame(NOTIFY_EVENT, "{}\n[\"e\",1]"));
	assert_false(frame(NOTIFY_JOIN, "nonsense"));
}

/* ---- recovery ---- */

static void what_a_worker_wrote_since_it_last_spoke_is_recovered(void **state)
{
	(void)state;
	static const char hello[] = "{\"position\":\"" AS_OF "\"}";
	const struct notify_frame came = {NOTIFY_HELLO, (const uint8_t *)hello,
					  sizeof(hello) - 1};
	struct hub_worker worker = {.source = HUB_NOTIFY};
	struct hub_stats stats;

	connect_as(&ann, ANN, "");
	assert_true(hub_worker_hello(hub, &worker, &came));
	pass(50);
	assert_asked("recent after=" AS_OF);
	answer(&held, "{\"ok\":true,\"more\":false}", NULL);
	forget_asked();
	message_by(&worker, 1);
	assert_string_equal(worker.position, position_of(1));
	hub_worker_lost(hub, worker.position);
	pass(50);
	assert_int_equal(asked("recent after=000000000000000000002001"), 1);
	message(1, HUB_RECENT);
	message(2, HUB_RECENT);
	answer(&held, "{\"ok\":true,\"more\":false}", NULL);
	assert_int_equal(count(&ann, "message:new"), 2);
	hub_read_stats(hub, &stats);
	assert_int_equal(stats.healed, 1);
	assert_int_equal(stats.heals, 2);
}

static void a_worker_says_where_it_is_while_it_has_nothing_to_say(void **state)
{
	(void)state;
	static const char text[] =
		"{\"position\":\"000000000000000000003000\"}";
	const struct notify_frame said = {
		NOTIFY_POSITION, (const uint8_t *)text, sizeof(text) - 1};
	struct hub_worker worker = {.source = HUB_NOTIFY};
	char newest[ID_SIZE];

	assert_true(hub_worker_frame(hub, &worker, &said));
	assert_string_equal(worker.position, "000000000000000000003000");
	hub_read_position(hub, newest);
	assert_string_equal(newest, worker.position);
	message_by(&worker, 1); /* an older one does not move it back */
	assert_string_equal(worker.position, "000000000000000000003000");
}

/* Time, in which the workers answer that there is nothing. */
static void pass_answered(int64_t ms)
{
	for (int64_t end = now + ms; now < end;) {
		pass(100);
		if (held.reply != NULL)
			answer(&held, "{\"ok\":true,\"more\":false}", NULL);
	}
}

static void a_hole_that_cannot_be_filled_becomes_a_sync_of_its_rooms(void **s)
{
	(void)s;
	connect_as(&ann, ANN, "");
	connect_as(&other, "dddddddddddddddddddddddd", "");
	message(1, HUB_NOTIFY);
	message(3, HUB_NOTIFY);
	pass_answered(2000);
	assert_asked("recent after=000000000000000000002001");
	assert_int_equal(count(&ann, "!sync"), 1);
	assert_sees_not(&other, "sync");
}

static void what_the_store_has_forgotten_everybody_looks_for(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	message(1, HUB_NOTIFY);
	hub_worker_lost(hub, position_of(1));
	pass(50);
	assert_asked("recent after=000000000000000000002001");
	message(2, HUB_RECENT);
	answer(&held, "{\"ok\":true,\"more\":false,\"lost\":true}", NULL);
	pass(6000);
	assert_int_equal(count(&ann, "message:new"), 2);
	assert_int_equal(count(&ann, "!sync"), 1);
}

static void however_long_the_workers_were_away_what_was_missed_comes(void **s)
{
	(void)s;
	connect_as(&ann, ANN, "");
	message(1, HUB_NOTIFY);
	workers_down = true;
	hub_worker_lost(hub, position_of(1));
	pass(700000);
	workers_down = false;
	forget_asked();
	pass(1100);
	assert_asked("recent after=000000000000000000002001");
	message(2, HUB_RECENT);
	answer(&held, "{\"ok\":true,\"more\":false}", NULL);
	pass(6000);
	assert_int_equal(count(&ann, "message:new"), 2);
	assert_sees_not(&ann, "sync");
}

static void a_clock_that_is_set_back_hides_nothing(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	pass(60000);
	wall -= 3600000; /* before this hub was there */
	message(1, HUB_NOTIFY);
	hub_worker_lost(hub, position_of(1));
	pass(50);
	assert_asked("recent after=000000000000000000002001");
	message(2, HUB_RECENT);
	answer(&held, "{\"ok\":true,\"more\":false}", NULL);
	assert_int_equal(count(&ann, "message:new"), 2);
	/* Nor what comes while somebody's session is looked up. */
	connect_as(&bob, BOB, "");
	assert_int_equal(count(&bob, "message:new =1"), 0);
	assert_int_equal(count(&bob, "message:new =2"), 1);
}

/* ---- more conversations than are remembered ---- */

#define CONVERSATIONS 20000

/* The first message of conversation number n, whose position is n, too. */
static void first_message(int n, enum hub_source source)
{
	char text[400];

	snprintf(text, sizeof(text),
		 "{\"rooms\":[\"u:" ANN "\"],\"conversationId\":\"%024x\","
		 "\"seq\":1,\"position\":\"%024x\"}\n[\"message:new\",%d]",
		 (unsigned)n, 0x100000u + (unsigned)n, n);
	assert_true(frame_from(NOTIFY_EVENT, text, source));
}

/* A worker has gone that had said all up to number n; the others go on. */
static void lose_worker(int n)
{
	char position[ID_SIZE];

	snprintf(position, sizeof(position), "%024x", 0x100000u + (unsigned)n);
	hub_worker_lost(hub, position);
	forget_asked();
	pass(50);
}

static void twenty_thousand_conversations(void)
{
	connect_as(&ann, ANN, "");
	for (int n = 1; n <= CONVERSATIONS; n++)
		first_message(n, HUB_NOTIFY);
	assert_int_equal(count(&ann, "message:new"), CONVERSATIONS);
}

/* 10 seconds of them, say, of which it had not said the last one. */
static void of_many_conversations_nothing_comes_twice(void **state)
{
	(void)state;
	const int said = CONVERSATIONS - 10000;

	twenty_thousand_conversations();
	lose_worker(said);
	assert_int_equal(asked("recent after=000000000000000000102710"), 1);
	for (int n = said + 1; n <= CONVERSATIONS + 1; n++)
		first_message(n, HUB_RECENT);
	answer(&held, "{\"ok\":true,\"more\":false}", NULL);
	assert_int_equal(count(&ann, "message:new"), CONVERSATIONS + 1);
	pass(6000);
	assert_sees_not(&ann, "sync");
}

/* It had said nothing since before what is remembered. */
static void what_may_be_missing_of_the_forgotten_becomes_a_sync(void **state)
{
	(void)state;
	twenty_thousand_conversations();
	lose_worker(100);
	assert_int_equal(asked("recent after=000000000000000000100064"), 0);
	assert_int_equal(asked("recent"), 1);
	/* What a store gives that is not asked so exactly is not believed. */
	first_message(100, HUB_RECENT);
	for (int n = CONVERSATIONS - 10000; n <= CONVERSATIONS + 1; n++)
		first_message(n, HUB_RECENT);
	answer(&held, "{\"ok\":true,\"more\":false}", NULL);
	assert_int_equal(count(&ann, "message:new"), CONVERSATIONS + 1);
	pass(6000);
	assert_int_equal(count(&ann, "!sync"), 1);
}

/* A worker that was frozen meanwhile says what another may have brought. */
static void
what_comes_late_of_the_forgotten_becomes_a_sync_of_its_rooms(void **s)
{
	(void)s;
	connect_as(&bob, BOB, "");
	twenty_thousand_conversations();
	first_message(50, HUB_NOTIFY);
	assert_int_equal(count(&ann, "message:new"), CONVERSATIONS);
	assert_int_equal(count(&ann, "!sync"), 1);
	assert_sees_not(&bob, "sync");
}

static void a_blocked_network_takes_all_but_operators_out(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	connect_as(&bob, BOB, ",\"rooms\":[\"r:operator\"]");
	frame(NOTIFY_REVOKE, "{\"network\":\"10.0.0.2\","
			     "\"reason\":\"blocked\"}");
	assert_sees_not(&ann, "closed");
	frame(NOTIFY_REVOKE, "{\"network\":\"10.0.0.1\","
			     "\"reason\":\"blocked\"}");
	assert_sees(&ann, "session-expired reason=blocked");
	assert_sees(&ann, "closed");
	assert_sees_not(&bob, "closed");
}

static void what_is_for_all_reaches_all_once(void **state)
{
	(void)state;
	connect_as(&ann, ANN, ",\"rooms\":[\"r:operator\"]");
	connect_as(&bob, BOB, ",\"role\":\"guest\"");
	frame(NOTIFY_EVENT, "{\"rooms\":[\"r:all\",\"r:operator\"]}\n"
			    "[\"system_message\",{\"message\":\"x\"}]");
	assert_int_equal(count(&ann, "system_message message=x"), 1);
	assert_int_equal(count(&bob, "system_message message=x"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_blocked_network_takes_all_but_operators_out),
		TEST(what_is_for_all_reaches_all_once),
		TEST(both_sides_get_an_announced_message_exactly_once),
		TEST(who_is_in_two_of_the_rooms_gets_it_once),
		TEST(who_is_excepted_gets_nothing_of_it_on_any_connection),
		TEST(nobody_gets_it_twice_though_another_dies_of_it),
		TEST(joining_and_leaving_move_every_socket_of_the_user),
		TEST_LARGE(
			two_in_a_room_or_a_conversation_are_no_contacts_by_that),
		TEST(who_is_in_ten_thousand_rooms_hears_of_each),
		TEST(rooms_say_when_somebody_is_in_them),
		TEST(a_malformed_head_is_refused),
		TEST(what_a_worker_wrote_since_it_last_spoke_is_recovered),
		TEST(a_worker_says_where_it_is_while_it_has_nothing_to_say),
		TEST(a_hole_that_cannot_be_filled_becomes_a_sync_of_its_rooms),
		TEST(what_the_store_has_forgotten_everybody_looks_for),
		TEST(however_long_the_workers_were_away_what_was_missed_comes),
		TEST(a_clock_that_is_set_back_hides_nothing),
		TEST(of_many_conversations_nothing_comes_twice),
		TEST(what_may_be_missing_of_the_forgotten_becomes_a_sync),
		TEST(what_comes_late_of_the_forgotten_becomes_a_sync_of_its_rooms),
		TEST(receipts_are_told_once_a_second_and_the_last_is_told),
		TEST(what_one_alone_is_told_stands_for_nothing_of_others),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
