#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "json.h"
#include "mem.h"
#include "message_input.h"
#include "own_input.h"
#include "palabre_limits.h"

#define ANN "0190000000000000000000a1"
#define BOB "0190000000000000000000b2"
#define TALK "0190000000000000000000d4"

static struct json_object *parse(const char *text)
{
	struct json_object *body = NULL;

	assert_int_equal(json_parse(text, strlen(text), JSON_OURS(8), &body),
			 JSON_OK);
	return body;
}

/* The field that is wrong, or NULL. */
static const char *send_fault(const char *text)
{
	struct json_object *body = parse(text);
	struct send_input input;
	struct input_error error = {0};
	bool good = message_input_send(body, "to", &input, &error);

	assert_true(good == (error.field == NULL));
	json_free(body);
	return error.field;
}

static void a_message_needs_a_text_and_one_target(void **state)
{
	(void)state;
	assert_null(send_fault("{\"to\":\"" BOB "\",\"content\":\"x\"}"));
	assert_null(send_fault("{\"conversationId\":\"" TALK
			       "\",\"content\":\"x\"}"));
	assert_string_equal(send_fault("{\"content\":\"x\"}"), "to");
	assert_string_equal(send_fault("{\"to\":\"" BOB "\"}"), "content");
	assert_string_equal(send_fault("{\"to\":\"" BOB
				       "\",\"conversationId\":\"" TALK
				       "\",\"content\":\"x\"}"),
			    "conversationId");
}

static void content_is_kept_as_it_is(void **state)
{
	struct json_object *body =
		parse("{\"to\":\"" BOB
		      "\",\"content\":\" \\n\\tif (x)\\n\\t\\ty();\\n\\n\"}");
	struct send_input input;
	struct input_error error = {0};

	(void)state;
	assert_true(message_input_send(body, "to", &input, &error));
	assert_string_equal(input.content, " \n\tif (x)\n\t\ty();\n\n");
	json_free(body);
}

static void every_wrong_type_is_refused_by_its_field(void **state)
{
	(void)state;
	static const struct {
		const char *field, *value;
	} wrong[] = {
		{"to", "7"},
		{"to", "\"bob\""},
		{"to", "\"0190000000000000000000B2\""},
		{"content", "7"},
		{"content", "[\"x\"]"},
		{"content", "\"\""},
		{"content", "\" \\t\\n\\u3000 \""},
		{"content", "\"\\u200b\\u2060\\u3164\\u2800\""},
		{"content", "\"\\u0007\\u202e\\ufe0f\\u00ad\""},
		{"clientId", "7"},
		{"clientId", "\"\""},
		{"clientId", "\"a\\u0007b\""},
		{"clientId", "\"\xc3\xa9\""},
		{"clientId", "\"12345678901234567890123456789012345678901234"
			     "567890123456789012345\""},
		{"replyTo", "\"x\""},
		{"replyTo", "{}"},
		{"attachment", "{}"},
		{"attachment", "\"x\""},
		{"attachment", "{\"_id\":5}"},
		{"attachment", "[]"},
	};

	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		/* The last member of a name counts. */
		char *text = xasprintf("{\"to\":\"" BOB
				       "\",\"content\":\"x\",\"%s\":%s}",
				       wrong[i].field, wrong[i].value);
		struct json_object *body = NULL;
		struct send_input input;
		struct input_error error = {0};

		if (json_parse(text, strlen(text), JSON_OURS(8), &body) ==
		    JSON_OK) {
			assert_false(
				message_input_send(body, "to", &input, &error));
			assert_string_equal(error.field, wrong[i].field);
		}
		json_free(body);
		free(text);
	}
}

static void what_is_null_was_not_said(void **state)
{
	(void)state;
	assert_null(send_fault("{\"to\":\"" BOB
			       "\",\"conversationId\":null,\"content\":\"x\","
			       "\"clientId\":null,\"replyTo\":null,"
			       "\"attachment\":null}"));
}

static void content_counts_code_points(void **state)
{
	(void)state;
	static const char point[] = "\xf0\x9f\x98\x80";
	char content[4 * LIMIT_CONTENT + 8] = "";

	for (size_t i = 0; i < LIMIT_CONTENT; i++)
		memcpy(content + 4 * i, point, 4);

	char *most =
		xasprintf("{\"to\":\"" BOB "\",\"content\":\"%s\"}", content);

	memset(content, 'x', LIMIT_CONTENT + 1);
	content[LIMIT_CONTENT + 1] = '\0';

	char *over =
		xasprintf("{\"to\":\"" BOB "\",\"content\":\"%s\"}", content);

	assert_null(send_fault(most));
	assert_string_equal(send_fault(over), "content");
	free(most);
	free(over);
}

