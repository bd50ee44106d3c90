/* Two who are kept apart, by a block, do not see each other come and go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "hub_fixture.h"

#define DORA "dddddddddddddddddddddddd"

#define HIDE(user, other, hidden)                                              \
	assert_true(frame(NOTIFY_HIDE,                                         \
			  "{\"userId\":\"" user "\",\"other\":\"" other        \
			  "\",\"hidden\":" hidden "}"))

static void block(const char *hidden)
{
	if (hidden[0] == 't') {
		HIDE(ANN, BOB, "true");
		HIDE(BOB, ANN, "true");
	} else {
		HIDE(ANN, BOB, "false");
		HIDE(BOB, ANN, "false");
	}
}

static void two_who_are_kept_apart_seem_to_go(void **state)
{
	(void)state;
	connect_as(&bob, BOB, "");
	connect_as(&ann, ANN, "");
	connect_as(&other, DORA, "");
	block("true");
	assert_int_equal(count(&ann, "?user-offline userId=" BOB), 1);
	assert_int_equal(count(&bob, "?user-offline userId=" ANN), 1);
	assert_sees(&ann, "?user-status status=offline userId=" BOB);
	assert_sees_not(&other, "user-offline");
	block("true");
	assert_int_equal(count(&ann, "?user-offline userId=" BOB), 1);
	event(&ann, "watch-presence", "{\"ids\":[\"" BOB "\",\"" DORA "\"]}");
	assert_sees(&ann, "ack ok=true online.0=" DORA " online.length=1");
	assert_true(frame(NOTIFY_SETTINGS,
			  "{\"userId\":\"" BOB
			  "\",\"statusText\":\"busy\",\"lastSeen\":1}"));
	assert_sees(&other, "?user-status statusText=busy");
	assert_sees_not(&ann, "?user-status statusText=busy");
	disconnect(&bob);
	pass(8100);
	assert_sees(&other, "user-offline userId=" BOB);
	assert_int_equal(count(&ann, "?user-offline userId=" BOB), 1);
}

static void two_who_are_together_again_see_who_is_there(void **state)
{
	(void)state;
	connect_as(&bob, BOB, "");
	connect_as(&ann, ANN, "");
	block("true");
	block("false");
	assert_int_equal(count(&ann, "?user-online userId=" BOB), 1);
	assert_int_equal(count(&bob, "?user-online userId=" ANN), 2);
	disconnect(&bob);
	pass(8100);
	assert_int_equal(count(&ann, "?user-offline userId=" BOB), 2);
}

#define SHOWN                                                                  \
	"{\"userId\":\"" BOB "\",\"to\":\"" ANN                                \
	"\",\"statusText\":\"new\",\"lastSeen\":1600000000000}"
#define SEEN "?user-status statusText=new userId=" BOB

static void what_one_shows_is_told_to_one_alone_who_sees_them(void **state)
{
	(void)state;
	connect_as(&ann, ANN, "");
	connect_as(&other, DORA, "");
	block("true");
	assert_true(frame(NOTIFY_SETTINGS, SHOWN));
	assert_sees_not(&ann, SEEN);
	block("false");
	assert_true(frame(NOTIFY_SETTINGS, SHOWN));
	assert_sees(&ann, SEEN " status=offline "
			       "lastSeen=2020-09-13T12:26:40.000Z");
	connect_as(&bob, BOB, "");
	assert_true(frame(NOTIFY_SETTINGS, SHOWN));
	assert_sees(&ann, SEEN " status=online");
	assert_sees_not(&other, SEEN);
	assert_sees_not(&bob, SEEN);
}

static void a_guest_learns_of_nobody_by_a_block(void **state)
{
	(void)state;
	connect_as(&bob, BOB, "");
	connect_as(&ann, ANN, ",\"role\":\"guest\"");
	block("true");
	block("false");
	assert_true(frame(NOTIFY_SETTINGS, SHOWN));
	assert_sees_not(&ann, "user-offline");
	assert_sees_not(&ann, "user-online");
	assert_sees_not(&ann, "user-status");
}

static void who_comes_sees_nobody_they_are_kept_apart_from(void **state)
{
	(void)state;
	connect_as(&bob, BOB, ",\"hidden\":[\"" ANN "\"]");
	connect_as(&other, DORA, "");
	connect_as(&ann, ANN,
		   ",\"contacts\":[\"" BOB "\"],\"hidden\":[\"" BOB "\"]");
	assert_sees(&ann, "!presence online.0=" DORA " online.length=1");
	assert_sees_not(&bob, "user-online userId=" ANN);
	assert_sees(&other, "user-online userId=" ANN);
}

static void who_is_kept_apart_is_not_seen_typing_to_the_other(void **state)
{
	(void)state;
	connect_as(&bob, BOB, ",\"hidden\":[\"" ANN "\"]");
	connect_as(&ann, ANN,
		   ",\"contacts\":[\"" BOB "\"],\"hidden\":[\"" BOB "\"]");
	event(&ann, "typing", "{\"to\":\"" BOB "\"}");
	assert_sees(&ann, "ack ok=true");
	event(&bob, "typing", "{\"to\":\"" ANN "\"}");
	assert_sees_not(&bob, "typing");
	assert_sees_not(&ann, "typing");
	block("false");
	event(&ann, "typing", "{\"to\":\"" BOB "\"}");
	assert_sees(&bob, "typing from=" ANN);
}

static void when_the_crowd_has_gone_they_are_kept_apart_still(void **state)
{
	(void)state;
	struct fake dave;

	connect_as(&bob, BOB, ",\"hidden\":[\"" ANN "\"]");
	connect_as(&dave, "eeeeeeeeeeeeeeeeeeeeeeee", "");
	connect_as(&ann, ANN, ",\"hidden\":[\"" BOB "\"]");
	disconnect(&dave);
	pass(9100);
	assert_sees_not(&bob, "?presence online.0=" ANN);
	assert_sees_not(&ann, "?presence online.0=" BOB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(two_who_are_kept_apart_seem_to_go),
		TEST(two_who_are_together_again_see_who_is_there),
		TEST(what_one_shows_is_told_to_one_alone_who_sees_them),
		TEST(a_guest_learns_of_nobody_by_a_block),
		TEST(who_comes_sees_nobody_they_are_kept_apart_from),
		TEST(who_is_kept_apart_is_not_seen_typing_to_the_other),
		TEST_TWO(when_the_crowd_has_gone_they_are_kept_apart_still),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
