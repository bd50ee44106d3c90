#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "eio_message.h"
#include "fake_edge.h"
#include "mem.h"
#include "sio_wire.h"

/* The rules of socket.io-protocol revision 5, over a WebSocket. */
#define PLACE(n) "{\"_placeholder\":true,\"num\":" #n "}"

static struct fake fake;
static struct fake_ws ws;
static struct buf heard;
static struct sio_socket *last, *main_socket;
static enum { ACCEPT, REFUSE, LATER } mode;
static int connects, disconnects;
static enum sio_reason reason;

static void on_connect(struct sio_socket *socket,
		       const struct sio_handshake *handshake, void *user)
{
	(void)user;
	connects++;
	last = socket;
	if (strcmp(sio_socket_namespace(socket), "/") == 0)
		main_socket = socket;
	buf_addf(&heard, "connect%s%s", sio_socket_namespace(socket),
		 handshake->auth);
	if (mode == ACCEPT)
		sio_accept(socket);
	else if (mode == REFUSE)
		sio_refuse(socket, "Unauthorized", "{\"code\":\"bad_token\"}");
}

static void on_event(struct sio_socket *socket, const struct sio_event *event,
		     void *user)
{
	(void)socket;
	(void)user;
	buf_addf(&heard, "[%s:%.*s:%lld:%zu]", event->name,
		 (int)event->args_len, event->args, (long long)event->ack,
		 event->attachments_len);
	if (event->ack >= 0)
		sio_ack_binary(socket, event->ack, "[1]", 3, event->attachments,
			       event->attachments_len);
}

static void on_disconnect(struct sio_socket *socket, enum sio_reason why,
			  void *user)
{
	(void)socket;
	(void)user;
	disconnects++;
	reason = why;
}

static const struct sio_handlers handlers = {on_connect, on_event,
					     on_disconnect};

static int start(void **state)
{
	(void)state;
	fake_init(&fake);
	sio_core_namespace(fake.core, "/", &handlers, NULL);
	sio_core_namespace(fake.core, "/custom", &handlers, NULL);
	buf_init(&heard, 100000);
	mode = ACCEPT;
	connects = disconnects = 0;
	last = main_socket = NULL;
	fake_open_ws(&fake, &ws);
	fake_sent(&fake, &ws);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	fake_ws_done(&ws);
	fake_done(&fake);
	assert_int_equal(disconnects, mode == REFUSE ? 0 : connects);
	buf_done(&heard);
	return 0;
}

static const char *says(const char *text)
{
	fake_text(&fake, &ws, text);
	return fake_sent(&fake, &ws);
}

static const char *heard_text(void)
{
	static char copy[4096];

	strncpy(copy, heard.data != NULL ? heard.data : "", sizeof(copy) - 1);
	buf_reset(&heard);
	return copy;
}

static void enter(void)
{
	assert_memory_equal(says("40"), "40{\"sid\":\"", 10);
	heard_text();
}

static void send_json(struct sio_socket *socket, const char *json, int flags)
{
	struct sio_message *message = sio_message_new(json, strlen(json));

	sio_send(socket, message, flags);
	sio_message_unref(message);
}

static void closes_with(const char *text)
{
	int before = disconnects;

	fake_text(&fake, &ws, text);
	assert_true(ws.closed);
	assert_int_equal(disconnects, before + (connects > before));
}

/* --- connect --- */

static void connect_is_answered_with_a_sid_of_its_own(void **state)
{
	(void)state;
	const char *answer = says("40{\"token\":\"123\"}");

	assert_memory_equal(answer, "40{\"sid\":\"", 10);
	assert_int_equal(strlen(answer), 10 + 20 + 2);
	assert_memory_equal(answer + 10, sio_socket_id(last), 20);
	assert_string_not_equal(sio_socket_id(last),
				eio_session_sid(ws.base.session));
	assert_string_equal(heard_text(), "connect/{\"token\":\"123\"}");
}

static void connect_without_auth_gives_an_empty_object(void **state)
{
	(void)state;
	says("40");
	assert_string_equal(heard_text(), "connect/{}");
}

static void namespaces_share_one_connection(void **state)
{
	(void)state;
	enter();
	assert_memory_equal(says("40/custom,"), "40/custom,{\"sid\":\"", 18);
	assert_string_equal(sio_socket_namespace(last), "/custom");
	assert_string_equal(heard_text(), "connect/custom{}");
	says("42/custom,[\"a\"]");
	says("42[\"b\"]");
	assert_string_equal(heard_text(), "[a::-1:0][b::-1:0]");
	send_json(last, "[\"x\"]", 0);
	send_json(main_socket, "[\"y\"]", 0);
	assert_string_equal(fake_sent(&fake, &ws),
			    "42/custom,[\"x\"]|42[\"y\"]");
}

