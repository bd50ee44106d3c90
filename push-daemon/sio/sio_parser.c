#include <assert.h>
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
	bool skipped; /* passed over, nothing of it is kept */
	bool handed;  /* out to the caller: goes at the next call */
	char *text;
};

static void pending_free(struct sio_parser *parser)
{
	struct sio_pending *pending = parser->pending;

	if (pending == NULL)
		return;
	for (size_t i = 0; pending->attachments != NULL && i < pending->got;
	     i++)
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

size_t sio_parser_waiting(const struct sio_parser *parser)
{
	const struct sio_pending *pending = parser->pending;

	return pending == NULL || pending->handed ? 0
	       : pending->skipped		  ? 1
						  : pending->bytes;
}

static void forget_handed(struct sio_parser *parser)
{
	if (parser->pending != NULL && parser->pending->handed)
		pending_free(parser);
}

/* Attachments follow. */
static enum sio_packet_status parser_begin(struct sio_parser *parser,
					   const struct sio_limits *limits,
					   const char *text, size_t len)
{
	struct sio_pending *pending = xcalloc(1, sizeof(*pending));
	enum sio_packet_status status;

	parser->pending = pending;
	pending->text = xmalloc(len + 1);
	memcpy(pending->text, text, len);
	pending->text[len] = '\0';
	pending->bytes = len;
	status = sio_packet_read(pending->text, len, limits, &pending->packet);
	if (status == SIO_PACKET_OK)
		pending->attachments = xcalloc(pending->packet.attachments_len,
					       sizeof(*pending->attachments));
	return status;
}

static void parser_skip(struct sio_parser *parser,
			const struct sio_packet *head)
{
	if (head->attachments_len == 0)
		return;
	parser->pending = xcalloc(1, sizeof(*parser->pending));
	parser->pending->packet.attachments_len = head->attachments_len;
	parser->pending->skipped = true;
}

enum sio_packet_status sio_parser_text(struct sio_parser *parser,
				       const struct sio_feed *feed,
				       const char *text, size_t len,
				       struct sio_packet *out, bool *ready)
{
	const struct sio_limits *limits = feed->limits;
	enum sio_packet_status status;
	struct sio_packet head;

	*out = (struct sio_packet){.id = -1};
	*ready = false;
	forget_handed(parser);
	if (parser->pending != NULL)
		return SIO_PACKET_OUT_OF_ORDER;
	status = sio_packet_read_head(text, len, limits, &head);
	if (status != SIO_PACKET_OK)
		return status;
	switch (feed->gate(&head, len, feed->user)) {
	case SIO_GATE_REFUSE:
		return SIO_PACKET_UNWANTED;
	case SIO_GATE_SKIP:
		parser_skip(parser, &head);
		return SIO_PACKET_OK;
	case SIO_GATE_TAKE:
		break;
	}
	if (head.attachments_len > 0)
		return parser_begin(parser, limits, text, len);
	*out = head;
	status = sio_packet_read_json(limits, out);
	*ready = status == SIO_PACKET_OK;
	return status;
}

/* One more that is passed over. */
static void skip_attachment(struct sio_parser *parser)
{
	struct sio_pending *pending = parser->pending;

	if (++pending->got == pending->packet.attachments_len)
		pending_free(parser);
}

/* What is there already is let go of. */
static void skip_the_rest(struct sio_parser *parser)
{
	struct sio_packet head = {
		.attachments_len = parser->pending->packet.attachments_len,
	};
	size_t got = parser->pending->got;

	pending_free(parser);
	parser_skip(parser, &head);
	assert(parser->pending != NULL); /* not of none */
	parser->pending->got = got;
	skip_attachment(parser);
}

static void add_attachment(struct sio_pending *pending, const void *data,
			   size_t len)
{
	uint8_t *copy = xmalloc(len + 1);

	if (len > 0)
		memcpy(copy, data, len);
	pending->bytes += len;
	pending->attachments[pending->got++] = (struct sio_bytes){copy, len};
}

enum sio_packet_status sio_parser_binary(struct sio_parser *parser,
					 const struct sio_feed *feed,
					 const void *data, size_t len,
					 struct sio_packet *out, bool *ready)
{
	size_t most = feed->limits->max_bytes;

	*out = (struct sio_packet){.id = -1};
	*ready = false;
	forget_handed(parser);
	struct sio_pending *pending = parser->pending;

	if (pending == NULL)
		return SIO_PACKET_OUT_OF_ORDER;
	if (pending->skipped) {
		skip_attachment(parser);
		return SIO_PACKET_OK;
	}
	if (len > most || pending->bytes > most - len)
		return SIO_PACKET_TOO_LARGE;
	if (feed->gate(&pending->packet, len, feed->user) != SIO_GATE_TAKE) {
		skip_the_rest(parser);
		return SIO_PACKET_OK;
	}
	add_attachment(pending, data, len);
	if (pending->got < pending->packet.attachments_len)
		return SIO_PACKET_OK;
	pending->packet.attachments = pending->attachments;
	pending->handed = true;
	*out = pending->packet;
	*ready = true;
	return SIO_PACKET_OK;
}
