#include "eio_packet.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "crypt.h"
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

/* -1: no letter of base64, nor of its form for URLs. */
static int base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

size_t eio_base64_read(const char *text, size_t len, char *out)
{
	uint32_t bits = 0;
	int count = 0; /* of bits that are not out yet */
	size_t at = 0;

	for (size_t i = 0; i < len && text[i] != '='; i++) {
		int value = base64_value(text[i]);

		if (value < 0)
			continue;
		bits = bits << 6 | (uint32_t)value;
		count += 6;
		if (count >= 8) {
			count -= 8;
			out[at++] = (char)(bits >> count);
		}
	}
	return at;
}

void eio_payload_init(struct eio_payload *payload, char *body, size_t len)
{
	*payload = (struct eio_payload){.at = body, .end = body + len};
}

/* In its own place: bytes are fewer than letters. */
static void read_binary(char *text, size_t len, struct eio_packet *out)
{
	*out = (struct eio_packet){
		.type = EIO_MESSAGE,
		.binary = true,
		.data = text,
		.len = eio_base64_read(text, len, text),
	};
}

enum eio_payload_status eio_payload_next(struct eio_payload *payload,
					 struct eio_packet *out)
{
	char *text = payload->at;

	if (payload->malformed)
		return EIO_PAYLOAD_MALFORMED;
	if (text == NULL)
		return EIO_PAYLOAD_END;

	char *end = memchr(text, EIO_SEPARATOR, (size_t)(payload->end - text));

	payload->at = end != NULL ? end + 1 : NULL;
	if (end == NULL)
		end = payload->end;

	size_t len = (size_t)(end - text);

	if (len > 0 && text[0] == EIO_BASE64) {
		read_binary(text + 1, len - 1, out);
		return EIO_PAYLOAD_PACKET;
	}
	payload->malformed = !eio_packet_read(text, len, out) ||
			     !eio_text_valid(out->data, out->len);
	return payload->malformed ? EIO_PAYLOAD_MALFORMED : EIO_PAYLOAD_PACKET;
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