static void an_unknown_namespace_gets_connect_error(void **state)
{
	(void)state;
	assert_string_equal(says("40/random"),
			    "44/random,{\"message\":\"Invalid namespace\"}");
	assert_false(ws.closed);
	enter();
}

static void a_refusal_carries_message_and_data(void **state)
{
	(void)state;
	mode = REFUSE;
	assert_string_equal(
		says("40"),
		"44{\"message\":\"Unauthorized\",\"data\":{\"code\":"
		"\"bad_token\"}}");
	assert_false(ws.closed);
	assert_memory_equal(says("40"), "44", 2); /* may try again */
	assert_int_equal(disconnects, 0);
}

static void the_answer_may_come_later(void **state)
{
	(void)state;
	mode = LATER;
	assert_string_equal(says("40"), "");
	send_json(last, "[\"too early\"]", 0);
	assert_string_equal(fake_sent(&fake, &ws), "");
	sio_accept(last);
	assert_memory_equal(fake_sent(&fake, &ws), "40{\"sid\":\"", 10);
	sio_refuse(last, "no", NULL); /* answered already */
	assert_string_equal(fake_sent(&fake, &ws), "");
}

static void who_goes_before_the_answer_is_disconnected(void **state)
{
	(void)state;
	mode = LATER;
	says("40");
	says("40/custom");
	says("41/custom");
	assert_int_equal(disconnects, 1);
	assert_int_equal(reason, SIO_CLIENT_DISCONNECT);
	fake_ws_done(&ws);
	fake_flush(&fake);
	assert_int_equal(disconnects, 2);
	assert_int_equal(reason, SIO_TRANSPORT_CLOSE);
}

/* Each CONNECT costs somebody a look at a token: one at a time. */
static void who_gives_up_before_the_answer_cannot_ask_again(void **state)
{
	(void)state;
	mode = LATER;
	says("40");
	says("41");
	assert_false(ws.closed);
	assert_int_equal(disconnects, 1);
	fake_text(&fake, &ws, "40");
	assert_true(ws.closed);
	assert_int_equal(connects, 1);
}

static void who_comes_and_goes_for_ever_is_closed(void **state)
{
	(void)state;
	for (int i = 0; i < 16; i++) {
		says("40");
		says("41");
	}
	assert_false(ws.closed);
	assert_int_equal(connects, 16);
	fake_text(&fake, &ws, "40");
	assert_true(ws.closed);
	assert_int_equal(connects, 16);
}

static void events_before_connect_close_the_connection(void **state)
{
	(void)state;
	closes_with("42[\"a\"]");
}

static void events_before_the_answer_close_the_connection(void **state)
{
	(void)state;
	mode = LATER;
	says("40");
	closes_with("42[\"a\"]");
	assert_int_equal(reason, SIO_PROTOCOL_ERROR);
}

static void a_second_connect_closes_the_connection(void **state)
{
	(void)state;
	enter();
	closes_with("40");
}

static void who_never_connects_is_closed_in_time(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		fake_pass(&fake, 310);
		says("3");
	}
	assert_false(ws.closed);
	fake_pass(&fake, 100);
	assert_true(ws.closed);
}

static void who_connected_in_time_stays(void **state)
{
	(void)state;
	enter();
	for (int i = 0; i < 10; i++) {
		fake_pass(&fake, 310);
		says("3");
	}
	assert_false(ws.closed);
}

/* --- events --- */

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
	sio_message_unref(message);
}

/* --- acknowledgements we ask for --- */

static char answered[64];

static void on_answer(struct sio_socket *socket,
		      const struct sio_answer *answer, void *user)
{
	(void)socket;
	size_t len = strlen(answered);

	if (answer == NULL)
		snprintf(answered + len, sizeof(answered) - len, "%s:gone ",
			 (const char *)user);
	else
		snprintf(answered + len, sizeof(answered) - len, "%s:%.*s ",
			 (const char *)user, (int)answer->args_len,
			 answer->args);
}

static void answers_reach_who_asked_in_any_order_and_once(void **state)
{
	(void)state;
	answered[0] = '\0';
	enter();
	assert_true(sio_emit_with_ack(last, "[\"q\"]", 5, on_answer, "a"));
	assert_true(sio_emit_with_ack(last, "[\"q\"]", 5, on_answer, "b"));
	assert_string_equal(fake_sent(&fake, &ws), "420[\"q\"]|421[\"q\"]");
	says("431[2]");
	says("430[1]");
	says("430[3]");
	says("4399[3]");
	assert_string_equal(answered, "b:2 a:1 ");
	assert_false(ws.closed);
}

static void who_asked_hears_when_nobody_will_answer(void **state)
{
	(void)state;
	answered[0] = '\0';
	enter();
	sio_emit_with_ack(last, "[\"q\"]", 5, on_answer, "a");
	sio_emit_with_ack(last, "[\"q\"]", 5, on_answer, "b");
	assert_false(sio_emit_with_ack(last, "[\"q\"]", 5, on_answer, "c"));
	fake_ws_done(&ws);
	fake_flush(&fake);
	assert_string_equal(answered, "a:gone b:gone ");
}

