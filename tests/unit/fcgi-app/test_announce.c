#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "announce.h"
#include "buf.h"
#include "mem.h"
#include "notify_frame.h"
#include "store_types.h"

static const char *const rooms[] = {"u:a", "u:b"};
static const struct announce_event event = {
	.rooms = rooms,
	.room_count = 2,
	.conversation = "c1",
	.seq = 7,
	.from = "a",
	.request_id = "r1",
};

/* The one frame in wire: kind, and "head|payload" for the caller to free. */
static char *only_frame(struct buf *wire, enum notify_kind *kind)
{
	struct notify_decoder *dec = notify_decoder_new();
	struct notify_frame frame;
	struct notify_parts parts;

	notify_decoder_feed(dec, wire->data, wire->len);
	assert_int_equal(notify_decoder_next(dec, &frame), NOTIFY_FRAME);
	notify_frame_split(&frame, &parts);
	*kind = frame.kind;
	char *text = xasprintf("%.*s|%.*s", (int)parts.head_len, parts.head,
			       (int)parts.payload_len,
			       parts.payload != NULL ? parts.payload : "");
	assert_int_equal(notify_decoder_next(dec, &frame), NOTIFY_NEED_MORE);
	assert_true(notify_decoder_empty(dec));
	notify_decoder_free(dec);
	buf_done(wire);
	return text;
}

static void assert_frame(struct buf *wire, enum notify_kind kind,
			 const char *text)
{
	enum notify_kind got;
	char *frame = only_frame(wire, &got);

	assert_int_equal(got, kind);
	assert_string_equal(frame, text);
	free(frame);
}

/* One whose argument is that text. */
static void add_event(struct buf *wire, const struct announce_event *which,
		      const char *name, const char *text)
{
	struct announce_frame frame;

	json_text_string(announce_event_begin(&frame, wire, which, name), NULL,
			 text);
	announce_event_end(&frame);
}

static void an_event_names_rooms_and_its_place_and_carries_an_array(void **s)
{
	(void)s;
	struct buf wire;

	buf_init(&wire, 10000);
	add_event(&wire, &event, "one", "x/y");
	assert_frame(&wire, NOTIFY_EVENT,
		     "{\"rooms\":[\"u:a\",\"u:b\"],\"conversationId\":\"c1\","
		     "\"seq\":7,\"from\":\"a\",\"requestId\":\"r1\"}|"
		     "[\"one\",\"x/y\"]");
}

static void an_event_names_who_in_its_rooms_hears_nothing_of_it(void **state)
{
	(void)state;
	const struct announce_event but = {
		.rooms = rooms, .room_count = 1, .from = "a", .except = "bc"};
	struct buf wire;

	buf_init(&wire, 10000);
	add_event(&wire, &but, "tick", NULL);
	assert_frame(&wire, NOTIFY_EVENT,
		     "{\"rooms\":[\"u:a\"],\"from\":\"a\","
		     "\"except\":\"bc\"}|[\"tick\",null]");
}

static void an_event_past_the_window_says_no_place(void **state)
{
	(void)state;
	const struct announce_event plain = {.rooms = rooms, .room_count = 1};
	struct buf wire;

	buf_init(&wire, 10000);
	add_event(&wire, &plain, "tick", NULL);
	assert_frame(&wire, NOTIFY_EVENT,
		     "{\"rooms\":[\"u:a\"]}|[\"tick\",null]");
}

