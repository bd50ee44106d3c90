#include "notify_frame.h"

#include <assert.h>
#include <endian.h>
#include <stdbool.h>
#include <string.h>

#include "buf.h"
#include "mem.h"

#define LENGTH_SIZE sizeof(uint32_t)
#define HEADER_SIZE (LENGTH_SIZE + 1)

struct notify_decoder {
	size_t start; /* first byte not yet handed out */
	size_t end;   /* one past the last byte fed */
	bool malformed;
	uint8_t buf[HEADER_SIZE + NOTIFY_BODY_MAX]; /* one whole frame fits */
};

struct notify_decoder *notify_decoder_new(void)
{
	return xcalloc(1, sizeof(struct notify_decoder));
}

void notify_decoder_free(struct notify_decoder *dec)
{
	free(dec);
}

static bool kind_known(uint8_t kind)
{
	return kind >= NOTIFY_HELLO && kind <= NOTIFY_RESULT;
}

size_t notify_decoder_feed(struct notify_decoder *dec, const void *data,
			   size_t len)
{
	/* Slide the unread bytes to the front: then a whole frame always fits.
	 */
	dec->end -= dec->start;
	memmove(dec->buf, dec->buf + dec->start, dec->end);
	dec->start = 0;

	size_t room = sizeof(dec->buf) - dec->end;
	size_t taken = len < room ? len : room;

	if (taken > 0)
		memcpy(dec->buf + dec->end, data, taken);
	dec->end += taken;
	return taken;
}

enum notify_status notify_decoder_next(struct notify_decoder *dec,
				       struct notify_frame *frame)
{
	const uint8_t *head = dec->buf + dec->start;
	size_t unread = dec->end - dec->start;

	if (dec->malformed)
		return NOTIFY_MALFORMED;
	if (unread < HEADER_SIZE)
		return NOTIFY_NEED_MORE;

	uint32_t len;
	memcpy(&len, head, sizeof(len));
	len = be32toh(len);

	/* Judged before the body arrives: a bad peer costs us one header. */
	if (len < 1 || len > 1 + NOTIFY_BODY_MAX ||
	    !kind_known(head[LENGTH_SIZE])) {
		dec->malformed = true;
		return NOTIFY_MALFORMED;
	}
	if (unread < LENGTH_SIZE + len)
		return NOTIFY_NEED_MORE;

	*frame = (struct notify_frame){
		.kind = head[LENGTH_SIZE],
		.body = head + HEADER_SIZE,
		.body_len = len - 1,
	};
	dec->start += LENGTH_SIZE + len;
	assert(dec->start <= dec->end);
	return NOTIFY_FRAME;
}

bool notify_decoder_empty(const struct notify_decoder *dec)
{
	return !dec->malformed && dec->start == dec->end;
}

void notify_frame_split(const struct notify_frame *frame,
			struct notify_parts *parts)
{
	const char *body = (const char *)frame->body;
	const char *feed = frame->body_len > 0
				   ? memchr(body, '\n', frame->body_len)
				   : NULL;

	*parts = (struct notify_parts){.head = body,
				       .head_len = frame->body_len};
	if (feed == NULL)
		return;
	parts->head_len = (size_t)(feed - body);
	parts->payload = feed + 1;
	parts->payload_len = frame->body_len - parts->head_len - 1;
}

bool notify_frame_add(struct buf *out, enum notify_kind kind,
		      const struct notify_parts *parts)
{
	size_t body_len = parts->head_len;

	if (parts->payload != NULL)
		body_len += 1 + parts->payload_len;
	if (body_len > NOTIFY_BODY_MAX ||
	    HEADER_SIZE + body_len > out->max - out->len)
		return false;

	uint32_t len = htobe32((uint32_t)(1 + body_len));
	char byte = (char)kind;

	buf_add(out, &len, sizeof(len));
	buf_add(out, &byte, 1);
	buf_add(out, parts->head, parts->head_len);
	if (parts->payload != NULL) {
		buf_add(out, "\n", 1);
		buf_add(out, parts->payload, parts->payload_len);
	}
	return true;
}