/* --- disconnect --- */

static void a_client_leaves_one_namespace_and_keeps_the_rest(void **state)
{
	(void)state;
	enter();
	says("40/custom");
	says("41/custom");
	assert_int_equal(disconnects, 1);
	assert_int_equal(reason, SIO_CLIENT_DISCONNECT);
	heard_text();
	says("42[\"a\"]");
	assert_string_equal(heard_text(), "[a::-1:0]");
	assert_memory_equal(says("40/custom"), "40/custom,", 10);
}

static void the_connection_lives_when_the_last_namespace_is_left(void **state)
{
	(void)state;
	enter();
	says("41");
	assert_false(ws.closed);
	fake_pass(&fake, 310);
	assert_string_equal(fake_sent(&fake, &ws), "2");
}

static void the_server_disconnects_one_namespace(void **state)
{
	(void)state;
	enter();
	sio_disconnect(last, false);
	assert_int_equal(disconnects, 0); /* not from within the call */
	assert_string_equal(fake_sent(&fake, &ws), "41");
	assert_int_equal(disconnects, 1);
	assert_int_equal(reason, SIO_SERVER_DISCONNECT);
	says("42[\"on its way\"]"); /* no fault of the client's */
	assert_false(ws.closed);
}

static void the_server_disconnects_with_the_connection(void **state)
{
	(void)state;
	enter();
	says("40/custom");
	sio_disconnect(last, true);
	assert_string_equal(fake_sent(&fake, &ws), "41/custom,");
	assert_true(ws.closed);
	assert_int_equal(ws.code, 1000);
	assert_int_equal(disconnects, 2);
}

static void a_close_has_the_code_and_word_it_was_given(void **state)
{
	(void)state;
	enter();
	send_json(last, "[\"session-expired\"]", 0);
	sio_close(last, 4001, "session-expired");
	assert_string_equal(fake_sent(&fake, &ws), "42[\"session-expired\"]");
	assert_int_equal(ws.code, 4001);
	assert_string_equal(ws.word, "session-expired");
}

static void calls_on_a_socket_that_is_going_do_nothing(void **state)
{
	(void)state;
	enter();
	sio_disconnect(last, false);
	send_json(last, "[\"x\"]", 0);
	sio_disconnect(last, true);
	sio_close(last, 4001, "x");
	sio_join(last, "room");
	sio_ack(last, 1, "[]", 2);
	assert_false(sio_emit_with_ack(last, "[\"q\"]", 5, on_answer, ""));
	assert_string_equal(sio_socket_transport(last), "");
	assert_string_equal(fake_sent(&fake, &ws), "41");
	assert_false(ws.closed);
}

/* --- rooms, slow readers --- */

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

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(connect_is_answered_with_a_sid_of_its_own),
		TEST(connect_without_auth_gives_an_empty_object),
		TEST(namespaces_share_one_connection),
		TEST(an_unknown_namespace_gets_connect_error),
		TEST(a_refusal_carries_message_and_data),
		TEST(the_answer_may_come_later),
		TEST(who_goes_before_the_answer_is_disconnected),
		TEST(who_gives_up_before_the_answer_cannot_ask_again),
		TEST(who_comes_and_goes_for_ever_is_closed),
		TEST(events_before_connect_close_the_connection),
		TEST(events_before_the_answer_close_the_connection),
		TEST(a_second_connect_closes_the_connection),
		TEST(who_never_connects_is_closed_in_time),
		TEST(who_connected_in_time_stays),
		TEST(malformed_packets_close_the_connection),
		TEST(an_event_with_an_id_is_acknowledged_with_it),
		TEST(a_binary_event_is_heard_with_its_attachments),
		TEST(binary_out_of_order_closes_the_connection),
		TEST(a_message_is_encoded_once_for_all_who_get_it),
		TEST(binary_events_go_out_with_their_attachments),
		TEST(answers_reach_who_asked_in_any_order_and_once),
		TEST(who_asked_hears_when_nobody_will_answer),
		TEST(a_client_leaves_one_namespace_and_keeps_the_rest),
		TEST(the_connection_lives_when_the_last_namespace_is_left),
		TEST(the_server_disconnects_one_namespace),
		TEST(the_server_disconnects_with_the_connection),
		TEST(a_close_has_the_code_and_word_it_was_given),
		TEST(calls_on_a_socket_that_is_going_do_nothing),
		TEST(a_room_gets_what_is_sent_to_all_but_one),
		TEST(volatile_messages_are_dropped_before_a_slow_reader_is_closed),
		TEST(query_parameters_are_found_by_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