static const char *mark_fault(const char *text, struct mark_input *input)
{
	struct json_object *body = parse(text);
	struct input_error error = {0};

	message_input_mark(body, input, &error);
	json_free(body); /* so only numbers may be looked at */
	return error.field;
}

static void a_pointer_names_a_place_or_a_message(void **state)
{
	(void)state;
	struct mark_input input;

	assert_null(mark_fault("{\"conversationId\":\"" TALK "\",\"seq\":7}",
			       &input));
	assert_int_equal(input.seq, 7);
	assert_null(mark_fault("{\"messageId\":\"" TALK "\"}", &input));
	assert_non_null(input.message);
	assert_null(mark_fault("{\"id\":\"" TALK "\"}", &input));
	assert_non_null(input.message);
}

static void a_place_is_a_whole_number_of_a_conversation(void **state)
{
	(void)state;
	static const char *const seqs[] = {"-1", "1.5",	 "\"1\"", "true",
					   "{}", "null", "1e999", "[]"};
	struct mark_input input;

	for (size_t i = 0; i < COUNT_OF(seqs); i++) {
		char *text = xasprintf("{\"conversationId\":\"" TALK
				       "\",\"seq\":%s}",
				       seqs[i]);
		struct json_object *body = NULL;

		if (json_parse(text, strlen(text), JSON_OURS(8), &body) ==
		    JSON_OK)
			assert_string_equal(mark_fault(text, &input), "seq");
		json_free(body);
		free(text);
	}
	assert_string_equal(mark_fault("{\"seq\":1}", &input),
			    "conversationId");
	assert_string_equal(mark_fault("{\"messageId\":1}", &input),
			    "messageId");
}

static void an_edit_without_content_leaves_the_text(void **state)
{
	(void)state;
	struct json_object *none = parse("{}");
	struct json_object *blank = parse("{\"content\":\" \"}");
	struct edit_input input;
	struct input_error error;

	assert_true(message_input_edit(none, &input, &error));
	assert_null(input.content);
	assert_true(message_input_edit(NULL, &input, &error));
	assert_null(input.content);
	assert_false(message_input_edit(blank, &input, &error));
	assert_string_equal(error.field, "content");
	json_free(none);
	json_free(blank);
}

#define MENTION(user, start, length)                                           \
	"{\"userId\":\"" user "\",\"start\":" #start ",\"length\":" #length "}"

/* The field that is wrong in a message of four code points in nine bytes. */
static const char *mentions_fault(const char *mentions, size_t *count)
{
	char *text = xasprintf("{\"to\":\"" BOB "\",\"content\":\"é@\xf0\x9f"
			       "\x8c\xb3z\",\"mentions\":%s}",
			       mentions);
	struct json_object *body = parse(text);
	struct send_input input;
	struct input_error error = {0};

	message_input_send(body, "to", &input, &error);
	*count = input.mentions.count;
	json_free(body);
	free(text);
	return error.field;
}

static void
mentions_are_ranges_of_code_points_one_behind_the_other(void **state)
{
	static const char *const wrong[] = {
		"{}",
		"7",
		"[7]",
		"[{}]",
		"[" MENTION(ANN, 0, 0) "]",
		"[" MENTION(ANN, -1, 1) "]",
		"[" MENTION(ANN, 0, 5) "]",
		"[" MENTION(ANN, 4, 1) "]",
		"[" MENTION(ANN, 1, 9223372036854775807) "]",
		"[" MENTION(ANN, 0, 2) "," MENTION(BOB, 1, 1) "]",
		"[" MENTION(ANN, 2, 1) "," MENTION(BOB, 0, 1) "]",
		"[" MENTION("x", 0, 1) "]",
		"[{\"userId\":\"" ANN "\",\"start\":\"0\",\"length\":1}]",
	};
	size_t count;

	(void)state;
	for (size_t i = 0; i < COUNT_OF(wrong); i++)
		assert_string_equal(mentions_fault(wrong[i], &count),
				    "mentions");
	assert_null(mentions_fault("[]", &count));
	assert_null(mentions_fault("null", &count));
	assert_int_equal(count, 0);
	assert_null(mentions_fault(
		"[" MENTION(ANN, 0, 3) "," MENTION(ANN, 3, 1) "]", &count));
	assert_int_equal(count, 2);
}

static void more_mentions_than_may_be_are_refused(void **state)
{
	struct buf list;
	size_t count;

	(void)state;
	buf_init(&list, SIZE_MAX / 2);
	buf_adds(&list, "[");
	for (int i = 0; i <= LIMIT_MENTIONS; i++)
		buf_adds(&list,
			 i > 0 ? "," MENTION(ANN, 0, 1) : MENTION(ANN, 0, 1));
	buf_adds(&list, "]");

	char *text = buf_take(&list);

	assert_string_equal(mentions_fault(text, &count), "mentions");
	assert_int_equal(count, 0);
	free(text);
}

