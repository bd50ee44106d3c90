#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "eio_message.h"
#include "mem.h"
#include "sio_fixture.h"
#include "sio_wire.h"

/* ---- events ---- */

static void malformed_packets_close_the_connection(void **state)
{
	static const char *const bad[] = {"4abc", "47",		  "42{}",
					  "42",	  "42abc[\"a\"]", "4"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		enter();
		closes_with(bad[i]);
		assert_int_equal(reason, SIO_PROTOCOL_ERROR);
		fake_ws_done(&ws);
		fake_open_ws(&fake, &ws);
		fake_sent(&fake, &ws);
	}
}

static void an_event_with_an_id_is_acknowledged_with_it(void **state)
{
	(void)state;
	enter();
	assert_string_equal(says("42456[\"q\",1,\"2\",{\"3\":[false]}]"),
			    "43456[1]");
	assert_string_equal(heard_text(), "[q:1,\"2\",{\"3\":[false]}:456:0]");
	says("40/custom");
	assert_string_equal(says("42/custom,0[\"q\"]"), "43/custom,0[1]");
}

static void a_binary_event_is_heard_with_its_attachments(void **state)
{
	(void)state;
	enter();
	says("452-7[\"f\"," PLACE(0) "," PLACE(1) "]");
	fake_binary(&fake, &ws, "ab", 2);
	assert_string_equal(heard_text(), "");
	fake_binary(&fake, &ws, "cd", 2);
	assert_string_equal(heard_text(), "[f:" PLACE(0) "," PLACE(1) ":7:2]");
	assert_string_equal(fake_sent(&fake, &ws), "462-7[1]|b<ab>|b<cd>");
}

static void binary_out_of_order_closes_the_connection(void **state)
{
	(void)state;
	enter();
	fake_binary(&fake, &ws, "ab", 2);
	assert_true(ws.closed);
}

static const char *json_of(const struct sio_message *message)
{
	static char text[200];
	size_t len;
	const char *json = sio_message_json(message, &len);

	assert_true(len < sizeof(text));
	memcpy(text, json, len);
	text[len] = '\0';
	return text;
}

static void a_message_is_encoded_once_for_all_who_get_it(void **state)
{
	struct sio_message *message = sio_message_new("[\"m\",1]", 7);
	struct eio_message *wire = sio_message_wire(message, "/");
	struct eio_message *custom = sio_message_wire(message, "/custom");

	(void)state;
	assert_ptr_equal(wire, sio_message_wire(message, "/"));
	assert_ptr_equal(custom, sio_message_wire(message, "/custom"));
	assert_ptr_not_equal(wire, custom);
	assert_int_equal(wire->refs, 1);
	enter();
	sio_send(last, message, 0);
	sio_send(last, message, 0);
	assert_int_equal(wire->refs, 3);
	assert_string_equal(fake_sent(&fake, &ws), "42[\"m\",1]|42[\"m\",1]");
	assert_int_equal(wire->refs, 1);
	assert_string_equal(json_of(message), "[\"m\",1]");
	sio_message_unref(message);
}

static void binary_events_go_out_with_their_attachments(void **state)
{
	const struct sio_bytes bytes[] = {{(const uint8_t *)"xy", 2},
					  {(const uint8_t *)"", 0}};
	struct sio_message *message = sio_message_event_binary(
		"f\"", PLACE(0) "," PLACE(1), strlen(PLACE(0) "," PLACE(1)),
		bytes, 2);

	(void)state;
	enter();
	sio_send(last, message, 0);
	says("40/custom");
	sio_send(last, message, 0);
	assert_string_equal(
		fake_sent(&fake, &ws),
		"452-/custom,[\"f\\\"\"," PLACE(0) "," PLACE(1) "]|b<xy>|b<>");
	assert_string_equal(json_of(message),
			    "[\"f\\\"\"," PLACE(0) "," PLACE(1) "]");
	sio_message_unref(message);
}

/* ---- rooms, slow readers ---- */

