/* Who hears of whose coming and going. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "buf.h"
#include "hub_fixture.h"

#define DORA "dddddddddddddddddddddddd"

/* ---- presence ---- */

static void others_hear_of_coming_at_once_and_of_going_after_the_grace(void **s)
{
	(void)s;
	connect_as(&bob, BOB, "");
	connect_as(&ann, ANN, "");
	assert_sees(&ann, "!presence online.0=" BOB " online.length=1");
	assert_sees(&bob, "?user-online userId=" ANN);
	assert_sees(&bob, "?user-status status=online statusText=hi");
	disconnect(&ann);
	pass(7900);
	assert_sees_not(&bob, "user-offline");
	pass(200);
	assert_sees(&bob, "?user-offline userId=" ANN
			  " lastSeen=2023-11-14T22:13:40.000Z");
	pass(1100);
	assert_asked("last-seen users.0.userId=" ANN
		     " users.0.at=1700000020000");
}

static void among_many_only_contacts_and_watchers_hear(void **state)
{
	(void)state;
	connect_as(&bob, BOB, "");
	connect_as(&other, DORA, "");
	connect_as(&ann, ANN, ",\"contacts\":[\"" BOB "\"]");
	assert_sees(&bob, "user-online");
	assert_sees_not(&other, "user-online");
	event(&other, "watch-presence", "{\"ids\":[\"" ANN "\"]}");
	assert_sees(&other, "ack ok=true online.0=" ANN " online.length=1");
	disconnect(&ann);
	pass(8100);
	assert_sees(&other, "user-offline");
	assert_sees(&bob, "user-offline");
}

static void a_new_contact_is_told_who_is_online_once(void **state)
{
	(void)state;
	static const char join[] =
		"{\"userId\":\"" ANN "\",\"contacts\":[\"" BOB "\"]}";

	connect_as(&ann, ANN, "");
	assert_true(frame(NOTIFY_JOIN, join)); /* Bob is not here */
	assert_int_equal(count(&ann, "presence"), 1);
	connect_as(&bob, BOB, ",\"contacts\":[\"" ANN "\"]");
	assert_sees(&ann, "user-online userId=" BOB);
	connect_as(&other, DORA, "");
	assert_sees_not(&ann, "user-online userId=" DORA);
	for (int i = 0; i < 2; i++)
		assert_true(frame(NOTIFY_JOIN,
				  "{\"userId\":\"" DORA
				  "\",\"contacts\":[\"" ANN "\"]}"));
	assert_int_equal(count(&other, "?presence online.0=" ANN), 1);
	assert_int_equal(count(&ann, "?presence online.0=" DORA), 1);
	assert_sees_not(&bob, "presence online.0=" DORA);
	disconnect(&other);
	pass(8100);
	assert_sees(&ann, "user-offline userId=" DORA);
	assert_sees_not(&bob, "user-offline userId=" DORA);
}

/* Dave makes the crowd. */
static void who_was_seen_coming_is_seen_going_in_a_crowd(void **state)
{
	(void)state;
	struct fake dave;

	connect_as(&bob, BOB, "");
	connect_as(&other, DORA, "");
	assert_sees(&bob, "user-online userId=" DORA);
	connect_as(&ann, ANN, "");
	connect_as(&dave, "eeeeeeeeeeeeeeeeeeeeeeee", "");
	assert_int_equal(count(&bob, "user-online"), 1);
	disconnect(&other);
	pass(8100); /* three are left */
	assert_sees(&bob, "user-offline userId=" DORA);
	assert_sees(&ann, "user-offline userId=" DORA);
	disconnect(&ann);
	disconnect(&dave);
	pass(50);
}

static void when_the_crowd_has_gone_those_who_came_in_it_are_told(void **state)
{
	(void)state;
	struct fake dave;

	connect_as(&bob, BOB, "");
	connect_as(&dave, "eeeeeeeeeeeeeeeeeeeeeeee", "");
	connect_as(&ann, ANN, "");
	pass(2000);
	assert_sees_not(&bob, "user-online userId=" ANN);
	disconnect(&dave);
	pass(9100); /* the grace, and a second */
	assert_int_equal(count(&bob, "?presence online.length=2"), 1);
	assert_int_equal(count(&ann, "?presence online.length=2"), 1);
	assert_sees_not(&bob, "user-online userId=" ANN);
	disconnect(&ann);
	connect_as(&other, DORA, "");
	pass(8100);
	assert_sees(&bob, "user-offline userId=" ANN);
	pass(5000);
	assert_int_equal(count(&bob, "?presence"), 2);
}

