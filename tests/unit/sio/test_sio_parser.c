/* Packets whose attachments come behind them, in messages of their own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sio_packet.h"

#define PLACE(n) "{\"_placeholder\":true,\"num\":" #n "}"

static const struct sio_limits limits = {
	.max_attachments = 3,
	.max_bytes = 200,
	.max_values = 100,
};
static struct sio_packet packet;
static struct sio_parser parser;
static bool ready;
static enum sio_gate answer; /* of the gate */
static size_t asked;	     /* bytes, the last time */

static enum sio_gate gate(const struct sio_packet *head, size_t bytes,
			  void *user)
{
	(void)head;
	(void)user;
	asked = bytes;
	return answer;
}

static const struct sio_feed fed = {&limits, gate, NULL};

static enum sio_packet_status feed(const char *text)
{
	sio_packet_done(&packet);
	return sio_parser_text(&parser, &fed, text, strlen(text), &packet,
			       &ready);
}

static enum sio_packet_status feed_binary(const void *data, size_t len)
{
	sio_packet_done(&packet);
	return sio_parser_binary(&parser, &fed, data, len, &packet, &ready);
}

static int finish(void **state)
{
	(void)state;
	sio_packet_done(&packet);
	sio_parser_done(&parser);
	answer = SIO_GATE_TAKE;
	return 0;
}

static void a_binary_packet_is_ready_with_its_last_attachment(void **state)
{
	static const char args[] = PLACE(1) "," PLACE(0);

	(void)state;
	assert_int_equal(feed("52-[\"a\"," PLACE(1) "," PLACE(0) "]"),
			 SIO_PACKET_OK);
	assert_false(ready);
	assert_int_equal(feed_binary("one", 3), SIO_PACKET_OK);
	assert_false(ready);
	assert_int_equal(feed_binary("", 0), SIO_PACKET_OK);
	assert_true(ready);
	assert_string_equal(packet.name, "a");
	assert_int_equal(packet.attachments_len, 2);
	assert_int_equal(packet.attachments[0].len, 3);
	assert_memory_equal(packet.attachments[0].data, "one", 3);
	assert_int_equal(packet.attachments[1].len, 0);
	assert_int_equal(packet.args_len, sizeof(args) - 1);
	assert_memory_equal(packet.args, args, sizeof(args) - 1);
	assert_int_equal(feed("2[\"next\"]"), SIO_PACKET_OK);
	assert_true(ready);
	assert_string_equal(packet.name, "next");
}

static void text_while_attachments_are_awaited_is_out_of_order(void **state)
{
	(void)state;
	assert_int_equal(feed("51-[\"a\"," PLACE(0) "]"), SIO_PACKET_OK);
	assert_int_equal(feed("2[\"b\"]"), SIO_PACKET_OUT_OF_ORDER);
	assert_false(ready);
}

static void binary_that_nobody_awaits_is_out_of_order(void **state)
{
	(void)state;
	assert_int_equal(feed_binary("x", 1), SIO_PACKET_OUT_OF_ORDER);
	assert_int_equal(feed("51-[\"a\"," PLACE(0) "]"), SIO_PACKET_OK);
	assert_int_equal(feed_binary("x", 1), SIO_PACKET_OK);
	assert_true(ready);
	assert_int_equal(feed_binary("y", 1), SIO_PACKET_OUT_OF_ORDER);
}

static void attachments_together_have_a_limit(void **state)
{
	uint8_t data[150] = {0};

	(void)state;
	assert_int_equal(feed("53-[\"a\"," PLACE(0) "]"), SIO_PACKET_OK);
	assert_int_equal(feed_binary(data, 150), SIO_PACKET_OK);
	assert_int_equal(feed_binary(data, 50), SIO_PACKET_TOO_LARGE);
}

static void a_parser_with_nothing_pending_holds_no_memory(void **state)
{
	(void)state;
	assert_int_equal(feed("2[\"a\"]"), SIO_PACKET_OK);
	assert_null(parser.pending);
}

static void
what_the_gate_skips_is_not_read_nor_are_its_attachments(void **state)
{
	(void)state;
	answer = SIO_GATE_SKIP;
	assert_int_equal(feed("2[no json"), SIO_PACKET_OK);
	assert_false(ready);
	assert_int_equal(asked, 9);
	assert_int_equal(feed("52-[no json"), SIO_PACKET_OK);
	assert_int_equal(feed_binary("a", 1), SIO_PACKET_OK);
	assert_int_equal(feed_binary("b", 1), SIO_PACKET_OK);
	assert_false(ready);
	assert_int_equal(feed_binary("c", 1), SIO_PACKET_OUT_OF_ORDER);
}

static void
the_gate_is_asked_for_each_attachment_and_may_drop_the_rest(void **state)
{
	(void)state;
	assert_int_equal(feed("53-[\"a\"]"), SIO_PACKET_OK);
	assert_int_equal(sio_parser_waiting(&parser), 8);
	assert_int_equal(feed_binary("12345", 5), SIO_PACKET_OK);
	assert_int_equal(asked, 5);
	assert_int_equal(sio_parser_waiting(&parser), 13);
	answer = SIO_GATE_SKIP;
	assert_int_equal(feed_binary("123", 3), SIO_PACKET_OK);
	assert_int_equal(sio_parser_waiting(&parser), 1);
	answer = SIO_GATE_TAKE;
	assert_int_equal(feed_binary("1", 1), SIO_PACKET_OK);
	assert_false(ready);
	assert_int_equal(sio_parser_waiting(&parser), 0);
	assert_int_equal(feed("2[\"a\"]"), SIO_PACKET_OK);
	assert_true(ready);
}

static void what_the_gate_refuses_is_final_and_unread(void **state)
{
	(void)state;
	answer = SIO_GATE_REFUSE;
	assert_int_equal(feed("51-[no json"), SIO_PACKET_UNWANTED);
	assert_int_equal(sio_parser_waiting(&parser), 0);
}

#define TEST(name) cmocka_unit_test_teardown(name, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_binary_packet_is_ready_with_its_last_attachment),
		TEST(text_while_attachments_are_awaited_is_out_of_order),
		TEST(binary_that_nobody_awaits_is_out_of_order),
		TEST(attachments_together_have_a_limit),
		TEST(a_parser_with_nothing_pending_holds_no_memory),
		TEST(what_the_gate_skips_is_not_read_nor_are_its_attachments),
		TEST(the_gate_is_asked_for_each_attachment_and_may_drop_the_rest),
		TEST(what_the_gate_refuses_is_final_and_unread),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
