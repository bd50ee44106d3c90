#include <string.h>

#include "mem.h"
#include "sio_packet.h"

/* A binary packet of which attachments are still on their way. Its text is a
 * copy, which packet points into. */
struct sio_pending {
	struct sio_packet packet;
	struct sio_bytes *attachments;
	size_t got;
	size_t bytes;
	bool handed; /* out to the caller: goes at the next call */
	char *text;
};

static void pending_free(struct sio_parser *parser)
{
	struct sio_pending *pending = parser->pending;

	if (pending == NULL)
		return;
	for (size_t i = 0; i < pending->got; i++)
		free((void *)pending->attachments[i].data);
	free(pending->attachments);
	/* Handed out, the packet is the caller's to undo. */
	if (!pending->handed)
		sio_packet_done(&pending->packet);
	free(pending->text);
	free(pending);
	parser->pending = NULL;
}

void sio_parser_done(struct sio_parser *parser)
{
	pending_free(parser);
}

static void forget_handed(struct sio_parser *parser)
{
	if (parser->pending != NULL && parser->pending->handed)
		pending_free(parser);
}

static enum sio_packet_status parser_begin(struct sio_parser *parser,
					   const struct sio_limits *limits,
					   const char *text, size_t len)
{
	struct sio_pending *pending = xcalloc(1, sizeof(*pending));

	parser->pending = pending;
	pending->text = xmalloc(len + 1);
	memcpy(pending->text, text, len);
	pending->text[len] = '\0';
	pending->bytes = len;
	enum sio_packet_status status = sio_packet_read(
		pending->text, len, limits->max_attachments, &pending->packet);

	if (status != SIO_PACKET_OK)
		return status;
	pending->attachments = xcalloc(pending->packet.attachments_len,
				       sizeof(*pending->attachments));
	return SIO_PACKET_OK;
}

enum sio_packet_status sio_parser_text(struct sio_parser *parser,
				       const struct sio_limits *limits,
				       const char *text, size_t len,
				       struct sio_packet *out, bool *ready)
{
	*out = (struct sio_packet){.id = -1};
	*ready = false;
	forget_handed(parser);
	if (parser->pending != NULL)
		return SIO_PACKET_OUT_OF_ORDER;
	if (len > 0 && (text[0] == '5' || text[0] == '6'))
		return parser_begin(parser, limits, text, len);
	enum sio_packet_status status =
		sio_packet_read(text, len, limits->max_attachments, out);

	*ready = status == SIO_PACKET_OK;
	return status;
}

enum sio_packet_status sio_parser_binary(struct sio_parser *parser,
					 const struct sio_limits *limits,
					 const void *data, size_t len,
					 struct sio_packet *out, bool *ready)
{
	*out = (struct sio_packet){.id = -1};
	*ready = false;
	forget_handed(parser);
	struct sio_pending *pending = parser->pending;

	if (pending == NULL || pending->got >= pending->packet.attachments_len)
		return SIO_PACKET_OUT_OF_ORDER;
	if (len > limits->max_bytes || pending->bytes > limits->max_bytes - len)
		return SIO_PACKET_TOO_LARGE;

	uint8_t *copy = xmalloc(len + 1);
	if (len > 0)
		memcpy(copy, data, len);
	pending->bytes += len;
	pending->attachments[pending->got++] = (struct sio_bytes){copy, len};
	if (pending->got < pending->packet.attachments_len)
		return SIO_PACKET_OK;
	pending->packet.attachments = pending->attachments;
	pending->handed = true;
	*out = pending->packet;
	*ready = true;
	return SIO_PACKET_OK;
}