static void last_seen_is_tried_again_until_it_is_stored(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	disconnect(&ann);
	workers_down = true;
	pass(10000);
	workers_down = false;
	forget_asked();
	pass(1100);
	assert_asked("last-seen");
	answer(&held, "{\"ok\":true}", NULL);
	forget_asked();
	pass(3000);
	assert_int_equal(asked(""), 0);
}

static void who_stays_is_stored_as_seen_once_a_minute(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	connect_as(&other, ANN, ""); /* the same person */
	forget_asked();
	pass(59000);
	assert_int_equal(asked("last-seen"), 0);
	for (int minute = 1; minute <= 3; minute++) {
		pass(3000);
		assert_int_equal(asked("last-seen users.0.userId=" ANN
				       " users.length=1"),
				 minute);
		answer(&held, "{\"ok\":true}", NULL);
		pass(57000);
		assert_int_equal(asked("last-seen"), minute);
	}
}

static void workers_are_told_who_is_online(void **state)
{
	(void)state;
	static const char by_id[] = "{\"id\":7}\n" ANN BOB;
	static const char some[] = "{\"id\":8,\"limit\":10}";
	static const char all[] = "{\"id\":9,\"limit\":10,\"guests\":true}";
	const struct notify_frame first = {
		NOTIFY_PRESENCE, (const uint8_t *)by_id, sizeof(by_id) - 1};
	const struct notify_frame cut = {
		NOTIFY_PRESENCE, (const uint8_t *)by_id, sizeof(by_id) - 2};
	const struct notify_frame second = {
		NOTIFY_PRESENCE, (const uint8_t *)some, sizeof(some) - 1};
	const struct notify_frame third = {
		NOTIFY_PRESENCE, (const uint8_t *)all, sizeof(all) - 1};
	struct buf out;

	connect_as(&ann, ANN, "");
	connect_as(&other, DORA, ",\"role\":\"guest\"");
	buf_init(&out, 1000);
	assert_true(hub_worker_question(hub, &first, &out));
	assert_string_equal(out.data + 5, "{\"id\":7}\n10");
	assert_false(hub_worker_question(hub, &cut, &out));
	buf_reset(&out);
	assert_true(hub_worker_question(hub, &second, &out));
	assert_string_equal(out.data + 5,
			    "{\"id\":8,\"online\":[\"" ANN "\"]}");
	buf_reset(&out);
	assert_true(hub_worker_question(hub, &third, &out));
	assert_non_null(strstr(out.data + 5, DORA));
	buf_done(&out);
}

/* ---- status texts ---- */

#define BOBS_STATUS                                                            \
	"{\"userId\":\"" BOB "\",\"statusText\":\"gone \\u00e9\","             \
	"\"lastSeen\":1600000000000}"

#define GONE "user-status statusText='gone é'"

static void a_changed_status_text_is_told_with_presence(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	assert_true(frame(NOTIFY_SETTINGS, BOBS_STATUS));
	assert_sees(&ann, "?user-status userId=" BOB " status=offline "
			  "lastSeen=2020-09-13T12:26:40.000Z "
			  "statusText='gone é'");
	pass(3000);
	connect_as(&bob, BOB, "");
	assert_true(frame(NOTIFY_SETTINGS, BOBS_STATUS));
	assert_sees(&ann, "user-status status=online statusText='gone é'");
	assert_int_equal(count(&ann, GONE), 2);
	assert_int_equal(count(&bob, GONE), 1);
	pass(1000);
	disconnect(&bob);
	pass(9000);
	assert_int_equal(count(&ann, GONE), 3);
}

static void of_many_changes_the_first_and_the_last_are_told(void **state)
{
	(void)state;
	char text[200];

	connect_as(&ann, ANN, "");
	pass(2000);
	for (int i = 1; i <= 9; i++) {
		snprintf(text, sizeof(text),
			 "{\"userId\":\"" BOB "\",\"lastSeen\":1,"
			 "\"statusText\":\"text %d\"}",
			 i);
		assert_true(frame(NOTIFY_SETTINGS, text));
	}
	assert_sees(&ann, "user-status statusText='text 1'");
	assert_int_equal(count(&ann, "user-status"), 1);
	pass(1100);
	assert_sees(&ann, "user-status statusText='text 9'");
	assert_int_equal(count(&ann, "user-status"), 2);
	assert_true(frame(NOTIFY_SETTINGS, text));
	assert_true(frame(NOTIFY_SETTINGS, text)); /* still waits at the end */
}

