#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "mem.h"
#include "sio_packet.h"

#define ATTACHMENTS 3
#define PLACE(n) "{\"_placeholder\":true,\"num\":" #n "}"

#define VALUES 100

static const struct sio_limits limits = {ATTACHMENTS, 200, VALUES};
static struct sio_packet packet;

static enum sio_packet_status read_text(const char *text)
{
	sio_packet_done(&packet);
	return sio_packet_read(text, strlen(text), &limits, &packet);
}

static int finish(void **state)
{
	(void)state;
	sio_packet_done(&packet);
	return 0;
}

static void is(const char *text, size_t len, const char *expected)
{
	assert_int_equal(len, strlen(expected));
	assert_memory_equal(text, expected, len);
}

#define READS(text) assert_int_equal(read_text(text), SIO_PACKET_OK)
#define REFUSES(text, status)                                                  \
	assert_int_equal(read_text(text), SIO_PACKET_##status)

/* The examples are those of the specification. */
static void connect_may_carry_an_object_and_a_namespace(void **state)
{
	(void)state;
	READS("0");
	assert_int_equal(packet.type, SIO_CONNECT);
	is(packet.nsp, packet.nsp_len, "/");
	assert_int_equal(packet.data_len, 0);
	READS("0{\"token\":\"123\"}");
	is(packet.data, packet.data_len, "{\"token\":\"123\"}");
	READS("0/admin,");
	is(packet.nsp, packet.nsp_len, "/admin");
	READS("0/admin");
	is(packet.nsp, packet.nsp_len, "/admin");
	READS("0/admin,{\"sid\":\"oSO0OpakMV_3jnilAAAA\"}");
	is(packet.nsp, packet.nsp_len, "/admin");
	is(packet.data, packet.data_len, "{\"sid\":\"oSO0OpakMV_3jnilAAAA\"}");
}

static void connect_with_anything_but_an_object_is_malformed(void **state)
{
	(void)state;
	REFUSES("0[1]", BAD_PAYLOAD);
	REFUSES("0\"a\"", BAD_PAYLOAD);
	REFUSES("0null", BAD_PAYLOAD);
	REFUSES("0{", BAD_PAYLOAD);
	REFUSES("012{}", BAD_ID);
}

static void disconnect_carries_nothing(void **state)
{
	(void)state;
	READS("1");
	READS("1/admin,");
	is(packet.nsp, packet.nsp_len, "/admin");
	REFUSES("1{}", BAD_PAYLOAD);
	REFUSES("1/admin,[]", BAD_PAYLOAD);
}

static void an_event_has_a_name_and_its_arguments_as_they_came(void **state)
{
	(void)state;
	READS("2[\"foo\"]");
	assert_string_equal(packet.name, "foo");
	is(packet.args, packet.args_len, "");
	assert_int_equal(packet.id, -1);
	READS("2[\"foo\",\"bar\"]");
	is(packet.args, packet.args_len, "\"bar\"");
	READS("2[\"message\",1,\"2\",{\"3\":[false]}]");
	is(packet.args, packet.args_len, "1,\"2\",{\"3\":[false]}");
	READS("2 [ \"a\" , 1e2 ,\"\\u00e9\"] ");
	is(packet.args, packet.args_len, " 1e2 ,\"\\u00e9\"");
	READS("2[\"a\\\"]\\\\\",\"],\"]");
	assert_string_equal(packet.name, "a\"]\\");
	is(packet.args, packet.args_len, "\"],\"");
	READS("2[\"\xc3\xa9\"]");
	assert_string_equal(packet.name, "\xc3\xa9");
}

static void an_event_may_have_an_id_and_a_namespace(void **state)
{
	(void)state;
	READS("212[\"foo\"]");
	assert_int_equal(packet.id, 12);
	READS("2/admin,456[\"project:delete\",123]");
	is(packet.nsp, packet.nsp_len, "/admin");
	assert_int_equal(packet.id, 456);
	assert_string_equal(packet.name, "project:delete");
	READS("20[\"foo\"]");
	assert_int_equal(packet.id, 0);
	READS("29007199254740992[\"foo\"]");
	REFUSES("29007199254740993[\"foo\"]", BAD_ID);
	REFUSES("299999999999999999999999999999[\"foo\"]", BAD_ID);
	REFUSES("2abc[\"foo\"]", BAD_PAYLOAD);
	REFUSES("2-1[\"foo\"]", BAD_PAYLOAD);
	REFUSES("21.5[\"foo\"]", BAD_PAYLOAD);
}

static void an_event_without_an_array_or_a_name_is_malformed(void **state)
{
	static const char *const bad[] = {
		"2",	      "2{}",	    "2[]",	  "2[null]",
		"2[{}]",      "2[true]",    "2[[\"a\"]]", "2\"a\"",
		"2[\"a\"",    "2[\"a\",]",  "2[\"a\"]x",  "2[\"a\"][]",
		"2['a']",     "2[\"a\" 1]", "2/admin,{}", "2[\"\\u0000\"]",
		"2[\"\xff\"]"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		REFUSES(bad[i], BAD_PAYLOAD);
}

static void reserved_names_are_no_events(void **state)
{
	static const char *const names[] = {"connect",	   "connect_error",
					    "disconnect",  "disconnecting",
					    "newListener", "removeListener"};
	char text[64];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		snprintf(text, sizeof(text), "2[\"%s\"]", names[i]);
		REFUSES(text, BAD_PAYLOAD);
	}
	READS("2[\"connected\"]");
}

static void a_number_may_name_an_event(void **state)
{
	(void)state;
	READS("2[5,\"a\"]");
	assert_string_equal(packet.name, "5");
	is(packet.args, packet.args_len, "\"a\"");
}

static void an_ack_has_an_id_and_an_array(void **state)
{
	(void)state;
	READS("312[\"bar\"]");
	assert_int_equal(packet.type, SIO_ACK);
	assert_int_equal(packet.id, 12);
	is(packet.args, packet.args_len, "\"bar\"");
	READS("3/admin,13[]");
	assert_int_equal(packet.id, 13);
	is(packet.args, packet.args_len, "");
	REFUSES("3[\"bar\"]", BAD_ID);
	REFUSES("312", BAD_PAYLOAD);
	REFUSES("312{}", BAD_PAYLOAD);
}

static void a_client_never_sends_connect_error(void **state)
{
	(void)state;
	REFUSES("4", BAD_PAYLOAD);
	REFUSES("4{\"message\":\"Not authorized\"}", BAD_PAYLOAD);
	REFUSES("4\"no\"", BAD_PAYLOAD);
}

static void an_unknown_type_is_malformed(void **state)
{
	(void)state;
	REFUSES("", UNKNOWN_TYPE);
	REFUSES("7", UNKNOWN_TYPE);
	REFUSES("abc", UNKNOWN_TYPE);
	REFUSES("-", UNKNOWN_TYPE);
}

static void binary_packets_say_how_many_attachments_follow(void **state)
{
	(void)state;
	READS("51-[\"baz\"," PLACE(0) "]");
	assert_int_equal(packet.type, SIO_BINARY_EVENT);
	assert_int_equal(packet.attachments_len, 1);
	is(packet.args, packet.args_len, PLACE(0));
	READS("52-/admin,[\"baz\"," PLACE(0) "," PLACE(1) "]");
	is(packet.nsp, packet.nsp_len, "/admin");
	assert_int_equal(packet.attachments_len, 2);
	READS("61-15[" PLACE(0) "]");
	assert_int_equal(packet.type, SIO_BINARY_ACK);
	assert_int_equal(packet.id, 15);
	READS("61-/admin,1[" PLACE(0) "]");
}

static void
attachments_without_number_dash_or_beyond_the_limit_are_malformed(void **state)
{
	(void)state;
	REFUSES("5", BAD_ATTACHMENTS);
	REFUSES("5[\"a\"]", BAD_ATTACHMENTS);
	REFUSES("51[\"a\"," PLACE(0) "]", BAD_ATTACHMENTS);
	REFUSES("5-[\"a\"]", BAD_ATTACHMENTS);
	REFUSES("50-[\"a\"]", BAD_ATTACHMENTS);
	REFUSES("5a-[\"a\"]", BAD_ATTACHMENTS);
	REFUSES("51.5-[\"a\"]", BAD_ATTACHMENTS);
	REFUSES("54-[\"a\"]", BAD_ATTACHMENTS);
	REFUSES("599999999999999999999-[\"a\"]", BAD_ATTACHMENTS);
	READS("53-[\"a\"," PLACE(2) "]");
}

static void a_placeholder_must_name_an_attachment(void **state)
{
	(void)state;
	REFUSES("51-[\"a\"," PLACE(1) "]", BAD_PLACEHOLDER);
	REFUSES("51-[\"a\"," PLACE(-1) "]", BAD_PLACEHOLDER);
	REFUSES("51-[\"a\",{\"_placeholder\":true,\"num\":\"0\"}]",
		BAD_PLACEHOLDER);
	REFUSES("51-[\"a\",{\"_placeholder\":true}]", BAD_PLACEHOLDER);
	REFUSES("51-[\"a\",{\"b\":[{\"c\":" PLACE(7) "}]}]", BAD_PLACEHOLDER);
	READS("51-[\"a\",{\"_placeholder\":false,\"num\":9}]");
	READS("51-[\"a\",{\"b\":[{\"c\":" PLACE(0) "}]}]");
}

static void json_too_deep_is_malformed(void **state)
{
	char text[300] = "2[\"a\",";
	size_t len = strlen(text);

	(void)state;
	memset(text + len, '[', SIO_JSON_DEPTH + 1);
	memset(text + len + SIO_JSON_DEPTH + 1, ']', SIO_JSON_DEPTH + 1);
	strcpy(text + len + 2 * (SIO_JSON_DEPTH + 1), "]");
	REFUSES(text, BAD_PAYLOAD);
}

static void
json_of_too_many_values_is_known_before_there_is_a_tree(void **state)
{
	char text[16 + 3 * VALUES] = "2[\"a\"";
	size_t len = strlen(text);

	(void)state;
	for (int i = 2; i < VALUES; i++, len += 3)
		memcpy(text + len, ",{}", 3);
	strcpy(text + len, "]");
	READS(text);
	strcpy(text + len, ",1]");
	REFUSES(text, TOO_MANY);
	text[0] = '3';
	memmove(text + 2, text + 1, strlen(text));
	text[1] = '1';
	REFUSES(text, TOO_MANY);
}

static void heads_are_type_attachments_namespace_id(void **state)
{
	static const struct {
		enum sio_type type;
		size_t attachments;
		const char *nsp;
		int64_t id;
		const char *expected;
	} heads[] = {
		{SIO_EVENT, 0, "/", -1, "2"},
		{SIO_EVENT, 0, "/", 0, "20"},
		{SIO_EVENT, 0, "/admin", 12, "2/admin,12"},
		{SIO_CONNECT, 0, "/admin", -1, "0/admin,"},
		{SIO_BINARY_EVENT, 2, "/", -1, "52-"},
		{SIO_BINARY_ACK, 1, "/admin", 456, "61-/admin,456"},
		{SIO_ACK, 0, "/", SIO_ACK_MAX, "39007199254740992"},
	};
	char out[SIO_HEAD_SIZE + 16];

	(void)state;
	for (size_t i = 0; i < COUNT_OF(heads); i++) {
		size_t len = sio_packet_head(out, heads[i].type,
					     heads[i].attachments, heads[i].nsp,
					     heads[i].id);
		is(out, len, heads[i].expected);
	}
}

#define TEST(name) cmocka_unit_test_teardown(name, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(connect_may_carry_an_object_and_a_namespace),
		TEST(connect_with_anything_but_an_object_is_malformed),
		TEST(disconnect_carries_nothing),
		TEST(an_event_has_a_name_and_its_arguments_as_they_came),
		TEST(an_event_may_have_an_id_and_a_namespace),
		TEST(an_event_without_an_array_or_a_name_is_malformed),
		TEST(reserved_names_are_no_events),
		TEST(a_number_may_name_an_event),
		TEST(an_ack_has_an_id_and_an_array),
		TEST(a_client_never_sends_connect_error),
		TEST(an_unknown_type_is_malformed),
		TEST(binary_packets_say_how_many_attachments_follow),
		TEST(attachments_without_number_dash_or_beyond_the_limit_are_malformed),
		TEST(a_placeholder_must_name_an_attachment),
		TEST(json_too_deep_is_malformed),
		TEST(json_of_too_many_values_is_known_before_there_is_a_tree),
		TEST(heads_are_type_attachments_namespace_id),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
