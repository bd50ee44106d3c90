#include "eio_message.h"

#include <assert.h>
#include <endian.h>
#include <string.h>

#include "mem.h"

#define FIN_TEXT 0x81
#define FIN_BINARY 0x82
#define LENGTH_16 126
#define LENGTH_64 127

static size_t header_size(size_t len)
{
	return len < LENGTH_16 ? 2 : len <= UINT16_MAX ? 4 : 10;
}

static uint8_t *write_header(uint8_t *at, bool binary, size_t len)
{
	*at++ = binary ? FIN_BINARY : FIN_TEXT;
	if (len < LENGTH_16) {
		*at++ = (uint8_t)len;
	} else if (len <= UINT16_MAX) {
		uint16_t wide = htobe16((uint16_t)len);
		*at++ = LENGTH_16;
		memcpy(at, &wide, sizeof(wide));
		at += sizeof(wide);
	} else {
		uint64_t wide = htobe64(len);
		*at++ = LENGTH_64;
		memcpy(at, &wide, sizeof(wide));
		at += sizeof(wide);
	}
	return at;
}

static uint8_t *write_bytes(uint8_t *at, const void *data, size_t len)
{
	if (len > 0)
		memcpy(at, data, len);
	return at + len;
}

struct eio_message *eio_message_new(const struct eio_part *parts, size_t count)
{
	size_t total = 0;

	for (size_t i = 0; i < count; i++) {
		size_t len = parts[i].head_len + parts[i].body_len;
		total += header_size(len) + len;
	}
	assert(total <= UINT32_MAX);

	struct eio_message *message = xmalloc(sizeof(*message) + total);
	uint8_t *at = message->wire;

	for (size_t i = 0; i < count; i++) {
		const struct eio_part *part = &parts[i];

		at = write_header(at, part->binary,
				  part->head_len + part->body_len);
		at = write_bytes(at, part->head, part->head_len);
		at = write_bytes(at, part->body, part->body_len);
	}
	message->refs = 1;
	message->len = (uint32_t)total;
	return message;
}

struct eio_message *eio_message_text(const char *text, size_t len)
{
	return eio_message_new(
		&(struct eio_part){.head = text, .head_len = len}, 1);
}

struct eio_message *eio_message_ref(struct eio_message *message)
{
	message->refs++;
	return message;
}

void eio_message_unref(struct eio_message *message)
{
	if (message != NULL && --message->refs == 0)
		free(message);
}

bool eio_message_next(const struct eio_message *message, size_t *offset,
		      struct eio_packet *out)
{
	const uint8_t *at = message->wire + *offset;
	uint16_t half;
	uint64_t len;

	if (*offset >= message->len)
		return false;
	bool binary = at[0] == FIN_BINARY;

	if (at[1] == LENGTH_64) {
		memcpy(&len, at + 2, sizeof(len));
		len = be64toh(len);
	} else if (at[1] == LENGTH_16) {
		memcpy(&half, at + 2, sizeof(half));
		len = be16toh(half);
	} else {
		len = at[1];
	}
	at += header_size(len);
	*offset = (size_t)(at - message->wire) + len;

	if (binary) {
		*out = (struct eio_packet){EIO_MESSAGE, true, (const char *)at,
					   len};
		return true;
	}
	return eio_packet_read((const char *)at, len, out);
}
