/* Who comes into groups and goes, in whatever order that is announced. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "hub_fixture.h"

#define GROUP "c:" CONVERSATION

/* Ann's, by the message of that number. */
static void move_as(enum notify_kind kind, const char *room, int seq,
		    enum hub_source source)
{
	char text[300];

	snprintf(text, sizeof(text),
		 "{\"userId\":\"" ANN "\",\"room\":\"%s\",\"position\":\"%s\"}",
		 room, position_of(seq));
	assert_true(frame_from(kind, text, source));
}

static void join(int seq)
{
	move_as(NOTIFY_JOIN, GROUP, seq, HUB_NOTIFY);
}

static void leave(int seq)
{
	move_as(NOTIFY_LEAVE, GROUP, seq, HUB_NOTIFY);
}

/* Does she hear of the group? */
static bool hears(struct fake *fake)
{
	int before = count(fake, "e");

	assert_true(
		frame(NOTIFY_EVENT, "{\"rooms\":[\"" GROUP "\"]}\n[\"e\",1]"));
	return count(fake, "e") > before;
}

/* ---- the order ---- */

static void who_left_is_not_brought_back_by_an_older_join(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	leave(2);
	join(1);
	assert_false(hears(&ann));
	move_as(NOTIFY_JOIN, GROUP, 1, HUB_RECENT);
	assert_false(hears(&ann));
	join(3);
	assert_true(hears(&ann));
}

static void who_came_back_is_not_put_out_by_an_older_leave(void **state)
{
	(void)state;
	connect_as(&ann, ANN, ",\"rooms\":[\"" GROUP "\"]");
	join(2);
	leave(1);
	assert_true(hears(&ann));
	leave(3);
	assert_false(hears(&ann));
}

static void what_is_announced_again_still_holds(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	join(1);
	join(1);
	assert_true(hears(&ann));
}

static void an_older_join_makes_no_contacts(void **state)
{
	(void)state;
	char text[300];

	connect_as(&ann, ANN, "");
	connect_as(&bob, BOB, ",\"sessionId\":\"s2\"");
	leave(2);
	snprintf(text, sizeof(text),
		 "{\"userId\":\"" ANN "\",\"room\":\"" GROUP
		 "\",\"position\":\"%s\",\"contacts\":[\"" BOB "\"]}",
		 position_of(1));
	assert_true(frame(NOTIFY_JOIN, text));
	disconnect(&bob);
	pass(8100);
	assert_sees_not(&ann, "user-offline");
}

static void rooms_without_a_position_are_entered_as_it_is_said(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	leave(2);
	frame(NOTIFY_JOIN, "{\"userId\":\"" ANN "\",\"room\":\"" GROUP "\"}");
	assert_true(hears(&ann));
}

/* ---- who comes meanwhile ---- */

/* asOf: the session's answer of that number. */
static void connect_at(struct fake *fake, int seq, const char *rooms)
{
	char text[500];

	snprintf(text, sizeof(text),
		 "{\"ok\":true,\"user\":{\"_id\":\"" ANN "\"},"
		 "\"sessionId\":\"s1\",\"expiresAt\":%lld,"
		 "\"asOf\":\"%s\",\"rooms\":[%s]}",
		 (long long)(WALL + 1000000), position_of(seq), rooms);
	connect_with(fake, text);
}

static void what_a_session_knew_already_moves_it_no_more(void **state)
{
	(void)state;
	connect_at(&ann, 2, "");
	connect_at(&other, 4, "\"" GROUP "\"");
	join(1);
	assert_false(hears(&ann));
	leave(3);
	assert_true(hears(&other));
}

static void who_left_before_they_came_is_not_brought_back_either(void **state)
{
	(void)state;
	connect_as(&bob, BOB, ""); /* Ann is not here */
	leave(2);
	now += 5000;
	hub_tick(hub);
	connect_as(&ann, ANN, "");
	join(1);
	assert_false(hears(&ann));
}

static void the_order_counts_of_what_came_during_the_lookup_too(void **state)
{
	(void)state;
	now += 10;
	join(2);
	leave(1);
	connect_as(&ann, ANN, ",\"rooms\":[\"" GROUP "\"]");
	assert_true(hears(&ann));
}