static void a_room_gets_what_is_sent_to_all_but_one(void **state)
{
	struct fake_ws others[3];
	struct sio_socket *sockets[3];
	struct sio_message *message = sio_message_new("[\"m\"]", 5);

	(void)state;
	for (int i = 0; i < 3; i++) {
		fake_open_ws(&fake, &others[i]);
		fake_text(&fake, &others[i], "40");
		fake_sent(&fake, &others[i]);
		sockets[i] = last;
		if (i < 2)
			sio_join(last, "r");
	}
	assert_int_equal(
		sio_core_send_room(fake.core, "/", "r", message, 0, sockets[0]),
		1);
	assert_string_equal(fake_sent(&fake, &others[0]), "");
	assert_string_equal(fake_sent(&fake, &others[1]), "42[\"m\"]");
	assert_int_equal(
		sio_core_send_room(fake.core, "/", NULL, message, 0, NULL), 3);
	assert_string_equal(fake_sent(&fake, &others[2]), "42[\"m\"]");
	fake_ws_done(&others[1]);
	fake_flush(&fake);
	assert_int_equal(
		sio_core_send_room(fake.core, "/", "r", message, 0, NULL), 1);
	assert_int_equal(
		sio_core_send_room(fake.core, "/none", "r", message, 0, NULL),
		0);
	sio_message_unref(message);
	for (int i = 0; i < 3; i += 2)
		fake_ws_done(&others[i]);
	fake_flush(&fake);
}

static void
volatile_messages_are_dropped_before_a_slow_reader_is_closed(void **state)
{
	static const char filler[] =
		"[\"m\",\"0123456789012345678901234567890123456789\"]";

	(void)state;
	enter();
	ws.blocked = true;
	for (int i = 0; i < 500; i++)
		send_json(last, filler, SIO_VOLATILE);
	fake_flush(&fake);
	assert_false(ws.closed);
	for (int i = 0; i < 20; i++)
		send_json(last, filler, 0);
	fake_flush(&fake);
	assert_false(ws.closed);
	assert_true(eio_engine_stats(fake.engine)->dropped > 450);
	for (int i = 0; i < 40; i++)
		send_json(last, filler, 0);
	fake_flush(&fake);
	assert_true(ws.closed);
	assert_int_equal(reason, SIO_OVERFLOW);
	assert_int_equal(eio_engine_stats(fake.engine)->overflows, 1);
}

static void query_parameters_are_found_by_name(void **state)
{
	char out[8];

	(void)state;
	assert_true(sio_query(&fake_handshake, "token", out, sizeof(out)));
	assert_string_equal(out, "abc");
	assert_false(sio_query(&fake_handshake, "tok", out, sizeof(out)));
	assert_false(sio_query(&fake_handshake, "token", out, 3));
	assert_string_equal(out, "");
}

static void an_event_beyond_its_rate_is_answered_and_never_read(void **state)
{
	(void)state;
	enter();
	admits = false;
	assert_string_equal(says("42[\"a\",nonsense"), "");
	assert_string_equal(heard_text(), "(14)");
	assert_string_equal(says("427[\"a\",nonsense"), "437[\"slow down\"]");
	assert_string_equal(says("451-7[\"a\"]"), "437[\"slow down\"]");
	fake_binary(&fake, &ws, "abc", 3);
	admits = true;
	heard_text();
	says("42[\"b\"]");
	assert_string_equal(heard_text(), "[b::-1:0]");
}

static void who_goes_on_too_fast_is_not_read_from_for_a_second(void **state)
{
	(void)state;
	enter();
	admits = false;
	for (int i = 0; i < 1000 && !ws.paused; i++) {
		assert_string_equal(says("42[\"a\"]"), "");
		heard_text();
	}
	assert_true(ws.paused);
	for (int i = 0; i < 8; i++) {
		fake_pass(&fake, 100);
		fake_text(&fake, &ws, "3");
		assert_true(ws.paused);
	}
	fake_pass(&fake, 220);
	assert_false(ws.paused);
	assert_false(ws.closed);
}

static void one_event_too_many_now_and_then_is_no_flood(void **state)
{
	(void)state;
	enter();
	for (int i = 0; i < 1000; i++) {
		admits = i % 100 == 0;
		says("42[\"a\"]");
		heard_text();
	}
	assert_false(ws.paused);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_event_beyond_its_rate_is_answered_and_never_read),
		TEST(who_goes_on_too_fast_is_not_read_from_for_a_second),
		TEST(one_event_too_many_now_and_then_is_no_flood),
		TEST(malformed_packets_close_the_connection),
		TEST(an_event_with_an_id_is_acknowledged_with_it),
		TEST(a_binary_event_is_heard_with_its_attachments),
		TEST(binary_out_of_order_closes_the_connection),
		TEST(a_message_is_encoded_once_for_all_who_get_it),
		TEST(binary_events_go_out_with_their_attachments),
		TEST(a_room_gets_what_is_sent_to_all_but_one),
		TEST(volatile_messages_are_dropped_before_a_slow_reader_is_closed),
		TEST(query_parameters_are_found_by_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
