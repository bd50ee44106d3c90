/* Socket.IO packets and their attachments: pieces separated by 0x1e, those
 * that begin with 'b' are binary. What is said of a packet lies within it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "sio_packet.h"

#define SEPARATOR 0x1e

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is skipped or refused the input says itself. */
static enum sio_gate gate(const struct sio_packet *head, size_t bytes,
			  void *user)
{
	(void)user;
	return head->id == 5   ? SIO_GATE_SKIP
	       : bytes == 7    ? SIO_GATE_SKIP
	       : head->id == 6 ? SIO_GATE_REFUSE
			       : SIO_GATE_TAKE;
}

static void check(const struct sio_packet *packet)
{
	if (packet->args_len > 0 &&
	    (packet->args < packet->data ||
	     packet->args + packet->args_len >
		     packet->data + packet->data_len - 1))
		abort();
	if (packet->attachments_len > 0 && packet->attachments == NULL)
		abort();
	for (size_t i = 0; i < packet->attachments_len; i++) {
		volatile uint8_t touched = 0;

		for (size_t k = 0; k < packet->attachments[i].len; k++)
			touched ^= packet->attachments[i].data[k];
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct sio_limits limits = {4, 256, 30};
	static const struct sio_feed feed = {&limits, gate, NULL};
	const uint8_t *end = data + size;
	struct sio_parser parser = {0};
	enum sio_packet_status status = SIO_PACKET_OK;

	while (data < end && status == SIO_PACKET_OK) {
		const uint8_t *stop =
			memchr(data, SEPARATOR, (size_t)(end - data));
		size_t len = (size_t)((stop != NULL ? stop : end) - data);
		struct sio_packet packet;
		bool ready;
		/* A copy of its own: reading past it is seen. */
		char *piece = xmalloc(len > 0 ? len : 1);

		memcpy(piece, data, len);
		status = len > 0 && piece[0] == 'b'
				 ? sio_parser_binary(&parser, &feed, piece + 1,
						     len - 1, &packet, &ready)
				 : sio_parser_text(&parser, &feed, piece, len,
						   &packet, &ready);
		if (ready)
			check(&packet);
		sio_packet_done(&packet);
		free(piece);
		data += len + 1;
	}
	sio_parser_done(&parser);
	return 0;
}