static void an_edit_has_mentions_of_its_new_text_only(void **state)
{
	struct json_object *good = parse(
		"{\"content\":\"hi\",\"mentions\":[" MENTION(ANN, 0, 2) "]}");
	struct json_object *alone =
		parse("{\"mentions\":[" MENTION(ANN, 0, 2) "]}");
	struct edit_input input;
	struct input_error error = {0};

	(void)state;
	assert_true(message_input_edit(good, &input, &error));
	assert_int_equal(input.mentions.count, 1);
	assert_string_equal(input.mentions.list[0].user, ANN);
	assert_false(message_input_edit(alone, &input, &error));
	assert_string_equal(error.field, "mentions");
	json_free(good);
	json_free(alone);
}

/* ---- what one alone has of a conversation ---- */

#define NOW INT64_C(1800000000000)

static const char *own_fault(const char *text)
{
	struct json_object *body = parse(text);
	struct own_input input;
	struct input_error error = {0};
	bool good = own_input_read(body, NOW, &input, &error);

	assert_true(good == (error.field == NULL));
	own_input_done(&input);
	json_free(body);
	return error.field;
}

static void of_ones_own_that_is_said_which_changes(void **state)
{
	struct json_object *body = parse(
		"{\"mutedUntil\":null,\"archived\":false,\"draft\":null}");
	struct own_input input;
	struct input_error error;

	(void)state;
	assert_true(own_input_read(body, NOW, &input, &error));
	assert_int_equal(*input.change.muted_until, 0);
	assert_false(*input.change.archived);
	assert_string_equal(input.change.draft, "");
	assert_null(input.change.pinned);
	assert_null(input.change.marked_unread);
	assert_int_equal(input.change.now_ms, NOW);
	own_input_done(&input);
	json_free(body);
}

static void a_draft_is_kept_as_it_is_shown(void **state)
{
	struct json_object *body =
		parse("{\"draft\":{\"mentions\":[{\"userId\":\"" ANN
		      "\",\"start\":0,\"length\":1,\"x\":1}],"
		      "\"content\":\"a \\\"b\\\"\"}}");
	struct own_input input;
	struct input_error error;

	(void)state;
	assert_true(own_input_read(body, NOW, &input, &error));
	assert_string_equal(input.change.draft,
			    "{\"content\":\"a \\\"b\\\"\",\"replyTo\":null,"
			    "\"mentions\":[{\"userId\":\"" ANN
			    "\",\"start\":0,\"length\":1}]}");
	own_input_done(&input);
	json_free(body);
}

static void what_is_wrong_of_ones_own_is_refused_by_its_field(void **state)
{
	(void)state;
	assert_string_equal(own_fault("{}"), "mutedUntil");
	assert_string_equal(own_fault("{\"mutedUntil\":\"soon\"}"),
			    "mutedUntil");
	assert_string_equal(own_fault("{\"pinned\":null}"), "pinned");
	assert_string_equal(own_fault("{\"archived\":1}"), "archived");
	assert_string_equal(own_fault("{\"markedUnread\":\"x\"}"),
			    "markedUnread");
	assert_string_equal(own_fault("{\"draft\":[]}"), "draft");
	assert_string_equal(own_fault("{\"draft\":{\"content\":\" \"}}"),
			    "content");
	assert_null(own_fault("{\"draft\":{\"content\":\"x\"}}"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_needs_a_text_and_one_target),
		cmocka_unit_test(content_is_kept_as_it_is),
		cmocka_unit_test(every_wrong_type_is_refused_by_its_field),
		cmocka_unit_test(what_is_null_was_not_said),
		cmocka_unit_test(content_counts_code_points),
		cmocka_unit_test(a_pointer_names_a_place_or_a_message),
		cmocka_unit_test(a_place_is_a_whole_number_of_a_conversation),
		cmocka_unit_test(an_edit_without_content_leaves_the_text),
		cmocka_unit_test(
			mentions_are_ranges_of_code_points_one_behind_the_other),
		cmocka_unit_test(more_mentions_than_may_be_are_refused),
		cmocka_unit_test(an_edit_has_mentions_of_its_new_text_only),
		cmocka_unit_test(of_ones_own_that_is_said_which_changes),
		cmocka_unit_test(a_draft_is_kept_as_it_is_shown),
		cmocka_unit_test(
			what_is_wrong_of_ones_own_is_refused_by_its_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