/* In the third second of the look-up the one of the first is still known. */
static void what_came_early_in_a_long_lookup_is_not_forgotten(void **state)
{
	(void)state;
	const struct hub_hello hello = {
		.auth = "{\"token\":\"t\"}",
		.auth_len = 13,
		.query_token = "",
		.address = "",
		.agent = "",
		.request_id = "",
	};
	struct api_command lookup;

	session_answer = "";
	fake_new(&ann);
	hub_client_connect(hub, &ann.client, &hello);
	lookup = take_held();
	pass(300);
	join(1);
	pass(2500);
	answer(&lookup,
	       "{\"ok\":true,\"user\":{\"_id\":\"" ANN "\"},\"sessionId\":"
	       "\"s1\",\"expiresAt\":1800000000000,\"asOf\":\"" AS_OF "\"}",
	       NULL);
	assert_true(hears(&ann));
	assert_sees_not(&ann, "sync");
}

/* ---- what happened before ---- */

static void happens(const char *room, const char *number, int seq)
{
	char text[400];

	snprintf(text, sizeof(text),
		 "{\"rooms\":[\"%s\"],\"conversationId\":\"" CONVERSATION
		 "\"%s,\"position\":\"%s\"}\n[\"e\",%d]",
		 room, number, position_of(seq), seq);
	assert_true(frame(NOTIFY_EVENT, text));
}

static void who_came_hears_nothing_from_before(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	connect_as(&bob, BOB, ",\"rooms\":[\"" GROUP "\"]");
	join(5);
	happens(GROUP, ",\"seq\":4", 4);
	happens(GROUP, ",\"change\":1", 3);
	happens(GROUP, "", 2);
	happens(GROUP, ",\"seq\":5", 5);
	happens(GROUP, ",\"seq\":6", 6);
	assert_int_equal(count(&bob, "e"), 5);
	assert_int_equal(count(&ann, "e"), 2);
	assert_sees(&ann, "e =5");
	assert_sees(&ann, "e =6");
}

/* What was told between, they have to fetch. */
static void who_joins_behind_what_was_told_since_fetches(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	connect_as(&bob, BOB,
		   ",\"sessionId\":\"s2\",\"rooms\":[\"" GROUP "\"]");
	happens(GROUP, ",\"seq\":5", 5);
	join(5);
	assert_sees_not(&ann, "sync");
	leave(6);
	happens(GROUP, ",\"seq\":8", 8);
	join(7);
	assert_int_equal(count(&ann, "sync"), 1);
	join(7);
	assert_int_equal(count(&ann, "sync"), 1);
	leave(9);
	happens(GROUP, ",\"change\":1", 11);
	join(10);
	assert_int_equal(count(&ann, "sync"), 2);
	assert_sees_not(&bob, "sync");
}

static void without_a_position_who_joins_what_is_going_on_fetches(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	frame(NOTIFY_JOIN, "{\"userId\":\"" ANN "\",\"room\":\"" GROUP "\"}");
	assert_sees_not(&ann, "sync");
	frame(NOTIFY_LEAVE, "{\"userId\":\"" ANN "\",\"room\":\"" GROUP "\"}");
	happens(GROUP, ",\"seq\":1", 1);
	frame(NOTIFY_JOIN, "{\"userId\":\"" ANN "\",\"room\":\"" GROUP "\"}");
	assert_int_equal(count(&ann, "sync"), 1);
}

static void that_counts_of_what_came_during_the_lookup_too(void **state)
{
	(void)state;
	now += 10;
	join(5);
	happens(GROUP, ",\"seq\":4", 4);
	happens(GROUP, ",\"seq\":6", 6);
	connect_as(&ann, ANN, ",\"rooms\":[\"" GROUP "\"]");
	assert_int_equal(count(&ann, "e"), 1);
	assert_sees(&ann, "e =6");
}

static void nobody_is_told_of_a_group_that_they_left_since(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	join(1);
	leave(2);
	happens("u:" ANN, "", 1);
	happens("u:" ANN, "", 2);
	assert_int_equal(count(&ann, "e"), 1);
	assert_sees(&ann, "e =2");
}

/* ---- more than is kept ---- */

static void flood(int from)
{
	char room[40];

	for (int i = 0; i < 17000; i++) {
		snprintf(room, sizeof(room), "c:%024x", (unsigned)i);
		move_as(NOTIFY_LEAVE, room, from + i, HUB_NOTIFY);
	}
}

