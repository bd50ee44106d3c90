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
			  "\"asOf\":1700000020000,\"rooms\":[\"r:lobby\"");
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

/* ---- healing ---- */

static void a_lost_connection_is_healed_by_recent(void **state)
{
	(void)state;
	struct hub_stats stats;

	connect_as(&ann, ANN, "");
	hub_worker_missed(hub, WALL + now);
	pass(50);
	assert_asked("recent since=1700000030000");
	message(1, HUB_RECENT);
	answer(&held, "{\"ok\":true,\"more\":false,\"after\":\"x\"}", NULL);
	assert_sees(&ann, "message:new =1");
	hub_read_stats(hub, &stats);
	assert_int_equal(stats.healed, 1);
	assert_int_equal(stats.heals, 1);
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
	assert_int_equal(count(&ann, "!sync"), 1);
	assert_sees_not(&other, "sync");
}

static void what_the_workers_cannot_tell_becomes_a_sync(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	pass(100);
	hub_worker_missed(hub, WALL + now);
	hub_tick(hub);
	assert_non_null(held.reply);
	answer(&held,
	       "{\"ok\":true,\"more\":true,\"after\":\"a\",\"lost\":true}",
	       NULL);
	answer(&held, "{\"ok\":true,\"more\":false}", NULL);
	pass(6000);
	assert_int_equal(count(&ann, "!sync"), 1);
}

static void after_a_long_outage_everyone_is_told_to_sync(void **state)
{
	(void)state;
	struct hub_stats stats;

	connect_as(&ann, ANN, "");
	message(1, HUB_NOTIFY);
	message(3, HUB_NOTIFY);
	workers_down = true;
	hub_worker_missed(hub, WALL + now);
	pass(70000);
	assert_sees_not(&ann, "sync");
	workers_down = false;
	pass_answered(7100);
	hub_read_stats(hub, &stats);
	assert_int_equal(stats.holes, 0);
	assert_int_equal(count(&ann, "!sync"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(both_sides_get_an_announced_message_exactly_once),
		TEST(who_is_in_two_of_the_rooms_gets_it_once),
		TEST(nobody_gets_it_twice_though_another_dies_of_it),
		TEST(joining_and_leaving_move_every_socket_of_the_user),
		TEST_LARGE(
			two_in_a_room_or_a_conversation_are_no_contacts_by_that),
		TEST(who_is_in_ten_thousand_rooms_hears_of_each),
		TEST(rooms_say_when_somebody_is_in_them),
		TEST(a_malformed_head_is_refused),
		TEST(a_lost_connection_is_healed_by_recent),
		TEST(a_hole_that_cannot_be_filled_becomes_a_sync_of_its_rooms),
		TEST(what_the_workers_cannot_tell_becomes_a_sync),
		TEST(after_a_long_outage_everyone_is_told_to_sync),
		TEST(receipts_are_told_once_a_second_and_the_last_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
