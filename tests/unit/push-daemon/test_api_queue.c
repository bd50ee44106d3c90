#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api_queue.h"
#include "buf.h"
#include "notify_frame.h"

static struct api_queue *queue, *other;
static struct buf body;
static char replies[4096];

static void reply(const struct api_result *result, void *user)
{
	size_t len = strlen(replies);

	snprintf(replies + len, sizeof(replies) - len, "%s=%s ",
		 (const char *)user, result->ok ? "ok" : result->code);
}

static int setup(void **state)
{
	(void)state;
	queue = api_queue_new(100, 100000);
	other = api_queue_new(100, 100000);
	buf_init(&body, API_BATCH_BYTES);
	replies[0] = '\0';
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	api_queue_free(queue);
	api_queue_free(other);
	buf_done(&body);
	return 0;
}

static bool push(const char *name, int64_t deadline)
{
	const struct api_command command = {
		.head = name,
		.head_len = strlen(name),
		.payload = "{}",
		.payload_len = 2,
		.deadline_ms = deadline,
		.key = (uint64_t)name[0], /* a, a2, a3: in order */
		.reply = reply,
		.user = (void *)name,
	};
	return api_queue_push(queue, &command);
}

/* The heads of the next call's commands. */
static const char *batch_of(struct api_queue *from)
{
	static char heads[1000];
	struct notify_decoder *decoder = notify_decoder_new();
	struct notify_frame frame;
	struct notify_parts parts;

	heads[0] = '\0';
	buf_reset(&body);
	api_queue_batch(from, &body, 7);
	notify_decoder_feed(decoder, body.data, body.len);
	while (notify_decoder_next(decoder, &frame) == NOTIFY_FRAME) {
		assert_int_equal(frame.kind, NOTIFY_COMMAND);
		notify_frame_split(&frame, &parts);
		strncat(heads, parts.head, parts.head_len);
	}
	notify_decoder_free(decoder);
	return heads;
}

static const char *batch(void)
{
	return batch_of(queue);
}

/* The first one holds what is in flight. */
static bool answer_of(struct api_queue *from, const char *head)
{
	if (api_queue_held(from) == 0)
		api_queue_hold(from);
	return api_queue_answer(from, head, strlen(head), NULL, 0);
}

static bool answer(const char *head)
{
	return answer_of(queue, head);
}

static void commands_go_together_and_are_answered_in_order(void **state)
{
	(void)state;
	push("a", 100);
	push("b", 100);
	assert_string_equal(batch(), "ab");
	push("c", 100);
	assert_true(answer("{\"ok\":true}"));
	assert_true(answer("{\"ok\":false,\"code\":\"invalid\"}"));
	assert_string_equal(replies, "a=ok b=invalid ");
	assert_string_equal(batch(), "c");
}

static void a_lost_call_is_sent_again_in_front_and_in_order(void **state)
{
	(void)state;
	push("a", 100);
	push("b", 100);
	batch();
	push("c", 100);
	api_queue_lost(queue);
	assert_string_equal(batch(), "abc");
	assert_string_equal(replies, "");
}

static void what_was_answered_before_the_loss_is_not_sent_again(void **state)
{
	(void)state;
	push("a", 100);
	push("b", 100);
	batch();
	answer("{\"ok\":true}");
	api_queue_unhold(queue);
	api_queue_lost(queue);
	assert_string_equal(batch(), "b");
}

static void the_next_call_goes_before_an_answer_is_read(void **state)
{
	(void)state;
	push("a", 100);
	push("b", 100);
	batch();
	push("c", 100);
	api_queue_hold(queue);
	assert_string_equal(batch(), "c");
	assert_int_equal(api_queue_in_flight(queue), 1);
	assert_true(api_queue_has(queue, 'a'));
	assert_true(answer("{\"ok\":true}"));
	assert_false(api_queue_has(queue, 'a'));
	assert_true(answer("{\"ok\":false,\"code\":\"invalid\"}"));
	assert_string_equal(replies, "a=ok b=invalid ");
	assert_true(answer("{\"ok\":true}"));
	assert_string_equal(replies, "a=ok b=invalid c=ok ");
}

static void what_is_held_counts_and_is_sent_again_before_the_next(void **state)
{
	(void)state;
	for (int i = 0; i < 99; i++)
		assert_true(push(i == 0 ? "a" : "b", 100));
	batch();
	api_queue_hold(queue);
	assert_true(push("c", 100));
	assert_false(push("d", 100));
	batch();
	assert_true(answer("{\"ok\":true}"));
	api_queue_unhold(queue);
	assert_int_equal(api_queue_held(queue), 0);
	api_queue_lost(queue);
	assert_int_equal(api_queue_waiting(queue), 99);
	assert_memory_equal(batch(), "bbb", 3);
}

static void past_its_deadline_a_command_is_unavailable(void **state)
{
	(void)state;
	push("a", 100);
	push("b", 200);
	api_queue_expire(queue, 99);
	assert_string_equal(replies, "");
	api_queue_expire(queue, 100);
	assert_string_equal(replies, "a=unavailable ");
	assert_string_equal(batch(), "b");
}