static void where_nobody_knows_the_connection_is_dropped(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	leave(2);
	flood(10);
	join(1);
	assert_false(hears(&ann));
	assert_ends(&ann, "dropped");
	join(1);
	assert_int_equal(count(&ann, "dropped"), 1);
}

static void where_it_changes_nothing_nobody_is_dropped(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	join(1);
	flood(10);
	join(1);
	assert_true(hears(&ann));
	assert_sees_not(&ann, "dropped");
}

/* So many events that a move from before is no longer known. */
static void events_flood(void)
{
	for (int i = 0; i < 10000; i++)
		assert_true(frame(NOTIFY_EVENT,
				  "{\"rooms\":[\"c:x\"]}\n[\"e\",1]"));
}

static void whose_rooms_are_not_known_is_dropped_and_comes_back(void **state)
{
	(void)state;
	connect_as(&bob, BOB, ",\"sessionId\":\"s2\"");
	now += 10;
	leave(1);
	events_flood();
	connect_as(&ann, ANN, ",\"rooms\":[\"" GROUP "\"]");
	assert_sees_not(&ann, "");
	pass(3100);
	assert_ends(&ann, "dropped");
	disconnect(&ann);
	connect_as(&ann, ANN, "");
	assert_sees(&ann, "accepted");
}

static void who_missed_events_alone_fetches_them(void **state)
{
	(void)state;
	now += 10;
	events_flood();
	connect_as(&ann, ANN, "");
	assert_sees(&ann, "accepted");
	assert_ends(&ann, "sync");
	pass(1000);
	assert_int_equal(asked("sessions"), 0);
}

/* ---- positions ---- */

/* The message that these stand before may be lost yet. */
static void a_move_does_not_say_that_all_before_it_was_told(void **state)
{
	static const struct {
		enum notify_kind kind;
		const char *head, *events;
	} sent[] = {
		{NOTIFY_JOIN, "\"userId\":\"" ANN "\",\"room\":\"" GROUP "\"",
		 ""},
		{NOTIFY_EVENT,
		 "\"rooms\":[\"u:" ANN "\"],\"conversationId\":\"" CONVERSATION
		 "\"",
		 "\n[\"conversation:new\",1]"},
	};
	struct hub_worker worker = {.source = HUB_NOTIFY};
	char text[300];

	(void)state;
	connect_as(&ann, ANN, "");
	message_by(&worker, 1);
	for (size_t i = 0; i < sizeof(sent) / sizeof(sent[0]); i++) {
		struct notify_frame said = {sent[i].kind, (const uint8_t *)text,
					    0};

		said.body_len = (size_t)snprintf(
			text, sizeof(text), "{%s,\"position\":\"%s\"}%s",
			sent[i].head, position_of(2), sent[i].events);
		assert_true(hub_worker_frame(hub, &worker, &said));
	}
	assert_int_equal(count(&ann, "conversation:new"), 1);
	assert_string_equal(worker.position, position_of(1));
	hub_read_position(hub, text);
	assert_string_equal(text, position_of(1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_left_is_not_brought_back_by_an_older_join),
		TEST(who_came_back_is_not_put_out_by_an_older_leave),
		TEST(what_is_announced_again_still_holds),
		TEST_LARGE(an_older_join_makes_no_contacts),
		TEST(rooms_without_a_position_are_entered_as_it_is_said),
		TEST(what_a_session_knew_already_moves_it_no_more),
		TEST(who_left_before_they_came_is_not_brought_back_either),
		TEST(the_order_counts_of_what_came_during_the_lookup_too),
		TEST(who_came_hears_nothing_from_before),
		TEST(who_joins_behind_what_was_told_since_fetches),
		TEST(without_a_position_who_joins_what_is_going_on_fetches),
		TEST(that_counts_of_what_came_during_the_lookup_too),
		TEST(nobody_is_told_of_a_group_that_they_left_since),
		TEST(where_nobody_knows_the_connection_is_dropped),
		TEST(where_it_changes_nothing_nobody_is_dropped),
		TEST(what_came_early_in_a_long_lookup_is_not_forgotten),
		TEST(whose_rooms_are_not_known_is_dropped_and_comes_back),
		TEST(who_missed_events_alone_fetches_them),
		TEST(a_move_does_not_say_that_all_before_it_was_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