static void joins_leaves_and_revocations_are_frames_of_their_own(void **state)
{
	(void)state;
	struct buf wire;

	buf_init(&wire, 10000);
	announce_join(&wire, "a", "c:1");
	assert_frame(&wire, NOTIFY_JOIN,
		     "{\"userId\":\"a\",\"room\":\"c:1\"}|");
	announce_contact(&wire, "a", "b");
	assert_frame(&wire, NOTIFY_JOIN,
		     "{\"userId\":\"a\",\"contacts\":[\"b\"]}|");
	announce_leave(&wire, "a", "c:1", NULL);
	assert_frame(&wire, NOTIFY_LEAVE,
		     "{\"userId\":\"a\",\"room\":\"c:1\"}|");
	announce_leave(&wire, "a", "c:1", "p");
	assert_frame(&wire, NOTIFY_LEAVE,
		     "{\"userId\":\"a\",\"room\":\"c:1\",\"position\":\"p\"}|");
	announce_join_with(&wire, "a", "c:1", "p", (const char *[]){"b"}, 1);
	assert_frame(&wire, NOTIFY_JOIN,
		     "{\"userId\":\"a\",\"room\":\"c:1\",\"position\":"
		     "\"p\",\"contacts\":[\"b\"]}|");
	announce_revoke(&wire, "a", "s", "logout", "r1");
	assert_frame(&wire, NOTIFY_REVOKE,
		     "{\"userId\":\"a\",\"sid\":\"s\",\"reason\":\"logout\","
		     "\"requestId\":\"r1\"}|");
	announce_revoke(&wire, "a", NULL, "disabled", NULL);
	assert_frame(&wire, NOTIFY_REVOKE,
		     "{\"userId\":\"a\",\"reason\":\"disabled\"}|");
	announce_revoke_others(&wire, "a", "s", "password", NULL);
	assert_frame(
		&wire, NOTIFY_REVOKE,
		"{\"userId\":\"a\",\"except\":\"s\",\"reason\":\"password\"}|");
}

static void a_profile_is_told_without_what_is_private(void **state)
{
	(void)state;
	struct store_user user = {.id = "a",
				  .username = "ann",
				  .email = "a@x.example",
				  .avatar = "A",
				  .status_text = "away",
				  .created_at = 5};
	struct buf wire;

	buf_init(&wire, 10000);
	announce_settings(&wire, &user, "r1");
	assert_frame(&wire, NOTIFY_SETTINGS,
		     "{\"userId\":\"a\",\"statusText\":\"away\","
		     "\"username\":\"ann\",\"avatar\":\"A\","
		     "\"lastSeen\":5,\"hidesLastSeen\":false,\"hidesReceipts\":"
		     "false,\"requestId\":\"r1\"}|");

	buf_init(&wire, 10000);
	announce_settings_to(&wire, &user, "b", NULL);
	assert_frame(&wire, NOTIFY_SETTINGS,
		     "{\"userId\":\"a\",\"to\":\"b\",\"statusText\":\"away\","
		     "\"username\":\"ann\",\"avatar\":\"A\","
		     "\"lastSeen\":5,\"hidesLastSeen\":false,\"hidesReceipts\":"
		     "false}|");
}

static void a_frame_that_does_not_fit_is_left_out_and_said(void **state)
{
	(void)state;
	struct buf wire;

	buf_init(&wire, 20);
	add_event(&wire, &event, "tick", NULL);
	assert_true(wire.overflow);
	assert_int_equal(wire.len, 0);
	buf_done(&wire);
}

static void an_event_too_large_for_any_frame_is_said_too(void **state)
{
	(void)state;
	char *text = xmalloc(NOTIFY_BODY_MAX + 1);
	struct buf wire;

	memset(text, 'x', NOTIFY_BODY_MAX);
	text[NOTIFY_BODY_MAX] = '\0';

	buf_init(&wire, 4 * NOTIFY_BODY_MAX);
	add_event(&wire, &event, "big", text);
	assert_true(wire.overflow);
	assert_int_equal(wire.len, 0);
	free(text);
	buf_done(&wire);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			an_event_names_rooms_and_its_place_and_carries_an_array),
		cmocka_unit_test(
			an_event_names_who_in_its_rooms_hears_nothing_of_it),
		cmocka_unit_test(an_event_past_the_window_says_no_place),
		cmocka_unit_test(a_profile_is_told_without_what_is_private),
		cmocka_unit_test(
			joins_leaves_and_revocations_are_frames_of_their_own),
		cmocka_unit_test(
			a_frame_that_does_not_fit_is_left_out_and_said),
		cmocka_unit_test(an_event_too_large_for_any_frame_is_said_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
