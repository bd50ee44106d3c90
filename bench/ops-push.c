/*
 * ops-push - what libsio does with text, over and over, for callgrind to count.
 *
 *     ops-push encode|decode COUNT
 *
 * encode: a message:new of everyday length becomes what sockets are sent.
 * decode: the packet of an event with an acknowledgement is read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypt.h"
#include "sio_message.h"
#include "sio_packet.h"

static const char event[] =
	"[\"message:new\",{\"_id\":\"01a22013aad0017711934568\","
	"\"conversationId\":\"81720debbcdaa3398033970c\",\"seq\":1,"
	"\"kind\":\"text\",\"sender\":\"01a22013a983992ece4f2015\","
	"\"senderName\":\"ann\",\"recipient\":\"01a22013aa7c3038a2c984ea\","
	"\"content\":\"Good morning. Shall we meet at noon where we met last "
	"week?\",\"createdAt\":\"2026-11-28T02:54:49.552Z\","
	"\"status\":\"sent\",\"edited\":false,\"deleted\":false,\"change\":0,"
	"\"clientId\":\"n0\",\"replyTo\":null,\"attachment\":null}]";

static const char packet[] =
	"2123[\"send-message\",{\"to\":\"01a22013aa7c3038a2c984ea\","
	"\"clientId\":\"n123\",\"content\":\"Good morning. Shall we meet at "
	"noon where we met last week?\"}]";

static void encode(void)
{
	sio_message_unref(sio_message_new(event, sizeof(event) - 1));
}

static void decode(void)
{
	static const struct sio_limits limits = {
		.max_attachments = 10,
		.max_bytes = 1000000,
		.max_values = 100000,
	};
	struct sio_packet out;

	if (sio_packet_read(packet, sizeof(packet) - 1, &limits, &out) !=
		    SIO_PACKET_OK ||
	    strcmp(out.name, "send-message") != 0) {
		fprintf(stderr, "ops-push: the packet was refused\n");
		exit(1);
	}
	sio_packet_done(&out);
}

int main(int argc, char **argv)
{
	if (argc != 3 || !crypt_init()) {
		fprintf(stderr, "usage: ops-push encode|decode COUNT\n");
		return 1;
	}

	void (*operation)(void) =
		strcmp(argv[1], "encode") == 0 ? encode : decode;

	for (long i = strtol(argv[2], NULL, 10); i > 0; i--)
		operation();
	return 0;
}
