#include "eio_packet.h"

#include <string.h>

#include "buf.h"
#include "crypt.h"
#include "mem.h"
#include "text.h"

bool eio_packet_read(const char *text, size_t len, struct eio_packet *out)
{
	if (len == 0 || text[0] < '0' || text[0] > '6')
		return false;
	*out = (struct eio_packet){
		.type = (enum eio_type)(text[0] - '0'),
		.data = text + 1,
		.len = len - 1,
	};
	return true;
}

bool eio_text_valid(const char *text, size_t len)
{
	const char *end = text + len;

	while (text < end) {
		const char *nul = memchr(text, '\0', (size_t)(end - text));
		const char *stop = nul != NULL ? nul : end;

		if (!text_valid(text, (size_t)(stop - text)))
			return false;
		text = stop + 1;
	}
	return true;
}

void eio_payload_init(struct eio_payload *payload, char *body, size_t len)
{
	*payload = (struct eio_payload){.at = body, .end = body + len};
}

void eio_payload_done(struct eio_payload *payload)
{
	free(payload->decoded);
	payload->decoded = NULL;
}

static bool read_binary(struct eio_payload *payload, const char *text,
			size_t len, struct eio_packet *out)
{
	/* An embedded NUL would hide what follows it from the decoder. */
	if (strlen(text) != len)
		return false;
	payload->decoded = xmalloc(len / 4 * 3 + 3);
	long got = crypt_unbase64(text, payload->decoded, len / 4 * 3 + 3);

	if (got < 0)
		return false;
	*out = (struct eio_packet){
		.type = EIO_MESSAGE,
		.binary = true,
		.data = payload->decoded,
		.len = (size_t)got,
	};
	return true;
}

enum eio_payload_status eio_payload_next(struct eio_payload *payload,
					 struct eio_packet *out)
{
	char *text = payload->at;

	eio_payload_done(payload);
	if (payload->malformed)
		return EIO_PAYLOAD_MALFORMED;
	if (text == NULL)
		return EIO_PAYLOAD_END;

	char *end = memchr(text, EIO_SEPARATOR, (size_t)(payload->end - text));

	payload->at = end != NULL ? end + 1 : NULL;
	if (end == NULL)
		end = payload->end;
	*end = '\0';

	size_t len = (size_t)(end - text);
	bool fine = len > 0 && text[0] == 'b'
			    ? read_binary(payload, text + 1, len - 1, out)
			    : eio_packet_read(text, len, out) &&
				      eio_text_valid(out->data, out->len);
	payload->malformed = !fine;
	return fine ? EIO_PAYLOAD_PACKET : EIO_PAYLOAD_MALFORMED;
}

void eio_payload_add(struct buf *body, const struct eio_packet *packet)
{
	char type = (char)('0' + (int)packet->type);

	if (body->len > 0)
		buf_add(body, &(char){EIO_SEPARATOR}, 1);
	if (packet->binary) {
		char *text = crypt_base64(packet->data, packet->len);

		buf_adds(body, "b");
		buf_adds(body, text);
		free(text);
		return;
	}
	buf_add(body, &type, 1);
	buf_add(body, packet->data, packet->len);
}
