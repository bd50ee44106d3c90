#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "json.h"
#include "mem.h"
#include "notify_frame.h"
#include "rt_call.h"

static void add(struct buf *out, enum notify_kind kind, const char *head,
		const char *payload)
{
	const struct notify_parts parts = {
		.head = head,
		.head_len = strlen(head),
		.payload = payload,
		.payload_len = payload != NULL ? strlen(payload) : 0,
	};

	assert_true(notify_frame_add(out, kind, &parts));
}

static int set_up(void **state)
{
	static struct buf body;

	buf_init(&body, 4 * 1024 * 1024);
	*state = &body;
	return 0;
}

static int tear_down(void **state)
{
	buf_done(*state);
	return 0;
}

static bool read_it(struct rt_call *call, const struct buf *body)
{
	return rt_call_read(call, body->data, body->len);
}

static void commands_come_out_in_their_order(void **state)
{
	struct buf *body = *state;
	struct rt_call call;
	const char *token = NULL;

	add(body, NOTIFY_COMMAND, "{\"command\":\"session\"}",
	    "{\"token\":\"abc\"}");
	add(body, NOTIFY_COMMAND, "{\"command\":\"recent\",\"since\":1}", NULL);
	assert_true(read_it(&call, body));
	assert_int_equal(call.count, 2);
	assert_string_equal(call.commands[0].name, "session");
	json_get_string(call.commands[0].payload, "token", &token);
	assert_string_equal(token, "abc");
	assert_string_equal(call.commands[1].name, "recent");
	assert_null(call.commands[1].payload);
	rt_call_done(&call);
}

static void a_clients_bad_payload_spoils_its_own_command_alone(void **state)
{
	struct buf *body = *state;
	struct rt_call call;

	add(body, NOTIFY_COMMAND, "{\"command\":\"send\"}", "{\"to\":");
	add(body, NOTIFY_COMMAND, "{\"command\":\"send\"}", "\xff\xfe");
	add(body, NOTIFY_COMMAND, "{\"command\":\"send\"}", "{}");
	assert_true(read_it(&call, body));
	assert_null(call.commands[0].payload);
	assert_null(call.commands[1].payload);
	assert_non_null(call.commands[2].payload);
	rt_call_done(&call);
}

static void a_frame_of_another_kind_or_a_bad_head_fails_the_call(void **state)
{
	struct buf *body = *state;
	struct rt_call call;
	static const char *const heads[] = {
		"{\"command\":7}", "[]", "{}", "", "null", "{\"command\":",
	};

	add(body, NOTIFY_COMMAND, "{\"command\":\"send\"}", "{}");
	add(body, NOTIFY_EVENT, "{\"command\":\"send\"}", "{}");
	assert_false(read_it(&call, body));
	for (size_t i = 0; i < COUNT_OF(heads); i++) {
		buf_reset(body);
		add(body, NOTIFY_COMMAND, "{\"command\":\"send\"}", "{}");
		add(body, NOTIFY_COMMAND, heads[i], NULL);
		assert_false(read_it(&call, body));
		assert_int_equal(call.count, 0);
	}
}

static void a_call_that_is_cut_short_is_refused(void **state)
{
	struct buf *body = *state;
	struct rt_call call;

	add(body, NOTIFY_COMMAND, "{\"command\":\"send\"}", "{}");
	for (size_t len = 0; len < body->len; len++)
		assert_false(rt_call_read(&call, body->data, len));
	assert_true(read_it(&call, body));
	rt_call_done(&call);
}

static void a_call_has_at_most_64_commands(void **state)
{
	struct buf *body = *state;
	struct rt_call call;

	for (size_t i = 0; i < LIMIT_BATCH; i++)
		add(body, NOTIFY_COMMAND, "{\"command\":\"send\"}", NULL);
	assert_true(read_it(&call, body));
	assert_int_equal(call.count, LIMIT_BATCH);
	rt_call_done(&call);
	add(body, NOTIFY_COMMAND, "{\"command\":\"send\"}", NULL);
	assert_false(read_it(&call, body));
}

/* Longer than the decoder's own memory. */
static void large_calls_are_read_whole(void **state)
{
	struct buf *body = *state;
	struct rt_call call;
	char *text = xmalloc(200001);

	memset(text, ' ', 200000);
	text[200000] = '\0';
	memcpy(text, "{}", 2);
	for (size_t i = 0; i < 5; i++)
		add(body, NOTIFY_COMMAND, "{\"command\":\"send\"}", text);
	assert_true(read_it(&call, body));
	assert_int_equal(call.count, 5);
	rt_call_done(&call);
	free(text);
}

static void take_result(const struct buf *out, char head[256])
{
	struct notify_decoder *decoder = notify_decoder_new();
	struct notify_frame frame;
	struct notify_parts parts;

	notify_decoder_feed(decoder, out->data, out->len);
	assert_int_equal(notify_decoder_next(decoder, &frame), NOTIFY_FRAME);
	assert_int_equal(frame.kind, NOTIFY_RESULT);
	notify_frame_split(&frame, &parts);
	assert_true(parts.head_len < 256);
	memcpy(head, parts.head, parts.head_len);
	head[parts.head_len] = '\0';
	notify_decoder_free(decoder);
}

static void a_result_too_long_for_a_frame_says_so(void **state)
{
	struct buf *body = *state;
	struct json_object *head = json_new_object();
	char *text = xmalloc(NOTIFY_BODY_MAX + 1);
	char got[256];

	memset(text, 'x', NOTIFY_BODY_MAX);
	text[NOTIFY_BODY_MAX] = '\0';
	json_put_string(head, "user", text);
	rt_result_add(body, head, NULL);
	free(text);
	take_result(body, got);
	assert_string_equal(got, "{\"ok\":false,\"code\":\"too_large\"}");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(commands_come_out_in_their_order),
		CASE(a_clients_bad_payload_spoils_its_own_command_alone),
		CASE(a_frame_of_another_kind_or_a_bad_head_fails_the_call),
		CASE(a_call_that_is_cut_short_is_refused),
		CASE(a_call_has_at_most_64_commands),
		CASE(large_calls_are_read_whole),
		CASE(a_result_too_long_for_a_frame_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