static void among_many_those_who_see_a_user_hear_of_their_status(void **state)
{
	(void)state;
	connect_as(&ann, ANN, ",\"contacts\":[\"" BOB "\"]");
	connect_as(&other, DORA, "");
	assert_true(frame(NOTIFY_SETTINGS, BOBS_STATUS));
	assert_int_equal(count(&ann, "user-status"), 1);
	assert_sees_not(&other, "user-status");
	event(&other, "watch-presence", "{\"ids\":[\"" BOB "\"]}");
	event(&ann, "watch-presence", "{\"ids\":[\"" BOB "\"]}");
	pass(2000);
	assert_true(frame(NOTIFY_SETTINGS, BOBS_STATUS));
	assert_int_equal(count(&ann, "user-status"), 2);
	assert_int_equal(count(&other, "user-status"), 1);
}

static void operators_hear_of_it_of_whom_they_do_not_see_come(void **state)
{
	(void)state;
	connect_as(&ann, ANN,
		   ",\"role\":\"operator\",\"rooms\":[\"r:operator\"]");
	connect_as(&bob, BOB, ",\"role\":\"guest\"");
	connect_as(&other, DORA, "");
	pass(2000);
	assert_true(frame(NOTIFY_SETTINGS, BOBS_STATUS));
	assert_int_equal(count(&ann, GONE), 1);
	assert_int_equal(count(&ann, "user-online userId=" BOB), 0);
	assert_int_equal(count(&bob, GONE), 1);
	assert_sees_not(&other, "user-status userId=" BOB);
}

/* ---- guests ---- */

static void guests_and_everyone_else_do_not_see_each_other(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	connect_as(&bob, BOB, ",\"role\":\"guest\"");
	assert_sees(&bob, "presence online.length=0");
	connect_as(&other, DORA, "");
	assert_sees(&other, "presence online.length=1 online.0=" ANN);
	assert_sees(&ann, "user-online userId=" DORA);
	disconnect(&bob);
	pass(8100);
	assert_int_equal(count(&ann, "user-online userId=" BOB), 0);
	assert_int_equal(count(&ann, "user-offline userId=" BOB), 0);
	assert_int_equal(count(&bob, "user-online"), 0);
}

static void a_guest_and_their_contact_see_each_other(void **state)
{
	(void)state;
	connect_as(&ann, ANN, ",\"contacts\":[\"" BOB "\"]");
	connect_as(&bob, BOB, ",\"role\":\"guest\",\"contacts\":[\"" ANN "\"]");
	assert_sees(&bob, "presence online.length=1 online.0=" ANN);
	assert_sees(&ann, "user-online userId=" BOB);
	disconnect(&bob);
	pass(8100);
	assert_sees(&ann, "user-offline userId=" BOB);
}

/* ---- the server ---- */

static void the_server_is_there_for_all_while_an_operator_is(void **state)
{
	(void)state;
	connect_as(&ann, ANN, ",\"role\":\"guest\"");
	connect_as(&bob, BOB,
		   ",\"role\":\"operator\",\"rooms\":[\"r:operator\"]");
	assert_sees_not(&ann, "user-online");
	pass(100);
	assert_sees(&ann, "user-online userId=" ID_SERVER);
	connect_as(&other, DORA, ",\"role\":\"guest\"");
	assert_sees(&other, "presence online.length=1 online.0=" ID_SERVER);
	disconnect(&bob);
	pass(8200);
	assert_sees(&ann, "user-offline userId=" ID_SERVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_server_is_there_for_all_while_an_operator_is),
		TEST(operators_hear_of_it_of_whom_they_do_not_see_come),
		TEST(guests_and_everyone_else_do_not_see_each_other),
		TEST(a_guest_and_their_contact_see_each_other),
		TEST(others_hear_of_coming_at_once_and_of_going_after_the_grace),
		TEST_LARGE(among_many_only_contacts_and_watchers_hear),
		TEST_LARGE(a_new_contact_is_told_who_is_online_once),
		TEST_TWO(who_was_seen_coming_is_seen_going_in_a_crowd),
		TEST_TWO(when_the_crowd_has_gone_those_who_came_in_it_are_told),
		TEST(last_seen_is_tried_again_until_it_is_stored),
		TEST(who_stays_is_stored_as_seen_once_a_minute),
		TEST(workers_are_told_who_is_online),
		TEST(a_changed_status_text_is_told_with_presence),
		TEST(of_many_changes_the_first_and_the_last_are_told),
		TEST_LARGE(
			among_many_those_who_see_a_user_hear_of_their_status),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
