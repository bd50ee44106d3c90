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
	const uint8_t *input; /* borrowed, not yet looked at */
	size_t input_len;
	struct buf begun; /* a frame that did not lie whole in one input */
	bool handed_out;  /* it is whole, and was taken */
	bool malformed;
};

struct notify_decoder *notify_decoder_new(void)
{
	struct notify_decoder *dec = xcalloc(1, sizeof(*dec));

	buf_init(&dec->begun, HEADER_SIZE + NOTIFY_BODY_MAX);
	return dec;
}

void notify_decoder_free(struct notify_decoder *dec)
{
	if (dec == NULL)
		return;
	buf_done(&dec->begun);
	free(dec);
}

static bool kind_known(uint8_t kind)
{
	return kind >= NOTIFY_HELLO && kind <= NOTIFY_HIDE;
}

void notify_decoder_feed(struct notify_decoder *dec, const void *data,
			 size_t len)
{
	assert(dec->input_len == 0);
	dec->input = data;
	dec->input_len = len;
}

/* Judged before the body arrives: a bad peer costs us one header. */
static bool read_header(const uint8_t *header, size_t *whole)
{
	uint32_t len;

	memcpy(&len, header, sizeof(len));
	len = be32toh(len);
	*whole = LENGTH_SIZE + len;
	return len >= 1 && len <= 1 + NOTIFY_BODY_MAX &&
	       kind_known(header[LENGTH_SIZE]);
}

static void skip_input(struct notify_decoder *dec, size_t len)
{
	dec->input += len;
	dec->input_len -= len;
}

/* Until so many bytes of the frame are here; false: they are not. */
static bool complete_to(struct notify_decoder *dec, size_t len)
{
	size_t missing = len > dec->begun.len ? len - dec->begun.len : 0;
	size_t taken = missing < dec->input_len ? missing : dec->input_len;

	if (taken > 0) {
		buf_add(&dec->begun, dec->input, taken);
		skip_input(dec, taken);
	}
	return taken == missing;
}

/* Bytes from so far on, of which whole make a frame; NULL: not yet. */
static const uint8_t *next_whole(struct notify_decoder *dec, size_t *whole)
{
	bool begun = dec->begun.len > 0;
	const uint8_t *at = dec->input;

	if (begun || dec->input_len < HEADER_SIZE) {
		if (!complete_to(dec, HEADER_SIZE))
			return NULL;
		begun = true;
		at = (const uint8_t *)dec->begun.data;
	}
	if (!read_header(at, whole)) {
		dec->malformed = true;
		return NULL;
	}
	if (!begun && dec->input_len >= *whole) {
		skip_input(dec, *whole);
		return at;
	}
	if (!complete_to(dec, *whole))
		return NULL;
	dec->handed_out = true;
	return (const uint8_t *)dec->begun.data;
}

enum notify_status notify_decoder_next(struct notify_decoder *dec,
				       struct notify_frame *frame)
{
	const uint8_t *bytes;
	size_t whole;

	if (dec->handed_out)
		buf_done(&dec->begun);
	dec->handed_out = false;
	bytes = dec->malformed ? NULL : next_whole(dec, &whole);
	if (bytes == NULL)
		return dec->malformed ? NOTIFY_MALFORMED : NOTIFY_NEED_MORE;
	*frame = (struct notify_frame){
		.kind = bytes[LENGTH_SIZE],
		.body = bytes + HEADER_SIZE,
		.body_len = whole - HEADER_SIZE,
	};
	return NOTIFY_FRAME;
}

bool notify_decoder_empty(const struct notify_decoder *dec)
{
	return !dec->malformed && dec->input_len == 0 &&
	       (dec->begun.len == 0 || dec->handed_out);
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

size_t notify_frame_begin(struct buf *out, enum notify_kind kind)
{
	const char header[HEADER_SIZE] = {[LENGTH_SIZE] = (char)kind};
	size_t begun = out->len;

	buf_add(out, header, sizeof(header));
	return begun;
}

bool notify_frame_end(struct buf *out, size_t begun)
{
	size_t whole = out->len - begun;

	if (out->overflow || whole > HEADER_SIZE + NOTIFY_BODY_MAX) {
		buf_cut(out, begun);
		return false;
	}
	uint32_t len = htobe32((uint32_t)(whole - LENGTH_SIZE));

	memcpy(out->data + begun, &len, sizeof(len));
	return true;
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