static void what_expires_in_flight_is_answered_once_and_not_repeated(void **s)
{
	(void)s;
	push("a", 100);
	push("b", 200);
	batch();
	api_queue_expire(queue, 150);
	assert_string_equal(replies, "a=outcome_unknown ");
	api_queue_lost(queue);
	assert_string_equal(batch(), "b");
	answer("{\"ok\":true}");
	assert_string_equal(replies, "a=outcome_unknown b=ok ");
}

static void what_was_sent_once_and_waits_again_may_have_been_done(void **s)
{
	(void)s;
	push("a", 100);
	batch();
	api_queue_lost(queue);
	api_queue_expire(queue, 100);
	assert_string_equal(replies, "a=outcome_unknown ");
}

static void what_waits_moves_in_order_but_not_past_its_own_in_flight(void **s)
{
	(void)s;
	push("a", 100);
	push("b", 100);
	batch();
	push("a2", 200);
	push("c", 200);
	push("d", 200);
	push("c2", 200);
	assert_int_equal(api_queue_move(queue, &other, 1), 3);
	assert_int_equal(api_queue_guests(other), 3);
	assert_true(api_queue_has(queue, 'a'));
	assert_false(api_queue_has(queue, 'c'));
	assert_true(api_queue_has(other, 'c'));
	assert_string_equal(batch_of(other), "cdc2");
	/* Nobody waits for the first a any more, so the second may go. */
	api_queue_expire(queue, 100);
	assert_string_equal(replies, "a=outcome_unknown b=outcome_unknown ");
	assert_int_equal(api_queue_move(queue, &other, 1), 1);
	assert_false(api_queue_has(queue, 'a'));
	for (int i = 0; i < 3; i++)
		assert_true(answer_of(other, "{\"ok\":true}"));
	assert_string_equal(batch_of(other), "a2");
	assert_int_equal(api_queue_guests(other), 1);
}

static void all_that_has_no_reply_can_become_guests_once(void **state)
{
	(void)state;
	push("a", 100);
	batch();
	api_queue_hold(queue);
	push("b", 100);
	batch();
	push("c", 100);
	assert_int_equal(api_queue_count(queue), 3);
	api_queue_add_guests(queue);
	api_queue_add_guests(queue);
	assert_int_equal(api_queue_guests(queue), 3);
	answer("{\"ok\":true}");
	assert_int_equal(api_queue_guests(queue), 2);
	assert_int_equal(api_queue_count(queue), 2);
}

static void a_late_answer_keeps_the_order_of_the_others(void **state)
{
	(void)state;
	push("a", 100);
	push("b", 200);
	batch();
	api_queue_expire(queue, 150);
	answer("{\"ok\":true}");
	answer("{\"ok\":false,\"code\":\"x\"}");
	assert_string_equal(replies, "a=outcome_unknown b=x ");
}

static void a_full_queue_refuses_at_once(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++)
		assert_true(push("a", 100));
	assert_false(push("b", 100));
}

static void a_call_carries_at_most_64(void **state)
{
	(void)state;
	for (int i = 0; i < 70; i++)
		push("a", 100);
	assert_int_equal(strlen(batch()), 64);
	assert_int_equal(api_queue_waiting(queue), 6);
}

static void a_command_that_was_lost_twice_goes_alone(void **state)
{
	(void)state;
	push("a", 100);
	push("b", 100);
	batch();
	api_queue_lost(queue);
	batch();
	api_queue_lost(queue);
	push("c", 100);
	assert_string_equal(batch(), "a");
	answer("{\"ok\":true}");
	assert_string_equal(batch(), "b");
	answer("{\"ok\":true}");
	assert_string_equal(batch(), "c");
}

static void a_bad_or_surplus_result_is_refused(void **state)
{
	(void)state;
	assert_false(answer("{\"ok\":true}"));
	push("a", 100);
	batch();
	assert_false(answer("{\"ok\":1}"));
	assert_false(answer("{\"ok\":false}"));
	assert_false(answer("nonsense"));
	assert_string_equal(replies, "");
}

static void the_end_answers_all_that_is_left(void **state)
{
	(void)state;
	struct api_queue *kept = queue;

	push("a", 100);
	batch();
	push("b", 100);
	queue = NULL;
	api_queue_free(kept);
	assert_string_equal(replies, "a=outcome_unknown b=unavailable ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(commands_go_together_and_are_answered_in_order),
		TEST(a_lost_call_is_sent_again_in_front_and_in_order),
		TEST(what_was_answered_before_the_loss_is_not_sent_again),
		TEST(the_next_call_goes_before_an_answer_is_read),
		TEST(what_is_held_counts_and_is_sent_again_before_the_next),
		TEST(past_its_deadline_a_command_is_unavailable),
		TEST(what_expires_in_flight_is_answered_once_and_not_repeated),
		TEST(what_was_sent_once_and_waits_again_may_have_been_done),
		TEST(what_waits_moves_in_order_but_not_past_its_own_in_flight),
		TEST(all_that_has_no_reply_can_become_guests_once),
		TEST(a_late_answer_keeps_the_order_of_the_others),
		TEST(a_full_queue_refuses_at_once),
		TEST(a_call_carries_at_most_64),
		TEST(a_command_that_was_lost_twice_goes_alone),
		TEST(a_bad_or_surplus_result_is_refused),
		TEST(the_end_answers_all_that_is_left),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
